"""WET archives: the texts of WARC conversion records, in and out, or out as JSON lines."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, NamedTuple, cast

from cleaner.errors import InputError
from cleaner.extras import library
from cleaner.formats.compression import packed
from cleaner.formats.packing import Members
from cleaner.formats.record import ANNOTATION, Cut, Original, Record, Result
from cleaner.writing import json_line

_READ_AT_ONCE = 1 << 20
_HEADER_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_LONGEST_HEADER = 1 << 20
CODING = ("utf-8", "surrogateescape")

#: The header line that `--annotate` adds.
_ANNOTATION_LINE = "X-Cleaner"

#: The fields of JSON lines made of conversion records, and the header each is taken from.
FIELDS = {
    "url": "warc-target-uri",
    "date": "warc-date",
    "id": "warc-record-id",
    "languages": "warc-identified-content-language",
}


class Raw(NamedTuple):
    """A record's bytes: its header, its content, the blank lines behind; its type and header.

    The type and the names of the header's lines are in small letters, whatever was typed.
    """

    header: bytes
    content: bytes
    tail: bytes
    type: str
    lines: dict[str, str]


class Wet(Members):
    """A record a conversion record; all others are handed on as they are."""

    unit = "record"

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """Pieces end where records end. Raises `InputError` where no record is."""
        held, done, number, first = bytearray(), 0, 1, 1
        while True:
            end = self._end(held, done, number)
            if end is None or end > len(held):
                data = stream.read(max(_READ_AT_ONCE, (end or 0) - len(held)))
                held += data
                if not data:
                    break
                continue
            done, number = end, number + 1
            if done >= size:
                yield Cut(bytes(held[:done]), first)
                del held[:done]
                done, first = 0, number
        if held[done:].strip():
            raise InputError(f"{self.name}: record {number}: is cut short")
        if held or number == 1:
            yield Cut(bytes(held), first)

    def _end(self, held: bytearray, at: int, number: int) -> int | None:
        """Where the record at `at` ends, if its header is held."""
        head = held.find(_HEADER_END, at, at + _LONGEST_HEADER)
        if head < 0 and len(held) - at < _LONGEST_HEADER:
            return None
        length = _LENGTH.search(held, at, head + 2) if head >= 0 else None
        if length is None or held[at : at + 5] != b"WARC/":
            raise InputError(f"{self.name}: record {number}: is no WARC record")
        return head + len(_HEADER_END) + int(length[1]) + len(_HEADER_END)

    def records(self, cut: Cut) -> list[Record]:
        """All records of the piece; conversion records have a text."""
        warc = library("fastwarc.warc", "reading WET archives")
        found = list(self._found(cut.payload, warc))
        starts = [start for start, _, _ in found]
        records = []
        for at, (start, type_, lines) in enumerate(found):
            end = starts[at + 1] if at + 1 < len(starts) else len(cut.payload)
            head = cut.payload.index(_HEADER_END, start) + len(_HEADER_END)
            length = _LENGTH.search(cut.payload, start, head - 2)
            assert length is not None
            middle = head + int(length[1])
            parts = cut.payload[start:head], cut.payload[head:middle], cut.payload[middle:end]
            records.append(self.record(cut.first + at, Raw(*parts, type_, lines)))
        return records

    def _found(self, payload: bytes, warc: Any) -> Iterator[tuple[int, str, dict[str, str]]]:
        """Of each record: where it begins, its type, its header lines."""
        for record in warc.ArchiveIterator(io.BytesIO(payload), parse_http=False):
            lines = {name.lower(): value for name, value in record.headers.astuples()}
            yield record.stream_pos, lines.get("warc-type", "").strip().lower(), lines

    def record(self, number: int, raw: Raw) -> Record:
        """The record of these bytes."""
        url = raw.lines.get("warc-target-uri", "")
        if raw.type != "conversion":
            return Record(number, url=url, raw=raw)
        text, form = raw.content.decode(*CODING), raw.header.decode(*CODING)
        return Record(number, text, url=url, form=form, raw=raw)

    def put(self, cut: Cut, records: Sequence[Record], results: Sequence[Result | None]) -> bytes:
        """The records with clean texts; lengths and digests are those of the new content."""
        return b"".join(
            self.written(record, result) for record, result in zip(records, results, strict=True)
        )

    def written(self, record: Record, result: Result | None) -> bytes:
        """One of them."""
        header, content, tail, *_ = cast(Raw, record.raw)
        if result is not None:
            content = result.body.encode(*CODING)
            if content != record.raw.content:
                header = _refitted(header, content)
            header = annotated(header, result)
        return header + content + tail

    def back(
        self, cut: Cut, records: Sequence[Record], originals: Sequence[Original | None]
    ) -> bytes:
        """The records as they were, with the header that they had."""
        out = []
        for record, original in zip(records, originals, strict=True):
            header, content, tail, *_ = record.raw
            if original is not None:
                header = (original.form or "").encode(*CODING)
                content = original.text.encode(*CODING)
            out.append(header + content + tail)
        return b"".join(out)

    def pack(self, body: bytes) -> bytes:
        """A member a record, as readers of archives expect."""
        if not self.codec:
            return body
        return b"".join(packed(record, self.codec) for record in self._apart(body))

    def _apart(self, body: bytes) -> Iterator[bytes]:
        held, at, number = bytearray(body), 0, 1
        while (end := self._end(held, at, number) if at < len(held) else None) is not None:
            yield body[at:end]
            at, number = end, number + 1
        if at < len(held) or number == 1:
            yield body[at:]


def annotated(header: bytes, result: Result) -> bytes:
    """The header with the line for the summary, if there is to be one."""
    if result.summary is None:
        return header
    line = f"{_ANNOTATION_LINE}: ".encode() + json_line(result.summary).rstrip()
    return header[:-2] + line + b"\r\n\r\n"


def digest(content: bytes) -> bytes:
    """The content's, as archives write it."""
    found = hashlib.sha1(content, usedforsecurity=False).digest()
    return b"sha1:" + base64.b32encode(found)


def _refitted(header: bytes, content: bytes) -> bytes:
    """The header with the length and the digests of other content."""
    header = _LENGTH.sub(b"Content-Length: %d\r" % len(content), header)
    pattern = rb"(?im)^(warc-(?:block|payload)-digest:[ \t]*)[^\r\n]*"
    return re.sub(pattern, lambda found: found[1] + digest(content), header)


class WetAsJsonLines(Wet):
    """Conversion records become lines; other records, which have no text, are left out."""

    fate = "left out"

    def record(self, number: int, raw: Raw) -> Record:
        """As ever; the header is not needed to write a line again."""
        return replace(super().record(number, raw), form=None)

    def written(self, record: Record, result: Result | None) -> bytes:
        """The line of a text: url, date, id, languages, the text, and the fields to be added."""
        if result is None:
            return b""
        line: dict[str, Any] = {
            name: record.raw.lines.get(header) for name, header in FIELDS.items()
        }
        line[self.layout.field] = result.body
        if self.layout.keep_original:
            line[self.layout.keep_original] = record.text
        if result.summary is not None:
            line[ANNOTATION] = result.summary
        return json_line({name: value for name, value in line.items() if value is not None})

    def pack(self, body: bytes) -> bytes:
        """A member a piece."""
        return packed(body, self.codec)
