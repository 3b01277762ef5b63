"""A large file in blocks: which of them are done, and the file that they make up."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cleaner.errors import InputError
from cleaner.formats import places
from cleaner.formats.choosing import opened
from cleaner.formats.compression import told, unpacked
from cleaner.formats.places import Facts
from cleaner.formats.record import Format
from cleaner.runs.judged import Tally
from cleaner.runs.plan import Task
from cleaner.runs.work import PARTS, SIDES, Block, Done, Worker
from cleaner.writing import named


class Shard:
    """A file that is done block by block. Blocks that an earlier run has done count as done.

    name: stands for the task and all that changes its output; error: why it cannot be done.
    """

    def __init__(self, task: Task, worker: Worker, name: str) -> None:
        self.task, self.error = task, ""
        self._worker, self._folder = worker, worker.state / PARTS / name
        self._done = 0
        self._blocks: int | None = None
        self._tally = Tally()
        self._facts, self._digest = Facts(0, ""), ""

    def blocks(self) -> Iterator[tuple[Block, int]]:
        """The blocks that are still to do, each with the bytes of the file read until then."""
        count, source = 0, self.task.source
        try:
            with named(self.task.target):
                self._folder.mkdir(parents=True, exist_ok=True)
            self._facts, self._digest = places.facts(source), places.digest(source)
            format_ = self._format()
            with told(source), places.opened(source) as raw:
                for cut in format_.cut(
                    unpacked(raw, self.task.kind.codec), self._worker.settings.block_size
                ):
                    digest = hashlib.blake2b(cut.payload, digest_size=16).hexdigest()
                    block = Block(self.task, cut, digest, self._stem(count))
                    note = self._note(block)
                    if note is None:
                        yield block, raw.tell()
                    else:
                        self.take(note)
                    count += 1
                    if self.error:
                        return
            if places.facts(source) != self._facts:
                raise InputError(f"{source}: was written to while it was read; run again")
        except InputError as error:
            self.error = str(error)
        else:
            self._blocks = count

    def _format(self) -> Format:
        return opened(self.task.kind, self._worker.settings.layout, self.task.source)

    def _stem(self, number: int) -> Path:
        return self._folder / f"{number:07}"

    def _note(self, block: Block) -> dict[str, Any] | None:
        """The note that the block is done, if it is, and was cut as it is now."""
        try:
            note = json.loads(block.stem.with_suffix(".json").read_bytes())
        except (OSError, ValueError):
            return None
        return note if note.get("digest") == block.digest else None

    def take(self, note: dict[str, Any]) -> None:
        """Count a block as done."""
        self._done += 1
        self._tally.add(Tally.of(note))

    @property
    def is_complete(self) -> bool:
        """Whether all blocks are done, and nothing is wrong."""
        return not self.error and self._done == self._blocks

    def joined(self) -> Done:
        """The file made up of all blocks; raises `CleanerError` if it cannot be written."""
        name = uuid.uuid4().hex
        done = Done(self.task, self._worker.state / PARTS / name, self._facts, self._digest)
        done.tally = self._tally
        numbers = range(self._blocks or 0)
        assert done.part is not None
        with named(self.task.target), done.part.open("wb") as sink:
            parts = (self._stem(number).with_suffix(".part").read_bytes() for number in numbers)
            self._format().join(parts, sink)
            sink.flush()
            os.fsync(sink.fileno())
        for side in SIDES:
            if getattr(self._worker.settings, side):
                path = self._worker.state / side / name
                with named(path), path.open("wb") as sink:
                    for number in numbers:
                        with self._stem(number).with_suffix(f".{side}").open("rb") as rows:
                            shutil.copyfileobj(rows, sink, 1 << 20)
                done.sides[side] = (name, 0, path.stat().st_size)
        return done

    def forget(self) -> None:
        """Remove the blocks, after the file is in place and that is written down."""
        with contextlib.suppress(OSError):
            shutil.rmtree(self._folder)
