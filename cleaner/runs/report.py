"""What a run did: counts that add up over files, for people and as JSON."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cleaner.runs.judged import Tally

#: So many files are named as the slowest.
_SLOWEST = 10

#: So many failures are told one by one; the rest are counted.
_TOLD = 1000


@dataclass(slots=True)
class Report:
    """A run's outcome, files that were done by earlier runs included.

    failures: a line each, of files that have no output and of records that were kept as they were;
    slowest: seconds and name; seconds: of the run; bytes: read and written, files as they lie.
    """

    tally: Tally = field(default_factory=Tally)
    done: int = 0
    skipped: int = 0
    failed: int = 0
    read: int = 0
    written: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    failure_count: int = 0
    slowest: list[tuple[float, str]] = field(default_factory=list)

    def add(self, row: dict[str, Any]) -> None:
        """Count the row of a file that has its output."""
        tally = Tally.of(row["tally"])
        self.tally.add(tally)
        self.read += row["size"]
        self.written += row["written"]
        self.fail(tally.faults, tally.faulty)
        self.slowest = heapq.nlargest(_SLOWEST, [*self.slowest, (tally.seconds, row["source"])])

    def fail(self, lines: list[str], count: int) -> None:
        """Count failures, of which some are told."""
        self.failure_count += count
        self.failures += lines[: _TOLD - len(self.failures)]

    def told(self) -> Iterator[str]:
        """The failures, a line each."""
        yield from self.failures
        if self.failure_count > len(self.failures):
            yield f"and {self.failure_count - len(self.failures)} failures more"

    def summary(self) -> Iterator[str]:
        """The counts, a line each."""
        yield from self.tally.stats.summary()
        yield f"files      {self.done} cleaned, {self.skipped} as before, {self.failed} failed"
        yield f"bytes      {self.read} read, {self.written} written"
        if self.failure_count:
            yield f"failures   {self.failure_count}"
        slow = [(seconds, name) for seconds, name in self.slowest if seconds >= 1]
        if slow:
            yield "slowest"
            for seconds, name in slow:
                yield f"  {seconds:8.1f} s  {name}"

    def as_dict(self) -> dict[str, Any]:
        """All of it by name, ready for JSON."""
        stats = self.tally.stats
        return {
            "documents": stats.documents,
            "files": {"cleaned": self.done, "as_before": self.skipped, "failed": self.failed},
            "bytes": {"read": self.read, "written": self.written},
            "seconds": round(self.seconds, 3),
            "lines": {"read": stats.lines, "kept": stats.kept_lines},
            "characters": {"read": stats.characters, "kept": stats.kept_characters},
            "stripped": {
                category: {"lines": lines, "characters": stats.stripped_characters[category]}
                for category, lines in stats.stripped_lines.most_common()
            },
            "emptied": {"count": stats.emptied, "documents": stats.emptied_names},
            "slowest": [{"file": name, "seconds": seconds} for seconds, name in self.slowest],
            "failures": {"count": self.failure_count, "told": self.failures},
        }
