"""What an order writes beside its outputs: all that was stripped, or a sample of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cleaner.runs.judged import Judged
from cleaner.runs.report import Report
from cleaner.writing import write_file

if TYPE_CHECKING:
    from cleaner.runs.rejects import RejectsFile
    from cleaner.runs.sampling import Sample


class Total:
    """What a whole order writes beside its outputs: the rejects, and a page with a sample."""

    def __init__(self, rejects: Path | None, sample: int, page: Path | None) -> None:
        self._rejects: RejectsFile | None = None
        self._sample: Sample | None = None
        self._page = page
        if rejects is not None:
            from cleaner.runs.rejects import RejectsFile

            self._rejects = RejectsFile(rejects)
        if sample:
            from cleaner.runs.sampling import Sample

            self._sample = Sample(sample)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> None:
        if self._rejects is not None:
            self._stack.enter_context(self._rejects)

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)  # type: ignore[arg-type]

    def take(self, judged: Judged) -> None:
        """Take what was stripped of a piece."""
        if self._rejects is not None:
            self._rejects.add(judged.rejects)
        if self._sample is not None:
            self._sample.add(judged.sample)

    def take_file(self, sides: Mapping[str, tuple[Path, int, int]]) -> None:
        """Take what was stripped of a file: by kind of rows, where they are and how many bytes."""
        if self._rejects is not None:
            for rows in _lines(*sides["rejects"]):
                self._rejects.add(rows)
        if self._sample is not None:
            for rows in _lines(*sides["sample"]):
                self._sample.add(rows)

    def finish(self, report: Report) -> None:
        """Write the page."""
        if self._sample is not None and self._page is not None:
            stripped = report.tally.stats.stripped_lines.total()
            write_file(self._page, self._sample.page(stripped).encode())


def _lines(path: Path, offset: int, size: int) -> Iterator[bytes]:
    """The bytes in parts that end at line ends."""
    if not size:
        return
    with path.open("rb") as file:
        file.seek(offset)
        while size > 0:
            data = file.read(min(size, 1 << 20))
            data += file.readline() if len(data) < size and not data.endswith(b"\n") else b""
            size -= len(data)
            yield data
