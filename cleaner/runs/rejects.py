"""Files of rejects: rows of what was stripped, as JSON lines or Parquet, out and in again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cleaner.errors import InputError, OptionError
from cleaner.extras import library
from cleaner.formats.choosing import PARQUET, kind
from cleaner.formats.compression import check, packed, told, unpacked
from cleaner.rejecting import FIELDS
from cleaner.writing import Replacement

_ROWS_AT_ONCE = 10_000

_NUMBERS = ("record", "start", "end", "at", "since", "until")
#: True in rows of which the strings are written as in JSON: Parquet has no lone surrogates.
_ESCAPED = "escaped"


class RejectsFile:
    """A file of rows, in the format of its name, that is there as a whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._replacement = Replacement(path)
        self._kind = kind(path.name)
        if self._kind.read == PARQUET:
            library("pyarrow.parquet", "writing Parquet")
        check(self._kind.codec)
        self._writer: Any = None
        self._rows: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._replacement.__enter__()
        return self

    def add(self, rows: bytes) -> None:
        """Append rows that are lines of JSON."""
        if self._kind.read != PARQUET:
            if rows:
                self._replacement.write(packed(rows, self._kind.codec))
            return
        for line in rows.splitlines():
            self._rows.append(json.loads(line))
            if len(self._rows) == _ROWS_AT_ONCE:
                self._flush()

    def _flush(self) -> None:
        arrow, parquet = library("pyarrow", ""), library("pyarrow.parquet", "")
        if self._writer is None:
            self._writer = parquet.ParquetWriter(
                self._replacement.stream, _schema(arrow), compression="zstd"
            )
        rows = [_encodable(row) for row in self._rows]
        if rows:
            self._writer.write_table(arrow.Table.from_pylist(rows, _schema(arrow)))
        self._rows = []

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._kind.read == PARQUET:
            try:
                self._flush()
                self._writer.close()
            except BaseException as problem:
                self._replacement.__exit__(type(problem), problem, problem.__traceback__)
                raise
        self._replacement.__exit__(kind, error, trace)


def checked(path: Path) -> None:
    """Raise `OptionError` if rejects cannot be written to a file of this name."""
    if kind(path.name).read == PARQUET and kind(path.name).codec:
        raise OptionError(f"{path}: Parquet is compressed in itself; leave the last ending out")


def _schema(arrow: Any) -> Any:
    types = {"score": arrow.float64(), "keep": arrow.bool_(), "fields": arrow.list_(arrow.string())}
    types |= dict.fromkeys(_NUMBERS, arrow.int64())
    columns = [(name, types.get(name, arrow.string())) for name in FIELDS]
    return arrow.schema([*columns, (_ESCAPED, arrow.bool_())])


def _encodable(row: dict[str, Any]) -> dict[str, Any]:
    try:
        for value in row.values():
            if isinstance(value, str):
                value.encode()
    except UnicodeEncodeError:
        strings = {name: json.dumps(v)[1:-1] for name, v in row.items() if isinstance(v, str)}
        return {**row, **strings, _ESCAPED: True}
    return {**row, _ESCAPED: False}


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file in order; raises `InputError` if it is no file of rejects."""
    one = kind(path.name)
    rows = _from_parquet(path) if one.read == PARQUET else _from_lines(path, one.codec)
    for row in rows:
        if not {"document", "text", "start", "reason"} <= row.keys():
            raise InputError(f"{path}: is no file of rejects that `cleaner clean` has written")
        yield row


def _from_lines(path: Path, codec: str) -> Iterator[dict[str, Any]]:
    with told(str(path)), path.open("rb") as raw:
        for number, line in enumerate(unpacked(raw, codec), 1):
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError
            except ValueError:
                raise InputError(f"{path}: line {number}: is no row of rejects") from None
            yield row


def _from_parquet(path: Path) -> Iterator[dict[str, Any]]:
    arrow, parquet = library("pyarrow", ""), library("pyarrow.parquet", "reading Parquet")
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS_AT_ONCE):
                for row in batch.to_pylist():
                    yield _decoded({k: v for k, v in row.items() if v is not None})
    except (arrow.ArrowException, OSError) as error:
        raise InputError(f"{path}: {str(error).splitlines()[0]}") from None


def _decoded(row: dict[str, Any]) -> dict[str, Any]:
    if row.pop(_ESCAPED, False):
        for name, value in row.items():
            if isinstance(value, str):
                row[name] = json.loads(f'"{value}"')
    return row


def by(rows: Iterable[Mapping[str, Any]], name: str) -> Iterator[tuple[Any, list[Any]]]:
    """Runs of rows that follow one another and are alike in a field."""
    held: list[Any] = []
    for row in rows:
        if held and row.get(name) != held[0].get(name):
            yield held[0].get(name), held
            held = []
        held.append(row)
    if held:
        yield held[0].get(name), held
