"""What a worker does: it cleans files as a whole, or one block of a large file."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from cleaner.errors import CleanerError, InputError
from cleaner.formats import places
from cleaner.formats.choosing import opened
from cleaner.formats.compression import told, unpacked
from cleaner.formats.places import Facts
from cleaner.formats.record import Cut
from cleaner.runs.judged import Judged, Judges, Piece, Tally, judged
from cleaner.runs.plan import Task
from cleaner.runs.settings import Settings
from cleaner.writing import named

#: Kinds of rows that are kept of strippings, each in a folder of the state.
SIDES = ("rejects", "sample")

#: The folder of the state for outputs that are not yet in place.
PARTS = "parts"


@dataclass(slots=True)
class Done:
    """What has become of a file. part: its output, not yet in place; error: why there is none.

    sides: by kind, the file that holds its rows, and their offset and number of bytes there.
    """

    task: Task
    part: Path | None = None
    facts: Facts = field(default_factory=lambda: Facts(0, ""))
    digest: str = ""
    tally: Tally = field(default_factory=Tally)
    sides: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A cut of a large file, and the path that the files of its outcome begin with."""

    task: Task
    cut: Cut
    digest: str
    stem: Path


@dataclass(frozen=True, slots=True)
class Worker:
    """Cleans what it is given, with all that it needs for that; pickles to little.

    state: the run's folder for all that is no output.
    """

    judges: Judges
    settings: Settings
    state: Path

    def files(self, tasks: Sequence[Task]) -> list[Done]:
        """Clean whole files, their texts together. One that fails costs itself alone."""
        try:
            return self._together(tasks)
        except Exception as error:
            if len(tasks) > 1:  # which of them it was
                return [done for task in tasks for done in self.files([task])]
            return [Done(tasks[0], error=unforeseen(tasks[0], error))]

    def _together(self, tasks: Sequence[Task]) -> list[Done]:
        began, bundle = time.perf_counter(), uuid.uuid4().hex
        dones = {task.relative: Done(task) for task in tasks}
        outcome = judged(self.judges, self.settings, self._pieces(dones.values()))
        for number, (file, pieces) in enumerate(
            itertools.groupby(outcome, key=lambda one: one.piece.file)
        ):
            done = dones[file]
            done.part = self.state / PARTS / f"{bundle}-{number}"
            try:
                self._write(done, pieces, bundle)
            except CleanerError as error:
                done.error = done.error or str(error)
            if done.error:
                done.part.unlink(missing_ok=True)
        seconds = time.perf_counter() - began
        total = sum(done.tally.stats.characters for done in dones.values()) or 1
        for done in dones.values():
            # Files of one bundle are worked on together: each has its share of the time.
            done.tally.seconds = seconds * done.tally.stats.characters / total
        return list(dones.values())

    def _pieces(self, dones: Iterable[Done]) -> Iterator[Piece]:
        for done in dones:
            task = done.task
            try:
                done.facts = places.facts(task.source)
                format_ = opened(task.kind, self.settings.layout, task.source)
                with told(task.source), self._bytes(done) as raw:
                    stream = unpacked(raw, task.kind.codec)
                    for cut in format_.cut(stream, self.settings.block_size):
                        records = format_.records(cut)
                        yield Piece(format_, cut, records, task.source, task.relative)
            except InputError as error:
                done.error = str(error)

    def _bytes(self, done: Done) -> BinaryIO:
        """The file's bytes, in memory unless they are many, with their digest told to `done`."""
        source = done.task.source
        if done.facts.size > self.settings.block_size:
            done.digest = places.digest(source)
            return places.opened(source)
        with places.opened(source) as file:
            data = file.read()
        done.digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        return io.BytesIO(data)

    def _write(self, done: Done, pieces: Iterator[Judged], bundle: str) -> None:
        wanted = self._wanted()
        offsets = {side: self._size(side, bundle) for side in wanted}
        first = next(pieces)

        def packed() -> Iterator[bytes]:
            for one in itertools.chain([first], pieces):
                done.tally.add(one.tally)
                for side in wanted:
                    with (self.state / side / bundle).open("ab") as file:
                        file.write(getattr(one, side))
                yield one.piece.format.pack(one.body)

        with named(done.task.target), cast(Path, done.part).open("wb") as sink:
            first.piece.format.join(packed(), sink)
        for side, offset in offsets.items():
            done.sides[side] = (bundle, offset, self._size(side, bundle) - offset)

    def _wanted(self) -> list[str]:
        return [side for side in SIDES if getattr(self.settings, side)]

    def _size(self, side: str, name: str) -> int:
        path = self.state / side / name
        return path.stat().st_size if path.exists() else 0

    def block(self, block: Block) -> dict[str, Any]:
        """Clean a block and keep its outcome, safe from a crash; the outcome's note.

        The note is written last: a block that has one is done.
        """
        began, task = time.perf_counter(), block.task
        format_ = opened(task.kind, self.settings.layout, task.source)
        piece = Piece(format_, block.cut, format_.records(block.cut), task.source, task.relative)
        (one,) = judged(self.judges, self.settings, [piece])
        with named(task.target):
            safe(block.stem.with_suffix(".part"), format_.pack(one.body))
            for side in self._wanted():
                safe(block.stem.with_suffix(f".{side}"), getattr(one, side))
            one.tally.seconds = time.perf_counter() - began
            note = {"digest": block.digest, **one.tally.as_dict()}
            safe(block.stem.with_suffix(".json"), json.dumps(note).encode())
        return note


def safe(path: Path, data: bytes) -> None:
    """Write a whole file or none, and see it onto the disk."""
    partial = path.with_name(f"{path.name}-{os.getpid()}")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def unforeseen(task: Task, error: BaseException) -> str:
    """The message about a file after an error that nobody has thought of."""
    return f"{task.source}: cannot be cleaned ({type(error).__name__}: {error})"
