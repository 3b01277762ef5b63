"""Parquet: one column is cleaned, row group by row group; schema and other columns stay."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from cleaner.errors import InputError
from cleaner.extras import library
from cleaner.formats.record import ANNOTATION, URL, Cut, Layout, Original, Record, Result

#: Rows read at once at most, and bytes of rows that make a row group at most: a row group has to
#: be held in memory while it is written.
_ROWS_AT_ONCE = 1000
_ROW_GROUP = 32 << 20

#: Under this name a piece carries what `join` must know, in the metadata of its schema.
_NOTE = b"cleaner piece"


def _arrow() -> Any:
    return library("pyarrow", "reading and writing Parquet")


def _parquet() -> Any:
    return library("pyarrow.parquet", "reading and writing Parquet")


class Parquet:
    """A record a row; a row of which the text is null has none. Pieces are Arrow streams."""

    unit = "row"
    fate = "kept as it is"

    def __init__(self, layout: Layout, name: str) -> None:
        self.layout, self.name = layout, name

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (_arrow().ArrowException, OSError, UnicodeDecodeError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"{self.name}: cannot be read as Parquet ({reason})") from None

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """Pieces lie within row groups. Raises `InputError` for what is not to be cleaned."""
        with self._told():
            # Columns are read through a small buffer, or a row group would be held as a whole.
            file = _parquet().ParquetFile(stream, buffer_size=1 << 20, pre_buffer=False)
            self._check(file.schema_arrow)
            first = 1
            for group in range(file.num_row_groups):
                about = file.metadata.row_group(group)
                note = {"group": group, "codecs": _codecs(about)}
                each = about.total_byte_size // max(about.num_rows, 1) or 1
                rows = max(1, min(_ROWS_AT_ONCE, size // each))
                held: list[Any] = []
                for batch in file.iter_batches(rows, row_groups=[group]):
                    held.append(batch)
                    if sum(one.nbytes for one in held) >= size:
                        yield Cut(_piece(file.schema_arrow, held, note), first)
                        first += sum(one.num_rows for one in held)
                        held = []
                if held:
                    yield Cut(_piece(file.schema_arrow, held, note), first)
                    first += sum(one.num_rows for one in held)
            if first == 1:
                yield Cut(_piece(file.schema_arrow, [], {"group": 0, "codecs": {}}), first)

    def _check(self, schema: Any) -> None:
        names, field = schema.names, self.layout.field
        if names.count(field) != 1:
            raise InputError(
                f"{self.name}: no column {field!r} (columns: {', '.join(names)}); "
                "--field names the text's"
            )
        kind = schema.field(field).type
        kind = getattr(kind, "value_type", kind)
        if str(kind) not in ("string", "large_string", "string_view"):
            raise InputError(f"{self.name}: column {field!r} is of type {kind}, not text")
        for name in self.layout.added:
            if name in names:
                raise InputError(f"{self.name}: has a column {name!r} already")

    def records(self, cut: Cut) -> list[Record]:
        """A record a row."""
        with self._told():
            table = _table(cut.payload)
            texts = table.column(self.layout.field).to_pylist()
            known = URL in table.column_names
            urls = table.column(URL).to_pylist() if known else [None] * len(texts)
        holds = self.layout.holds
        return [
            Record(cut.first + at, text, holds, url=url if isinstance(url, str) else "")
            for at, (text, url) in enumerate(zip(texts, urls, strict=True))
        ]

    def put(self, cut: Cut, records: Sequence[Record], results: Sequence[Result | None]) -> bytes:
        """The rows with the clean texts, and with the columns that are to be added."""
        table = _table(cut.payload)
        original = table.column(self.layout.field)
        table = self._replaced(table, [result and result.body for result in results])
        if self.layout.keep_original:
            field = table.schema.field(self.layout.field).with_name(self.layout.keep_original)
            table = table.append_column(field, original)
        if self.layout.annotate:
            summaries = [result and _row(result.summary) for result in results]
            array = _arrow().array(summaries, _annotation_type())
            table = table.append_column(ANNOTATION, array)
        return _written(table)

    def back(
        self, cut: Cut, records: Sequence[Record], originals: Sequence[Original | None]
    ) -> bytes:
        """The rows as they were."""
        texts = [
            record.text if original is None else original.text
            for record, original in zip(records, originals, strict=True)
        ]
        added = {name for original in originals if original for name in original.added}
        return _written(self._replaced(_table(cut.payload), texts).drop_columns(sorted(added)))

    def _replaced(self, table: Any, texts: Sequence[str | None]) -> Any:
        at = table.schema.get_field_index(self.layout.field)
        field = table.schema.field(at)
        plain = getattr(field.type, "value_type", field.type)
        array = _arrow().array(texts, plain)
        return table.set_column(at, field, array if plain == field.type else array.cast(field.type))

    def pack(self, body: bytes) -> bytes:
        """As it is: pages are compressed where the file is written."""
        return body

    def join(self, parts: Iterable[bytes], sink: BinaryIO) -> None:
        """Row groups as they were, or smaller where one would be large."""
        writer, group = None, -1
        held: list[Any] = []
        for part in parts:
            table, note = _unnoted(_table(part))
            if writer is None:
                writer = _parquet().ParquetWriter(
                    sink, table.schema, compression=note["codecs"] or "snappy"
                )
            if held and (note["group"] != group or sum(t.nbytes for t in held) >= _ROW_GROUP):
                _write(writer, held)
                held = []
            group = note["group"]
            held.append(table)
        if writer is not None:
            _write(writer, held)
            writer.close()


def _codecs(group: Any) -> dict[str, str]:
    """The compression of each column of a row group."""
    columns = (group.column(at) for at in range(group.num_columns))
    return {
        column.path_in_schema: "none" if codec == "uncompressed" else codec
        for column in columns
        for codec in [column.compression.lower()]
    }


def _piece(schema: Any, batches: list[Any], note: dict[str, Any]) -> bytes:
    noted = schema.with_metadata({**(schema.metadata or {}), _NOTE: json.dumps(note)})
    return _written(_arrow().Table.from_batches(batches, schema).cast(noted))


def _written(table: Any) -> bytes:
    sink = io.BytesIO()
    with _arrow().ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _table(piece: bytes) -> Any:
    return _arrow().ipc.open_stream(piece).read_all()


def _unnoted(table: Any) -> tuple[Any, dict[str, Any]]:
    metadata = dict(table.schema.metadata)
    note: dict[str, Any] = json.loads(metadata.pop(_NOTE))
    return table.replace_schema_metadata(metadata or None), note


def _write(writer: Any, tables: list[Any]) -> None:
    whole = _arrow().concat_tables(tables)
    if whole.num_rows:
        writer.write_table(whole, row_group_size=whole.num_rows)


def _annotation_type() -> Any:
    arrow = _arrow()
    return arrow.struct(
        [
            ("kept", arrow.float64()),
            ("score", arrow.float64()),
            ("stripped", arrow.map_(arrow.string(), arrow.int64())),
        ]
    )


def _row(summary: dict[str, Any] | None) -> dict[str, Any] | None:
    return summary and {**summary, "stripped": list(summary["stripped"].items())}
