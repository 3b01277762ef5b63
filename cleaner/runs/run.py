"""A run from beginning to end: skip what is done, do the rest, put it in place, write it down."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cleaner.cleaning import Cleaner
from cleaner.errors import CleanerError
from cleaner.formats import places
from cleaner.runs.judged import Tally
from cleaner.runs.lock import alone
from cleaner.runs.manifest import Manifest, Row, agrees
from cleaner.runs.plan import Task
from cleaner.runs.progress import Progress
from cleaner.runs.report import Report
from cleaner.runs.settings import Settings, described, key
from cleaner.runs.shards import Shard
from cleaner.runs.work import PARTS, SIDES, Block, Done, Worker, unforeseen
from cleaner.runs.workers import Outcome, Unit, WorkerDiedError, cores, outcomes
from cleaner.writing import named

#: Small files are handed out together: so many, or so many bytes, at most. How they are grouped
#: must not depend on the number of workers.
_FILES_AT_ONCE = 64
_BYTES_AT_ONCE = 1 << 20

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
        self, tasks: Sequence[Task], cleaner: Cleaner, settings: Settings, orders: Orders
    ) -> None:
        self.report = Report()
        self._tasks, self._settings, self._orders = tasks, settings, orders
        self._options = described(cleaner, settings)
        self._worker = Worker(cleaner, settings, orders.state)
        self._failures: dict[str, str] = {}
        self._synced = 0.0
        self._manifest: Manifest
        self._progress: Progress

    def do(self, finish: Callable[[Run], None]) -> Report:
        """Do all tasks, and then what is to be done with all their rows before others may come."""
        began, state = time.monotonic(), self._orders.state
        with alone(state, self._orders.say):
            with named(state):
                for folder in (PARTS, *SIDES):
                    (state / folder).mkdir(parents=True, exist_ok=True)
            self._clear()
            self._manifest = Manifest(state / "manifest.jsonl")
            try:
                self._do(self._todo())
                self._manifest.sync()
                self._sum()
                self.report.seconds = time.monotonic() - began
                finish(self)
                if not self._failures:
                    self._tidy()
            finally:
                self._clear()
                self._manifest.close()
        return self.report

    def rows(self) -> Iterator[tuple[Task, Row]]:
        """Of every task that has its output: the task and its row, in order."""
        for task in self._tasks:
            row = self._manifest.row(task.relative)
            if task.relative not in self._failures and row is not None:
                yield task, row

    def side(self, row: Row, side: str) -> tuple[Path, int, int]:
        """Where the rows about an output's strippings are: file, offset and bytes."""
        name, offset, size = row["sides"][side]
        return self._orders.state / side / name, offset, size

    def _todo(self) -> list[Task]:
        todo, changed = [], Counter[str]()
        for task in self._tasks:
            row = None if self._orders.force else self._manifest.row(task.relative)
            if row is not None and task.facts is not None:
                reasons = self._reasons(row, task)
                if not reasons:
                    self.report.skipped += 1
                    continue
                changed[", ".join(reasons)] += 1
            todo.append(task)
        for reason, count in changed.items():
            if reason:
                files = "1 file is" if count == 1 else f"{count} files are"
                self._orders.say(f"since the last run has changed: {reason}; {files} done again")
        return todo

    def _reasons(self, row: Row, task: Task) -> list[str]:
        """What does not agree between a row and the task as it is."""
        reasons = ["model"] if row["model"] != self._orders.model else []
        before = row["options"]
        for name, value in self._options.items():
            if before.get(name) != value:
                reasons.append(f"{name} ({before.get(name)}, now {value})")
        if row["kind"] != self._kind(task):
            reasons.append("format")
        if self._settings.rejects and "rejects" not in row["sides"]:
            reasons.append("rejects are asked for")
        if self._settings.sample and row["sampled"] != self._sampled():
            reasons.append("a sample is asked for")
        assert task.facts is not None
        size, stamp = task.facts
        as_it_was = agrees(
            row,
            source=task.source,
            size=size,
            stamp=stamp,
            digest=lambda: places.digest(task.source),
        )
        if not reasons and not as_it_was:
            reasons.append("the source")
        if not reasons and not self._in_place(task, row):
            reasons.append("the output")
        return reasons

    def _in_place(self, task: Task, row: Row) -> bool:
        try:
            return bool(places.facts(task.target).size == row["written"])
        except CleanerError:
            return False

    def _kind(self, task: Task) -> list[str]:
        return [task.kind.read, task.kind.written, task.kind.packing]

    def _sampled(self) -> list[int]:
        return [self._settings.sample, self._settings.seed]

    def _do(self, todo: Sequence[Task]) -> None:
        total = sum(task.facts.size for task in todo if task.facts)
        workers = self._orders.workers
        if workers is None:
            workers = cores() if total >= _WORTH_WORKERS else 1
        self._progress = Progress(total, self._orders.shown)
        work = outcomes(self._units(todo), workers)
        try:
            for outcome in work:
                self._take(outcome)
        finally:
            work.close()  # type: ignore[attr-defined]
            self._progress.close()

    def _units(self, todo: Sequence[Task]) -> Iterator[Unit]:
        """The work in order. Files stand together as if all were to do, whatever is left of them:

        so their texts meet the same others in a batch after a crash as without one.
        """
        left = {task.relative for task in todo}
        held: list[Task] = []
        size = 0
        for task in self._tasks:
            bytes_ = task.facts.size if task.facts else 0
            large = task.kind.is_records and bytes_ > self._settings.block_size
            full = len(held) == _FILES_AT_ONCE or size + bytes_ > _BYTES_AT_ONCE
            if large or full:
                yield from self._together(held, left)
                held, size = [], 0
            if large and task.relative in left:
                yield from self._blocks(task)
            elif not large:
                held.append(task)
                size += bytes_
        yield from self._together(held, left)

    def _together(self, tasks: list[Task], left: set[str]) -> Iterator[Unit]:
        some = [task for task in tasks if task.relative in left]
        if some:
            yield Unit(self._worker.files, some, some, lambda: [self._one(one) for one in some])

    def _one(self, task: Task) -> Unit:
        return Unit(self._worker.files, [task], [task], lambda: [self._one(task)])

    def _blocks(self, task: Task) -> Iterator[Unit]:
        name = key([
            *(task.source, task.relative, self._kind(task), self._options),
            *(self._orders.model, self._settings.rejects, self._sampled()),
        ])  # fmt: skip
        shard, before = Shard(task, self._worker, name), 0
        try:
            for block, read in shard.blocks():
                yield self._block(block, shard, read - before)
                before = read
        except CleanerError as error:
            shard.error = str(error)
        self._end(shard)

    def _block(self, block: Block, shard: Shard, read: int) -> Unit:
        return Unit(
            self._worker.block, block, (shard, read), lambda: [self._block(block, shard, read)]
        )

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
            self._manifest.sync()
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
                    self._manifest.sync()
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
        self._manifest.add({
            "output": task.relative, "source": task.source,
            "size": done.facts.size, "stamp": done.facts.stamp, "digest": done.digest,
            "model": self._orders.model, "options": self._options, "kind": self._kind(task),
            "sampled": self._sampled(), "written": written,
            "tally": done.tally.as_dict(), "sides": done.sides,
        })  # fmt: skip
        self.report.done += 1
        return True

    def _sum(self) -> None:
        self.report.failed = len(self._failures)
        for task in self._tasks:
            failure = self._failures.get(task.relative)
            if failure is not None:
                self.report.fail([failure], 1)
                continue
            row = self._manifest.row(task.relative)
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
            named_ = {name for row in self._manifest.rows() for name, _, _ in row["sides"].values()}
            for path in found:
                if path.name not in named_:
                    path.unlink(missing_ok=True)
        for folder in (state / PARTS).iterdir():
            if folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
        self._manifest.compact()


def _said(task: Task, error: BaseException) -> str:
    if isinstance(error, WorkerDiedError):
        return f"{task.source}: kills the worker that cleans it (out of memory?); left out"
    return str(error) if isinstance(error, CleanerError) else unforeseen(task, error)


def removed(state: Path) -> None:
    """Remove a state that is of no more use."""
    with contextlib.suppress(OSError):
        shutil.rmtree(state)
