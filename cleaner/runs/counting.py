"""The lines of all files counted, before any is cleaned by what the counts say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import CleanerError, InputError
from cleaner.formats import places
from cleaner.formats.choosing import opened
from cleaner.formats.compression import told, unpacked
from cleaner.formats.record import HTML, Cut, Format
from cleaner.repeats import Counts, host_of, lines_of
from cleaner.runs.plan import Task
from cleaner.runs.settings import Settings, key
from cleaner.runs.units import bundles
from cleaner.runs.workers import Unit, outcomes
from cleaner.writing import write_file

#: Texts are looked at so many at a time.
_TEXTS_AT_ONCE = 256


class _Lines(NamedTuple):
    """Lines as they are counted, of so many documents; errors: of files left out."""

    lines: NDArray[np.uint64]
    documents: int
    errors: list[str]


@dataclass(frozen=True, slots=True)
class _Counter:
    """What a worker does with files, and with blocks of large ones."""

    settings: Settings

    def files(self, tasks: Sequence[Task]) -> _Lines:
        parts: list[_Lines] = []
        for task in tasks:
            try:
                format_ = self.format(task)
                with told(task.source), places.opened(task.source) as raw:
                    stream = unpacked(raw, task.kind.codec)
                    cuts = format_.cut(stream, self.settings.block_size)
                    found = _together([_lines(format_, cut) for cut in cuts])
                if not task.kind.is_records:  # each line once, in however many stretches it came
                    found = _Lines(np.unique(found.lines), 1, found.errors)
                parts.append(found)
            except CleanerError as error:
                parts.append(_Lines(np.zeros(0, np.uint64), 0, [str(error)]))
        return _together(parts)

    def block(self, argument: tuple[Task, Cut]) -> _Lines:
        task, cut = argument
        return _lines(self.format(task), cut)

    def format(self, task: Task) -> Format:
        if task.kind.holds == HTML:
            raise InputError(f"{task.source}: lines of HTML are not counted")
        return opened(task.kind, self.settings.layout, task.source)


def _lines(format_: Format, cut: Cut) -> _Lines:
    known = [
        (record.text, host_of(record.url))
        for record in format_.records(cut)
        if record.text is not None
    ]
    parts = []
    for begin in range(0, len(known), _TEXTS_AT_ONCE):
        some = known[begin : begin + _TEXTS_AT_ONCE]
        parts.append(lines_of([text for text, _ in some], [host for _, host in some]))
    return _Lines(np.concatenate([np.zeros(0, np.uint64), *parts]), len(known), [])


def _together(parts: Sequence[_Lines]) -> _Lines:
    return _Lines(
        np.concatenate([np.zeros(0, np.uint64), *(part.lines for part in parts)]),
        sum(part.documents for part in parts),
        [error for part in parts for error in part.errors],
    )


def counted(tasks: Sequence[Task], settings: Settings, workers: int) -> tuple[Counts, list[str]]:
    """The counts of all files' lines, and the errors of those that could not be read.

    Lines of records that have a URL are counted by its host, all others together.
    """
    counts, errors = Counts(), list[str]()
    counter = _Counter(settings)
    for outcome in outcomes(_units(tasks, counter, errors), workers):
        if outcome.error is not None:
            errors.append(str(outcome.error))
            continue
        found: _Lines = outcome.value
        counts.count(found.lines, found.documents)
        errors += found.errors
    return counts, errors


def _units(tasks: Sequence[Task], counter: _Counter, errors: list[str]) -> Iterator[Unit]:
    for some in bundles(tasks, counter.settings.block_size):
        if not isinstance(some, Task):
            yield _unit(counter, some)
            continue
        try:
            yield from _blocks(some, counter)
        except CleanerError as error:
            errors.append(str(error))


def _unit(counter: _Counter, tasks: list[Task]) -> Unit:
    return Unit(counter.files, tasks, tasks, lambda: [_unit(counter, [one]) for one in tasks])


def _blocks(task: Task, counter: _Counter) -> Iterator[Unit]:
    with told(task.source), places.opened(task.source) as raw:
        stream = unpacked(raw, task.kind.codec)
        for cut in counter.format(task).cut(stream, counter.settings.block_size):
            yield _block(counter, (task, cut))


def _block(counter: _Counter, argument: tuple[Task, Cut]) -> Unit:
    return Unit(counter.block, argument, argument[0], lambda: [_block(counter, argument)])


def remembered(tasks: Sequence[Task], settings: Settings, workers: int, state: Path) -> Path:
    """The file of the tasks' counts in the run's state, made unless it is of the same files.

    Files that cannot be read are left out; the run itself tells of them.
    """
    path, about = state / "repeats.npz", state / "repeats.json"
    facts = [(task.source, task.facts) for task in tasks]
    name = key([settings.layout.field, settings.layout.encoding, facts])
    try:
        if path.exists() and json.loads(about.read_bytes()) == name:
            return path
    except (OSError, ValueError):
        pass
    about.unlink(missing_ok=True)
    counts, _ = counted(tasks, settings, workers)
    counts.save(path)
    write_file(about, json.dumps(name).encode())
    return path
