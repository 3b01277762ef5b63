"""Files in, files out: where each output goes, and a failure that costs one file only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cleaner.cleaning import Cleaner
from cleaner.document import Fragment
from cleaner.errors import CleanerError, OptionError
from cleaner.mending import mended
from cleaner.reading import decoded, read_bytes, sources
from cleaner.writing import write_file


@dataclass(frozen=True, slots=True)
class Task:
    """One input file and where its output goes."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: the verdicts on its text, or the error it ended with."""

    task: Task
    fragments: Sequence[Fragment] = ()
    error: CleanerError | None = None


def plan(paths: Sequence[Path], output: Path) -> list[Task]:
    """Which file is written for which input.

    One file given, and `output` no folder: `output` itself. Else one file below `output` for each
    input, at the input's relative path. Raises `OptionError` where an output would be an input
    or two outputs one file.
    """
    found = list(sources(paths, output))
    alone = len(paths) == 1 and not paths[0].is_dir()
    if alone and not output.is_dir() and not str(output).endswith(os.sep):
        tasks = [Task(source.path, output) for source in found]
    else:
        tasks = [Task(source.path, output / source.relative) for source in found]
    inputs = {os.path.realpath(task.source) for task in tasks}
    targets: dict[str, Task] = {}
    for task in tasks:
        real = os.path.realpath(task.target)
        if real in inputs:
            raise OptionError(
                f"{task.target}: would be written over an input; choose another --output"
            )
        if real in targets:
            raise OptionError(
                f"{targets[real].source} and {task.source} would both be written to "
                f"{task.target}; clean them apart"
            )
        targets[real] = task
    return tasks


def run(tasks: Iterable[Task], cleaner: Cleaner, encoding: str) -> Iterator[Outcome]:
    """Clean every task's file, in order; one that fails is told of and the rest goes on."""
    for task in tasks:
        try:
            data = decoded(read_bytes(task.source), encoding, str(task.source))
            fragments = cleaner.inspect(data.text)
            write_file(task.target, data.encoded(mended(data.text, fragments)))
        except CleanerError as error:
            yield Outcome(task, error=error)
        else:
            yield Outcome(task, fragments)
