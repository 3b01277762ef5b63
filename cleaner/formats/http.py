"""Responses of HTTP as crawlers keep them: what they hold, unpacked by what its bytes are."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import NamedTuple

from cleaner.extras import library

#: So many bytes may a body unpack to. One of 1 MB may be made to become a gigabyte.
UNPACKED_AT_MOST = 64 << 20

_START = re.compile(rb"HTTP/[0-9.]+[ \t]+([0-9]{3})")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_LINE = re.compile(rb"(?m)^([^:\s]+)[ \t]*:([^\r\n]*)")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"

#: For `zlib`: a gzip member, a deflated body with its header, one without.
_MEMBER, _WITH_HEADER, _BARE = 31, 15, -15

#: Bytes inflated at once: what is behind a member is copied, and there may be very many of them.
_FED = 1 << 12

#: One packed in another: so often is looked again for whether a body is packed all the same.
_DEEPEST = 3


class PackedError(ValueError):
    """A body that cannot be unpacked; says why."""


class Response(NamedTuple):
    """The status, content type, charset and packings that a response tells of; its body as is.

    packings: how it was packed, in that order, in small letters.
    """

    status: int
    media: str
    charset: str | None
    packings: tuple[str, ...]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether what was asked for has come."""
        return 200 <= self.status < 300


def response(content: bytes) -> Response | None:
    """What the content of a record tells, whose lines may end in a bare LF; None if it is none."""
    start = _START.match(content)
    if start is None:
        return None
    end = _HEAD_END.search(content)
    head = content[: end.start()] if end else content
    body = content[end.end() :] if end else b""
    lines: dict[str, str] = {}
    for name, value in _LINE.findall(_FOLD.sub(b" ", head)):
        key, said = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        # Of packings each line names more; of all else the first is taken.
        if key in ("content-encoding", "transfer-encoding") and key in lines:
            lines[key] += f",{said}"
        lines.setdefault(key, said)
    media, charset = lines.get("content-type", ""), None
    if found := _CHARSET.search(media):
        charset = found[1]
    named = f"{lines.get('content-encoding', '')},{lines.get('transfer-encoding', '')}"
    packings = tuple(one for part in named.lower().split(",") if (one := part.strip()))
    return Response(int(start[1]), media, charset, packings, body)


def unpacked_body(one: Response) -> bytes:
    """The body without what it was packed in for the way.

    The header is believed where the bytes bear it out: crawlers that unpack what they fetch may
    leave it as it was. What the bytes show to be packed is unpacked, whatever the header says.
    Raises `PackedError` where they are damaged or cut short, or become more than
    `UNPACKED_AT_MOST`.
    """
    body = one.body
    for packing in reversed(one.packings):
        body = _UNPACKERS.get(packing, bytes)(body)
    for _ in range(_DEEPEST):
        if not body.startswith((_GZIP, _ZSTD)):
            break
        body = _ungzipped(_unzstd(body))
    return body


def _unchunked(body: bytes) -> bytes:
    """The chunks put together, as far as they go; the body itself if it is not in chunks."""
    parts, at = list[bytes](), 0
    while at < len(body):
        size = _CHUNK.match(body, at)
        if size is None:
            break
        end = size.end() + int(size[1], 16)
        parts.append(body[size.end() : end])
        if end == size.end() or end >= len(body):
            return b"".join(parts)
        line_end = _LINE_END.match(body, end)
        if line_end is None:
            break
        at = line_end.end()
    if at and at < len(body):
        raise PackedError("its chunks are damaged")
    return b"".join(parts) if at else body


def _ungzipped(body: bytes) -> bytes:
    """The members put together; the body itself if it is no gzip."""
    parts, at, left = list[bytes](), 0, UNPACKED_AT_MOST
    while body.startswith(_GZIP, at):
        part, at = _inflated(body, _MEMBER, at, left)
        parts.append(part)
        left -= len(part)
    return b"".join(parts) if parts else body


def _undeflated(body: bytes) -> bytes:
    """The body inflated, with a header or without, as servers have it; or itself if it is none."""
    for form in (_WITH_HEADER, _BARE):
        try:
            return _inflated(body, form, 0, UNPACKED_AT_MOST)[0]
        except _DamagedError:
            continue
    return body


def _inflated(body: bytes, form: int, at: int, most: int) -> tuple[bytes, int]:
    """What was packed from `at` on, and where it ends."""
    stream, parts, size = zlib.decompressobj(form), list[bytes](), 0
    while not stream.eof:
        piece = body[at : at + _FED]
        if not piece:
            raise _DamagedError("it is cut short")
        try:
            part = stream.decompress(piece, most + 1 - size)
        except zlib.error as error:
            raise _DamagedError(str(error)) from None
        parts.append(part)
        at, size = at + len(piece), size + len(part)
        _check(size, most)
    return b"".join(parts), at - len(stream.unused_data)


def _unbrotli(body: bytes) -> bytes:
    """The body unpacked; or itself if it is no brotli, which has no mark to know it by."""
    try:
        return _by_library(body, "br") or body
    except _DamagedError:
        return body


def _unzstd(body: bytes) -> bytes:
    """The body unpacked; or itself if it is no zstandard."""
    return _by_library(body, "zstd") if body.startswith(_ZSTD) else body


def _by_library(body: bytes, packing: str) -> bytes:
    """The body unpacked by the reader of archives, which brings the code, as that of a record."""
    warc = library("fastwarc.warc", "reading WARC archives")
    http = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\n\r\n%s" % (packing.encode(), body)
    record = warc.WarcRecord.from_bytes(
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
        b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(http), http)
    )
    parts, size = list[bytes](), 0
    try:
        record.parse_http(auto_decode="content")
        while part := record.reader.read(UNPACKED_AT_MOST + 1 - size):
            parts.append(part)
            size += len(part)
            _check(size, UNPACKED_AT_MOST)
    except OSError as error:
        raise _DamagedError(str(error)) from None
    return b"".join(parts)


def _check(size: int, most: int) -> None:
    if size > most:
        raise PackedError(f"it becomes more than {UNPACKED_AT_MOST >> 20} MB")


class _DamagedError(PackedError):
    """Bytes that are not what they were taken for, or not all of it."""


_UNPACKERS: dict[str, Callable[[bytes], bytes]] = {
    "chunked": _unchunked,
    "gzip": _ungzipped,
    "x-gzip": _ungzipped,
    "deflate": _undeflated,
    "br": _unbrotli,
    "zstd": _unzstd,
}
