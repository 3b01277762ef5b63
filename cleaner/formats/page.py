"""A page of HTML: one document, in any encoding, of which the article goes out in UTF-8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from cleaner.errors import InputError
from cleaner.formats.packing import Members
from cleaner.formats.record import HTML, Cut, Original, Record, Result
from cleaner.html_parsing import decoded
from cleaner.reading import is_binary

#: So many characters of a page are looked at for whether it is one.
_LOOKED_AT = 1 << 16


def is_binary_page(text: str) -> bool:
    """Whether what was decoded as a page is none; of its text, as UTF-16 has bytes of zero."""
    return is_binary(text[:_LOOKED_AT].encode("utf-8", "replace"))


class Page(Members):
    """The whole file is one record. It cannot be had back: what is written has lost its markup."""

    unit = ""

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """One piece, whatever its size: a page is judged as a whole."""
        yield Cut(stream.read(), 0)

    def records(self, cut: Cut) -> list[Record]:
        """The one; raises `InputError` if it is binary."""
        text = decoded(cut.payload, self.layout.page_encoding)
        if is_binary_page(text):
            raise InputError(f"{self.name}: looks like a binary file, not HTML")
        return [Record(0, text, HTML)]

    def put(self, cut: Cut, records: Sequence[Record], results: Sequence[Result | None]) -> bytes:
        """The article."""
        return b"".join(
            result.body.encode("utf-8", "replace") for result in results if result is not None
        )

    def back(
        self, cut: Cut, records: Sequence[Record], originals: Sequence[Original | None]
    ) -> bytes:
        """Raise `InputError`."""
        raise InputError(
            f"{self.name}: is HTML by its name, and no page can be rebuilt; if it was cleaned as "
            "text, say --format text"
        )
