"""A text or Markdown file: one document, in any encoding; a very long one in stretches."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from cleaner.formats.packing import Members
from cleaner.formats.record import Cut, Original, Record, Result
from cleaner.reading import MARK, Decoded, are_carried, decoded, decoded_parts, read_filled
from cleaner.stretches import STRETCH, stretched


class Text(Members):
    """The whole file is one record."""

    unit = ""

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """The stretches in which the document is judged, whatever `size` is asked for.

        In a wide or shifting encoding it is one piece.
        """
        encoding = self.layout.encoding
        head = read_filled(stream, STRETCH)
        if len(head) < STRETCH or not are_carried(encoding):
            yield Cut(head + stream.read(), 0)
            return
        more = iter(lambda: read_filled(stream, STRETCH), b"")
        parts = decoded_parts(itertools.chain([head], more), encoding, self.name)
        first = next(parts)
        mark, start = first[: first.startswith(MARK)], 0
        stretches = stretched(itertools.chain([first[len(mark) :]], parts))
        text: str | None = next(stretches)
        while text is not None:
            following = next(stretches, None)
            data = Decoded(text, encoding, mark="" if start else mark)
            yield Cut(data.encoded(text), start, following is not None)
            start += len(text)
            text = following

    def records(self, cut: Cut) -> list[Record]:
        """The one; raises `InputError` if it is binary or not in the encoding."""
        data = decoded(cut.payload, self.layout.encoding, self.name, goes_on=cut.first > 0)
        return [
            Record(0, data.text, mark=data.mark, start=cut.first, goes_on=cut.goes_on, raw=data)
        ]

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
