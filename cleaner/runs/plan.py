"""Which file is written for which input."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cleaner.errors import InputError, OptionError
from cleaner.formats import places
from cleaner.formats.choosing import Kind, file_to_file, kind, written_as
from cleaner.formats.places import Facts
from cleaner.reading import sources


@dataclass(frozen=True, slots=True)
class Task:
    """One input file and where its output goes.

    source: as it was given; relative: the output's path within the output folder; target: the
    output; facts: of the source, or None where it cannot be read.
    """

    source: str
    relative: str
    target: str
    kind: Kind
    facts: Facts | None


def expanded(paths: Sequence[str]) -> list[str]:
    """The paths with files in the place of patterns."""
    found: list[str] = []
    for path in paths:
        found += places.matching(path) if places.is_pattern(path) else [path]
    return found


def plan(
    paths: Sequence[str],
    output: str,
    asked: str | None = None,
    output_format: str | None = None,
) -> list[Task]:
    """The tasks, in the order in which their files are told of.

    One file given, and `output` no folder: `output` itself. Else one file below `output` for each
    input, at the input's relative path. asked: a format, whatever the files are called;
    output_format: another format to write. Raises `OptionError` where an output would be an input
    or two outputs one file.
    """
    alone = is_file_to_file(paths, output)
    where = None if places.is_remote(output) else Path(output)
    tasks = []
    for source, name in _found(paths, where):
        one = kind(source, asked)
        if alone:
            one = file_to_file(one, source, output, output_format)
            target, relative = output, Path(output).name
        else:
            one, relative = written_as(one, name, output_format)
            target = places.within(output, relative)
        tasks.append(Task(source, relative, target, one, _facts(source)))
    _check(tasks)
    return tasks


def inputs(paths: Sequence[str], asked: str | None = None) -> list[Task]:
    """The files as tasks that are only read: they have no outputs, which may be called alike."""
    return [
        Task(source, name, "", kind(source, asked), _facts(source))
        for source, name in _found(paths, None)
    ]


def _facts(source: str) -> Facts | None:
    try:
        return places.facts(source)
    except InputError:
        return None  # it will be told of when it is to be read


def is_file_to_file(paths: Sequence[str], output: str) -> bool:
    """Whether `output` is the file to write, and no folder to write to."""
    if len(paths) != 1 or output.endswith(("/", os.sep)):
        return False
    if places.is_remote(paths[0]):
        folder = places.below(paths[0]) is not None
    else:
        folder = Path(paths[0]).is_dir()
    if folder:
        return False
    return places.is_remote(output) or not Path(output).is_dir()


def _found(paths: Sequence[str], output: Path | None) -> Iterator[tuple[str, str]]:
    """Every input's place and name; nothing below `output` is one."""
    for path in paths:
        if not places.is_remote(path):
            yield from ((str(one.path), str(one.relative)) for one in sources([Path(path)], output))
            continue
        files = places.below(path)
        yield from [(path, path.rpartition("/")[2])] if files is None else files


def _check(tasks: Sequence[Task]) -> None:
    inputs = {_real(task.source) for task in tasks}
    targets: dict[str, str] = {}
    for task in tasks:
        real = _real(task.target)
        if real in inputs:
            raise OptionError(
                f"{task.target}: would be written over an input; choose another --output"
            )
        if real in targets:
            raise OptionError(
                f"{targets[real]} and {task.source} would both be written to "
                f"{task.target}; clean them apart"
            )
        targets[real] = task.source


def _real(place: str) -> str:
    return place if places.is_remote(place) else os.path.realpath(place)
