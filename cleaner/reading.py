"""Bytes in: which inputs there are, and each of them as text that can be written back unchanged."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cleaner.errors import InputError, OptionError

#: What standard input is called in reports.
STDIN = "-"

#: A byte order mark.
MARK = "\ufeff"

_LOOKED_AT = 1 << 16
_MOST_CONTROLS = 0.1
_TEXT_CONTROLS = b"\t\n\v\f\r\x00\x1b\x85"
_BIG_ENDIAN_MARKS = {"utf-16": codecs.BOM_UTF16_BE, "utf-32": codecs.BOM_UTF32_BE}


@dataclass(frozen=True, slots=True)
class Source:
    """An input file, and the relative path its output gets."""

    path: Path
    relative: Path


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and how to make bytes of it again: the codec, its error handler, a BOM before it."""

    text: str
    codec: str
    errors: str = "surrogateescape"
    mark: str = ""

    def encoded(self, text: str) -> bytes:
        """`text` in this input's encoding, behind the byte order mark the input had."""
        return (self.mark + text).encode(self.codec, self.errors)


def checked_encoding(name: str) -> str:
    """The codec's canonical name; raises `OptionError` if there is no such text encoding."""
    try:
        found = codecs.lookup(name).name.removesuffix("-sig")
        b"".decode(found, _errors(found))
        if b"a".decode("ascii").encode(found, _errors(found)).decode(found) != "a":
            raise LookupError
    except (LookupError, ValueError):
        raise OptionError(f"no text encoding {name!r}; try utf-8, cp1252 or utf-16") from None
    return found


def _errors(codec: str) -> str:
    """Stray bytes can be carried through unless a character may be part of another's bytes."""
    shifting = codec.startswith(("utf-16", "utf-32", "utf-7", "iso2022", "hz"))
    return "strict" if shifting else "surrogateescape"


def decoded(data: bytes, encoding: str, name: str, *, goes_on: bool = False) -> Decoded:
    """The text of `data`; stray bytes survive as surrogates and are written back as they were.

    goes_on: whether a text goes on here, so that what its beginning would tell is not looked for.
    Raises `InputError` if the data is binary, or not in a wide or shifting encoding named.
    """
    codec, errors = encoding, _errors(encoding)
    if encoding in _BIG_ENDIAN_MARKS:
        # Named outright, so that the mark is kept as text and written back as it was.
        big = data.startswith(_BIG_ENDIAN_MARKS[encoding])
        codec = f"{encoding}-be" if big else f"{encoding}-le"
    if errors != "strict" and not goes_on:
        _check(data, name)
    try:
        text = data.decode(codec, errors)
    except UnicodeError as error:
        place = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise InputError(f"{name}: not {encoding}{place}; choose another --encoding") from None
    mark = MARK if text.startswith(MARK) and not goes_on else ""
    return Decoded(text[len(mark) :], codec, errors, mark)


def decoded_parts(blocks: Iterable[bytes], encoding: str, name: str) -> Iterator[str]:
    """A text that comes in blocks of bytes, in parts, its mark included; as `decoded` reads it.

    The encoding is one in which stray bytes `are_carried`; the first block tells a binary file.
    Errors are those of `decoded`.
    """
    errors = _errors(encoding)
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    try:
        for number, block in enumerate(blocks):
            if not number:
                _check(block, name)
            yield decoder.decode(block)
        # A character that is cut off: some decoders drop it when told that this is the end.
        yield decoder.getstate()[0].decode(encoding, errors)
    except UnicodeError:
        raise InputError(f"{name}: not {encoding}; choose another --encoding") from None


def are_carried(encoding: str) -> bool:
    """Whether stray bytes of the encoding are carried through; if so, a line feed is one byte."""
    return _errors(encoding) != "strict"


def read_filled(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, and less only at the end, where a pipe hands on less at a time."""
    parts, left = list[bytes](), size
    while left and (data := stream.read(left)):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


def _check(data: bytes, name: str) -> None:
    if is_binary(data):
        raise InputError(f"{name}: looks like a binary file, not text")


def is_binary(data: bytes) -> bool:
    """Whether more than a tenth of the first bytes are control characters no text has.

    A zero byte now and then is a scraper's accident; text with them is cleaned and keeps them.
    """
    head = data[:_LOOKED_AT]
    controls = sum(head.count(bytes([code])) for code in range(32) if code not in _TEXT_CONTROLS)
    zeros = head.count(0)
    return controls + (zeros if zeros > len(head) * 0.3 else 0) > len(head) * _MOST_CONTROLS


def read_bytes(path: Path) -> bytes:
    """The file's bytes; raises `InputError` naming it if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None


def sources(paths: Sequence[Path], output: Path | None) -> Iterator[Source]:
    """The files among `paths` and all files below its folders, in order, hidden ones left out.

    A file below a folder keeps its path relative to it; a file given by itself keeps the path it
    was given by, or its name alone if that path leads out of the current folder. What lies below
    `output` is no input.
    """
    for path in paths:
        if path.is_dir():
            for file in _below(path, output):
                yield Source(file, file.relative_to(path))
        elif path.is_absolute() or ".." in path.parts:
            yield Source(path, Path(path.name))
        else:
            yield Source(path, path)


def _below(folder: Path, output: Path | None) -> Iterator[Path]:
    skipped = os.path.realpath(output) if output is not None else None
    closed: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(Path(root, name)) != skipped
        )
        found = (Path(root, name) for name in sorted(files) if not name.startswith("."))
        yield from (path for path in found if not _is_special(path))
    # A folder that cannot be read fails as a file does: what is in it must not be left out unsaid.
    yield from (Path(error.filename) for error in closed)


def _is_special(path: Path) -> bool:
    """Whether the path is a pipe, socket or device; nobody may ever write to it."""
    return any(kind(path) for kind in (Path.is_fifo, Path.is_socket, Path.is_char_device))
