"""Compressed files: read as a stream, written in members that can stand one behind another."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from cleaner.errors import InputError
from cleaner.extras import library

#: Name endings, and what each is called here.
CODECS = {".gz": "gz", ".zst": "zst", ".bz2": "bz2", ".xz": "xz"}

_GZIP_LEVEL = 6
_ZSTD_LEVEL = 3
#: The default of xz takes 94 MB a process; this takes half and gives nearly the same size.
_XZ_PRESET = 4

#: Compressed bytes read at once: what they may swell to must stay small.
_READ_AT_ONCE = 1 << 14


def unpacked(raw: BinaryIO, codec: str) -> BinaryIO:
    """The stream decompressed, over all its members; `codec` is "" for none."""
    if codec == "gz":
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw, mode="rb"))
    if codec == "bz2":
        return cast(BinaryIO, bz2.BZ2File(raw))
    if codec == "xz":
        return cast(BinaryIO, lzma.LZMAFile(raw))
    if codec == "zst":
        return cast(BinaryIO, io.BufferedReader(_Frames(raw)))
    return raw


def whole(data: bytes, codec: str, name: str) -> bytes:
    """The data decompressed; raises `InputError` that names it where it is damaged."""
    if not codec:
        return data
    check(codec)
    with told(name):
        return unpacked(io.BytesIO(data), codec).read()


def packed(data: bytes, codec: str) -> bytes:
    """The data as one member; the same data gives the same bytes."""
    if codec == "gz":
        return gzip.compress(data, _GZIP_LEVEL, mtime=0)
    if codec == "bz2":
        return bz2.compress(data)
    if codec == "xz":
        return lzma.compress(data, preset=_XZ_PRESET)
    if codec == "zst":
        return cast(bytes, _zstandard().ZstdCompressor(level=_ZSTD_LEVEL).compress(data))
    return data


def check(codec: str) -> None:
    """Raise `MissingError` if the codec's library is not installed."""
    if codec == "zst":
        _zstandard()


@contextlib.contextmanager
def told(name: str) -> Iterator[None]:
    """Within it, what goes wrong in reading raises an `InputError` that names the file."""
    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise InputError(f"{name}: compressed data is damaged or cut short ({error})") from None
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or error}") from None


def _zstandard() -> Any:
    return library("zstandard", "reading and writing .zst")


class _Frames(io.RawIOBase):
    """Zstandard frames as one stream. Unlike the library's reader it misses a cut-off end."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._library = raw, _zstandard()
        self._frame: Any = None
        self._input = self._output = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._output:
            if not self._input:
                self._input = self._raw.read(_READ_AT_ONCE)
                if not self._input:
                    if self._frame is not None:
                        raise EOFError("it ends within a frame")
                    return 0
            if self._frame is None:
                self._frame = self._library.ZstdDecompressor().decompressobj()
            try:
                self._output = self._frame.decompress(self._input)
            except self._library.ZstdError as error:
                raise EOFError(str(error)) from None
            self._input = self._frame.unused_data
            if self._frame.eof:
                self._frame = None
        count = min(len(buffer), len(self._output))
        buffer[:count], self._output = self._output[:count], self._output[count:]
        return count
