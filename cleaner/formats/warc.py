"""WARC archives: responses that hold a page of HTML become conversion records, as in WET."""

from __future__ import annotations

import re
import uuid
from typing import cast

from cleaner.errors import CleanerError
from cleaner.formats.http import PackedError, Response, response, unpacked_body
from cleaner.formats.page import is_of_another_kind, page_text
from cleaner.formats.record import HTML, TEXT, Record, Result
from cleaner.formats.wet import Raw, Wet, WetAsJsonLines, annotated, digest

#: Content types of pages.
_PAGES = ("text/html", "application/xhtml+xml")

#: The content type of a record that holds what a server has said.
_HTTP = "application/http"

#: The content types of what becomes of them.
_MEDIA = {TEXT: b"text/plain", "markdown": b"text/markdown"}

#: Header lines that a conversion record takes from its response.
_TAKEN = ("WARC-Target-URI", "WARC-Date", "WARC-Identified-Content-Language")


class Warc(Wet):
    """A record a page, or a conversion record as in WET; all others are handed on as they are."""

    def record(self, number: int, raw: Raw) -> Record:
        """The record of these bytes; a success that says it is HTML, and is text, is a page."""
        record = super().record(number, raw)
        if raw.type == "response" and _may_be_page(raw):
            record.text, record.fault = self._page(raw)
            record.holds = HTML
        return record

    def _page(self, raw: Raw) -> tuple[str | None, str]:
        """The page of a response, if it is one, or the fault for which it cannot be read."""
        try:
            return self._read(raw)
        except CleanerError:  # which is not this page's
            raise
        except Exception as error:  # one page is no reason to lose an archive
            return None, f"cannot be read ({type(error).__name__}: {str(error)[:60]})"

    def _read(self, raw: Raw) -> tuple[str | None, str]:
        found = response(raw.content)
        if found is None or not found.is_success:
            return None, ""
        if not _is_html(raw.lines.get("warc-identified-payload-type") or found.media):
            return None, ""
        try:
            body = unpacked_body(found)
        except PackedError as error:
            return None, _unpackable(found, str(error))
        text = page_text(body, self.layout.page_encoding, found.charset)
        if text is not None:
            return (text if text.strip() else None), ""
        if is_of_another_kind(body):
            return None, ""
        if found.packings:
            return None, _unpackable(found, "what comes of it is binary")
        return None, "looks like binary data, not HTML"

    def written(self, record: Record, result: Result | None) -> bytes:
        """A conversion record in the place of a page."""
        if result is None or record.holds != HTML:
            return super().written(record, result)
        raw = cast(Raw, record.raw)
        content = result.body.encode("utf-8", "replace")
        header = _conversion(raw.header, content, _MEDIA[self.layout.body])
        return annotated(header, result) + content + raw.tail


class WarcAsWet(Warc):
    """Texts and pages become conversion records; but for warcinfo, all others are left out."""

    fate = "left out"

    def written(self, record: Record, result: Result | None) -> bytes:
        """The record, if it has a place in WET."""
        if result is None and record.raw.type != "warcinfo":
            return b""
        return super().written(record, result)


class WarcAsJsonLines(WetAsJsonLines, Warc):
    """Texts and pages become lines; all others are left out."""


def _may_be_page(raw: Raw) -> bool:
    """Whether nothing is known that speaks against it."""
    kind = raw.lines.get("warc-identified-payload-type")
    is_http = _media(raw.lines.get("content-type", _HTTP)) == _HTTP
    return is_http and (kind is None or _is_html(kind))


def _unpackable(found: Response, why: str) -> str:
    """The fault of a body that cannot be unpacked."""
    said = " as its header says" if found.packings else ""
    return f"cannot be unpacked{said} ({why})"


def _is_html(content_type: str) -> bool:
    return _media(content_type) in _PAGES


def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _conversion(header: bytes, content: bytes, media: bytes) -> bytes:
    """The header of the record that a response with this header becomes."""
    taken = {name: _line(header, name) for name in _TAKEN}
    source, block = _line(header, "WARC-Record-ID"), digest(content)
    # Named by what it is made of, so that it is the same however often it is made.
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{source.decode('latin-1')} {block.decode()}")
    lines = {
        "WARC-Type": b"conversion",
        "WARC-Target-URI": taken["WARC-Target-URI"],
        "WARC-Date": taken["WARC-Date"],
        "WARC-Record-ID": f"<urn:uuid:{name}>".encode(),
        "WARC-Refers-To": source,
        "WARC-Block-Digest": block,
        "WARC-Identified-Content-Language": taken["WARC-Identified-Content-Language"],
        "Content-Type": media,
        "Content-Length": str(len(content)).encode(),
    }
    typed = (f"{name}: ".encode() + value + b"\r\n" for name, value in lines.items() if value)
    return header[: header.index(b"\r\n") + 2] + b"".join(typed) + b"\r\n"


def _line(header: bytes, name: str) -> bytes:
    """The value of a header's line, as it was typed, or nothing."""
    found = re.search(rb"(?im)^%s:[ \t]*([^\r\n]*)" % re.escape(name.encode()), header)
    return found[1].strip() if found else b""
