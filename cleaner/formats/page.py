"""A page of HTML: one document, in any encoding, of which the article goes out in UTF-8."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from cleaner.errors import InputError
from cleaner.formats.packing import Members
from cleaner.formats.record import HTML, Cut, Original, Record, Result
from cleaner.html_parsing import decoded, encoding_of

#: So many bytes, and characters, of a page are looked at for whether it is one.
_LOOKED_AT = 1 << 16

#: How files begin that are none, though some of them hold much that reads as text.
_MAGIC = re.compile(
    rb"\x1f\x8b|\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF....(?:WEBP|WAVE|AVI )|PK(?:\x03\x04|\x05\x06)"
    rb"|\x28\xb5\x2f\xfd|%PDF|wOF[2F]|BZh[1-9]1AY&SY|\xfd7zXZ\x00|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07"
    rb"|\x7fELF|OggS\x00|ID3[\x02-\x04]|\x00\x00\x01\x00[^\x00]|\x00\x00..ftyp|\x00asm|II\*\x00|MM\x00\*"
    rb"|SQLite format 3\x00",
    re.DOTALL,
)

#: Control characters that text has, and zero, which a scraper may leave behind.
_TEXT_CONTROLS = b"\t\n\v\f\r\x1b\x00"
_CONTROLS = bytes(code for code in range(32) if code not in _TEXT_CONTROLS)

#: Of bytes in a row as they come by chance, a tenth are controls; pages have next to none.
_MOST_CONTROLS, _MOST_CONTROLS_IF_MISREAD = 0.03, 0.005

#: So many bytes may be zero.
_MOST_ZEROS = 0.3

#: What comes of reading bytes in an encoding that they are not in. Most of a page is ASCII.
_STRANGE = re.compile("[\x7f-\x84\x86-\x9f\ufffd]")
_MOST_STRANGE = 0.3

#: Wide encodings make characters of any bytes, but many in private use.
_STRANGE_IF_WIDE = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufffd]")
_MOST_STRANGE_IF_WIDE = 0.03


def page_text(html: bytes, encoding: str | None = None, told: str | None = None) -> str | None:
    """The text of a page's bytes, as `html_parsing.decoded` reads it; None if they are no page.

    An encoding that was `told` and does not fit is passed over. Raises `InputError` if there is no
    encoding of that name.
    """
    if is_of_another_kind(html):
        return None
    misread = None
    for name in dict.fromkeys((told, None)):
        found = encoding or encoding_of(html, name)
        text = decoded(html, found)
        is_misread = _is_misread(text)
        if _is_binary(html, text, found, is_misread):
            continue
        if not is_misread:
            return text
        misread = text
    return misread  # a page without controls is one, even if nobody can tell its encoding


def is_of_another_kind(data: bytes) -> bool:
    """Whether the bytes begin as those of a picture, an archive or another kind of file do."""
    return _MAGIC.match(data) is not None


def _is_binary(html: bytes, text: str, encoding: str, is_misread: bool) -> bool:
    """Whether there is in bytes, or in what they were decoded to, much that no page has."""
    start = text[:_LOOKED_AT]
    if encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        strange = len(_STRANGE_IF_WIDE.findall(start))
        return strange + start.count("\x00") > len(start) * _MOST_STRANGE_IF_WIDE
    head = html[:_LOOKED_AT]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    most = _MOST_CONTROLS_IF_MISREAD if is_misread else _MOST_CONTROLS
    return controls > len(head) * most or head.count(0) > len(head) * _MOST_ZEROS


def _is_misread(text: str) -> bool:
    start = text[:_LOOKED_AT]
    return len(_STRANGE.findall(start)) > len(start) * _MOST_STRANGE


class Page(Members):
    """The whole file is one record. It cannot be had back: what is written has lost its markup."""

    unit = ""

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """One piece, whatever its size: a page is judged as a whole."""
        yield Cut(stream.read(), 0)

    def records(self, cut: Cut) -> list[Record]:
        """The one; raises `InputError` if it is binary."""
        return [Record(0, read_page(cut.payload, self.layout.page_encoding, self.name), HTML)]

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


def read_page(html: bytes, encoding: str | None, name: str) -> str:
    """The text of a page's bytes; raises `InputError` that names it if they are none."""
    text = page_text(html, encoding)
    if text is None:
        raise InputError(f"{name}: looks like a binary file, not HTML")
    return text
