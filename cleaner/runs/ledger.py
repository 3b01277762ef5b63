"""The manifest read with a run's eyes: what of it agrees with what is to be done now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cleaner.errors import CleanerError
from cleaner.formats import places
from cleaner.formats.record import HTML, TEXT
from cleaner.runs.judged import Judges
from cleaner.runs.manifest import Manifest, Row
from cleaner.runs.plan import Task
from cleaner.runs.settings import Settings, described, key
from cleaner.runs.work import Done


class Ledger:
    """What has been done and may stand. model: digest of the model in use."""

    def __init__(self, path: Path, judges: Judges, model: str, settings: Settings) -> None:
        self.manifest = Manifest(path)
        self._model, self._settings = model, settings
        self._options = described(judges[TEXT], settings)

    def name(self, task: Task) -> str:
        """A name for the task and all that its output depends on, but for the source's content."""
        return key([task.source, task.relative, *self._wanted(task).items()])

    def _wanted(self, task: Task) -> dict[str, Any]:
        settings = self._settings
        return {
            "model": self._model,
            "options": self._options,
            "kind": self._kind(task),
            "sampled": [settings.sample, settings.seed],
            "rejects": settings.rejects,
        }

    def _kind(self, task: Task) -> list[str | None]:
        one = task.kind
        kind: list[str | None] = [one.read, one.written, one.packing]
        if one.holds == HTML:
            # Not among the options: what is no HTML is not done again for these.
            kind += [one.holds, one.body, self._settings.layout.page_encoding]
        return kind

    def row(self, task: Task) -> Row | None:
        """The row about the task's output, whatever it says."""
        return self.manifest.row(task.relative)

    def rows(self) -> Iterator[Row]:
        """All rows, those of other runs into the same folder included."""
        return self.manifest.rows()

    def add(self, done: Done, written: int) -> None:
        """Write down that a file's output, of so many bytes, is in its place."""
        task = done.task
        self.manifest.add({
            "output": task.relative, "source": task.source,
            "size": done.facts.size, "stamp": done.facts.stamp, "digest": done.digest,
            **self._wanted(task),
            "written": written, "tally": done.tally.as_dict(), "sides": done.sides,
        })  # fmt: skip

    def reasons(self, row: Row, task: Task) -> list[str]:
        """What does not agree between a row and the task as it is, so that it is done again."""
        wanted = self._wanted(task)
        found = ["model"] if row["model"] != self._model else []
        found += [
            f"{name} ({row['options'].get(name)}, now {value})"
            for name, value in self._options.items()
            if row["options"].get(name) != value
        ]
        if row["kind"] != wanted["kind"]:
            found.append("format")
        if wanted["rejects"] and not row["rejects"]:
            found.append("rejects are asked for")
        if self._settings.sample and row["sampled"] != wanted["sampled"]:
            found.append("a sample is asked for")
        if not found and not _is_about(row, task):
            found.append("the source")
        if not found and not _is_in_place(row, task):
            found.append("the output")
        return found


def _is_about(row: Row, task: Task) -> bool:
    """Whether a row is about the source as it is: its size, and its stamp or else its content."""
    assert task.facts is not None
    if (row["source"], row["size"]) != (task.source, task.facts.size):
        return False
    if row["stamp"] == task.facts.stamp:
        return True
    return bool(row["digest"]) and bool(row["digest"] == places.digest(task.source))


def _is_in_place(row: Row, task: Task) -> bool:
    try:
        return bool(places.facts(task.target).size == row["written"])
    except CleanerError:
        return False
