"""What has been done, a row an output: appended, seen onto the disk, and trusted line by line."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cleaner.writing import json_line, named

#: What is known of an output: its path and size (output, written), its source as it was (source,
#: size, stamp, digest), what it was made with (model, options, kind), what was kept of strippings
#: (rejects, sampled, sides), and counts (tally).
Row = dict[str, Any]


class Manifest:
    """The rows of a file; of several about one output the last counts.

    Rows stay on the disk, and only where they are is held in memory. A last line that a crash has
    torn is passed over. Raises `CleanerError` if the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[bytes, int] = {}
        self._rows = 0
        with named(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
            self._file.seek(0)
            whole = 0
            for line in iter(self._file.readline, b""):
                row = _parsed(line)
                if row is not None:
                    self._places[_name(row["output"])] = whole
                    self._rows += 1
                whole += len(line)
            if whole and not _line_ended(self._file, whole):
                self._file.write(b"\n")
            self._end = self._file.seek(0, os.SEEK_END)

    def row(self, output: str) -> Row | None:
        """The row about the output."""
        place = self._places.get(_name(output))
        if place is None:
            return None
        self._file.flush()
        self._file.seek(place)
        return _parsed(self._file.readline())

    def add(self, row: Row) -> None:
        """Append a row; `sync` sees it onto the disk."""
        data = json_line(row)
        with named(self._path):
            self._file.seek(0, os.SEEK_END)
            self._file.write(data)
            self._file.flush()
        self._places[_name(row["output"])] = self._end
        self._end += len(data)
        self._rows += 1

    def sync(self) -> None:
        """See all rows onto the disk."""
        with named(self._path):
            os.fsync(self._file.fileno())

    def rows(self) -> Iterator[Row]:
        """All rows that count."""
        self._file.flush()
        for place in sorted(self._places.values()):
            self._file.seek(place)
            row = _parsed(self._file.readline())
            if row is not None:
                yield row

    def compact(self) -> None:
        """Write the file anew without the rows that were replaced, if these are the most."""
        if self._rows <= 2 * len(self._places):
            return
        partial = self._path.with_name(f"{self._path.name}-{os.getpid()}")
        with named(self._path), partial.open("wb") as file:
            for row in self.rows():
                file.write(json_line(row))
            file.flush()
            os.fsync(file.fileno())
            partial.replace(self._path)
        self._rows = len(self._places)

    def close(self) -> None:
        """Close the file; there is no more use of the manifest."""
        with contextlib.suppress(OSError):
            self._file.close()


def _line_ended(file: Any, size: int) -> bool:
    file.seek(size - 1)
    return bool(file.read(1) == b"\n")


def _name(output: str) -> bytes:
    return hashlib.blake2b(output.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _parsed(line: bytes) -> Row | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and "output" in row else None
