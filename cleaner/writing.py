"""Text and records out: whole files or none."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from cleaner.errors import CleanerError

_NUMBERS = itertools.count()


class Replacement:
    """A file that takes the place of `path` when its block ends well, and else leaves no trace.

    Folders on the way are made. A device or a pipe is written to as it is. What cannot be written
    raises `CleanerError` naming `path`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._special = path.exists() and not path.is_file() and not path.is_dir()
        name = f".cleaner-{os.getpid()}-{next(_NUMBERS)}.partial"
        self._partial = path if self._special else Path(os.path.realpath(path)).with_name(name)
        self._file: BinaryIO

    def __enter__(self) -> Self:
        with named(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.is_dir():
                raise IsADirectoryError(0, "is a directory")
            try:
                self._file = self._partial.open("wb")
            except BaseException:  # an interrupt just after the file was made
                self._discard()
                raise
        return self

    @property
    def stream(self) -> BinaryIO:
        """The open file, for what writes by itself."""
        return self._file

    def write(self, data: bytes) -> None:
        """Append `data`."""
        with named(self.path):
            self._file.write(data)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with named(self.path) if kind is None else contextlib.suppress(OSError):
                self._file.close()
                if kind is None and not self._special:
                    self._partial.replace(os.path.realpath(self.path))
        finally:
            self._discard()

    def _discard(self) -> None:
        if not self._special:
            self._partial.unlink(missing_ok=True)


@contextlib.contextmanager
def named(name: object) -> Any:
    """Within it, what cannot be written raises a `CleanerError` with this name."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CleanerError(f"{name}: cannot be written ({error.strerror or error})") from error


def write_file(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with Replacement(path) as file:
        file.write(data)


def write_stream(stream: BinaryIO, data: bytes) -> None:
    """Write `data` to a stream and see it through; a closed pipe raises `BrokenPipeError`."""
    with named("standard output"):
        stream.write(data)
        stream.flush()


def json_line(record: dict[str, Any]) -> bytes:
    """One record as a line of JSON in UTF-8; lone surrogates are escaped."""
    try:
        return json.dumps(record, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(record).encode() + b"\n"
