"""A text or Markdown file: one document, in any encoding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from cleaner.formats.packing import Members
from cleaner.formats.record import Cut, Original, Record, Result
from cleaner.reading import Decoded, decoded


class Text(Members):
    """The whole file is one record."""

    unit = ""

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """One piece, whatever its size: a document is judged as a whole."""
        yield Cut(stream.read(), 0)

    def records(self, cut: Cut) -> list[Record]:
        """The one; raises `InputError` if it is binary or not in the encoding."""
        data = decoded(cut.payload, self.layout.encoding, self.name)
        return [Record(0, data.text, mark=data.mark, raw=data)]

    def put(self, cut: Cut, records: Sequence[Record], results: Sequence[Result | None]) -> bytes:
        """The clean text in the file's encoding."""
        return b"".join(
            _decoded(record).encoded(result.body)
            for record, result in zip(records, results, strict=True)
            if result is not None
        )

    def back(
        self,
        cut: Cut,
        records: Sequence[Record],
        originals: Sequence[Original | None],
    ) -> bytes:
        """The text as it was in the file's encoding."""
        (record,), (original,) = records, originals
        if original is None:
            return cut.payload
        data = _decoded(record)
        return original.text.encode(data.codec, data.errors)


def _decoded(record: Record) -> Decoded:
    assert isinstance(record.raw, Decoded)
    return record.raw
