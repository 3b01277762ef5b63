"""A run from beginning to end: skip what is done, do the rest, put it in place, write it down."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cleaner.errors import CleanerError
from cleaner.formats import places
from cleaner.runs.judged import Judges, Tally
from cleaner.runs.ledger import Ledger
from cleaner.runs.lock import alone
from cleaner.runs.manifest import Row
from cleaner.runs.plan import Task
from cleaner.runs.progress import Progress
from cleaner.runs.report import Report
from cleaner.runs.settings import Settings
from cleaner.runs.shards import Shard
from cleaner.runs.units import units
from cleaner.runs.work import PARTS, SIDES, Done, Worker, unforeseen
from cleaner.runs.workers import Outcome, WorkerDiedError, cores, outcomes
from cleaner.writing import named

#: With less than that to do, more processes take longer to start than they save.
_WORTH_WORKERS = 4 << 20

#: Seconds after which rows of the manifest are seen onto the disk.
_SYNC = 1.0


@dataclass(frozen=True, slots=True)
class Orders:
    """What a run is to do besides its tasks and settings.

    state: folder of the manifest and of all that is not in place yet; model: digest of the model;
    workers: processes, or None for as many as are worth it; force: whether to do again what is
    done; shown: whether to show progress; say: tells the user a line.
    """

    state: Path
    model: str
    workers: int | None
    force: bool
    shown: bool
    say: Callable[[str], None]


class Run:
    """The tasks of one run. `do` them; then `rows` tell of every output that is in place."""

    def __init__(
        self, tasks: Sequence[Task], judges: Judges, settings: Settings, orders: Orders
    ) -> None:
        self.report = Report()
        self._tasks, self._orders = tasks, orders
        self._worker = Worker(judges, settings, orders.state)
        self._failures: dict[str, str] = {}
        self._synced = 0.0
        self._ledger: Ledger
        self._progress: Progress

    def do(self, finish: Callable[[Run], None]) -> Report:
        """Do all tasks, and then what is to be done with all their rows before others may come."""
        began, state = time.monotonic(), self._orders.state
        with alone(state, self._orders.say):
            with named(state):
                for folder in (PARTS, *SIDES):
                    (state / folder).mkdir(parents=True, exist_ok=True)
            self._clear()
            self._ledger = self._opened()
            try:
                self._do(self._todo())
                self._ledger.manifest.sync()
                self._sum()
                self.report.seconds = time.monotonic() - began
                finish(self)
                if not self._failures:
                    self._tidy()
            finally:
                self._clear()
                self._ledger.manifest.close()
        return self.report

    def _opened(self) -> Ledger:
        path = self._orders.state / "manifest.jsonl"
        return Ledger(path, self._worker.judges, self._orders.model, self._worker.settings)

    def rows(self) -> Iterator[tuple[Task, Row]]:
        """Of every task that has its output: the task and its row, in order."""
        for task in self._tasks:
            row = self._ledger.row(task)
            if task.relative not in self._failures and row is not None:
                yield task, row

    def side(self, row: Row, side: str) -> tuple[Path, int, int]:
        """Where the rows about an output's strippings are: file, offset and bytes."""
        name, offset, size = row["sides"][side]
        return self._orders.state / side / name, offset, size

    def _todo(self) -> list[Task]:
        todo, changed = [], Counter[str]()
        for task in self._tasks:
            row = None if self._orders.force else self._ledger.row(task)
            if row is not None and task.facts is not None:
                reasons = self._ledger.reasons(row, task)
                if not reasons:
                    self.report.skipped += 1
                    continue
                changed[", ".join(reasons)] += 1
            todo.append(task)
        for reason, count in changed.items():
            files = "1 file is" if count == 1 else f"{count} files are"
            self._orders.say(f"since the last run has changed: {reason}; {files} done again")
        return todo

    def _do(self, todo: Sequence[Task]) -> None:
        total = sum(task.facts.size for task in todo if task.facts)
        workers = self._orders.workers
        if workers is None:
            workers = cores() if total >= _WORTH_WORKERS else 1
        self._progress = Progress(total, self._orders.shown)
        left = {task.relative for task in todo}
        work = outcomes(units(self._tasks, left, self._worker, self._shard, self._end), workers)
        try:
            for outcome in work:
                self._take(outcome)
        finally:
            work.close()  # type: ignore[attr-defined]
            self._progress.close()

    def _shard(self, task: Task) -> Shard:
        return Shard(task, self._worker, self._ledger.name(task))

    def _take(self, outcome: Outcome) -> None:
        if isinstance(outcome.unit.about, list):
            self._take_files(outcome)
        else:
            shard, read = outcome.unit.about
            if outcome.error is None:
                shard.take(outcome.value)
                self._progress.add(read, Tally.of(outcome.value).stats)
            else:
                shard.error = shard.error or _said(shard.task, outcome.error)
            self._end(shard)
        if time.monotonic() - self._synced > _SYNC:
            self._ledger.manifest.sync()
            self._synced = time.monotonic()

    def _take_files(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            for task in outcome.unit.about:
                self._failures[task.relative] = _said(task, outcome.error)
            return
        for done in outcome.value:
            if done.error:
                self._failures[done.task.relative] = done.error
            else:
                self._place(done)
            self._progress.add(done.facts.size, done.tally.stats)

    def _end(self, shard: Shard) -> None:
        """Put a large file into its place once it is complete, or take down why it failed."""
        if shard.error:
            self._failures[shard.task.relative] = shard.error
        elif shard.is_complete:
            try:
                if self._place(shard.joined()):
                    self._ledger.manifest.sync()
                    shard.forget()
            except CleanerError as error:
                self._failures[shard.task.relative] = str(error)

    def _place(self, done: Done) -> bool:
        task = done.task
        assert done.part is not None
        try:
            written = done.part.stat().st_size
            places.deliver(done.part, task.target)
        except CleanerError as error:
            self._failures[task.relative] = str(error)
            return False
        self._ledger.add(done, written)
        self.report.done += 1
        return True

    def _sum(self) -> None:
        self.report.failed = len(self._failures)
        for task in self._tasks:
            failure = self._failures.get(task.relative)
            if failure is not None:
                self.report.fail([failure], 1)
                continue
            row = self._ledger.row(task)
            if row is not None:
                self.report.add(row)

    def _clear(self) -> None:
        """Remove what a run has left in the making, but for blocks that are done."""
        with contextlib.suppress(OSError):
            for path in (self._orders.state / PARTS).iterdir():
                if path.is_file():
                    path.unlink(missing_ok=True)

    def _tidy(self) -> None:
        """After a run without failures, keep nothing but what rows of the manifest name."""
        state = self._orders.state
        found = [path for side in SIDES for path in (state / side).iterdir()]
        if found:
            named_ = {name for row in self._ledger.rows() for name, _, _ in row["sides"].values()}
            for path in found:
                if path.name not in named_:
                    path.unlink(missing_ok=True)
        for folder in (state / PARTS).iterdir():
            if folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
        self._ledger.manifest.compact()


def _said(task: Task, error: BaseException) -> str:
    if isinstance(error, WorkerDiedError):
        return f"{task.source}: kills the worker that cleans it (out of memory?); left out"
    return str(error) if isinstance(error, CleanerError) else unforeseen(task, error)


def removed(state: Path) -> None:
    """Remove a state that is of no more use."""
    with contextlib.suppress(OSError):
        shutil.rmtree(state)
