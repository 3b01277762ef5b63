"""Which format a file has, by its name or by order."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cleaner.errors import InputError, OptionError
from cleaner.extras import library
from cleaner.formats import compression
from cleaner.formats.record import Format, Layout

TEXT, HTML, JSONL, PARQUET, WET = "text", "html", "jsonl", "parquet", "wet"
FORMATS = (TEXT, HTML, JSONL, PARQUET, WET)

_ENDINGS = {
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".jsonl": JSONL,
    ".ndjson": JSONL,
    ".jsonlines": JSONL,
    ".json": JSONL,
    ".parquet": PARQUET,
    ".pq": PARQUET,
    ".wet": WET,
    ".warc": WET,
}
_ENDING = re.compile(r"\.[^./\\]+$")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file holds, and what its output is to hold.

    read, written: formats; codec, packing: how the file and its output are compressed, or "".
    """

    read: str
    written: str
    codec: str
    packing: str

    @property
    def is_records(self) -> bool:
        """Whether a file is many documents."""
        return self.read not in (TEXT, HTML)


def kind(name: str, asked: str | None = None) -> Kind:
    """The kind of a file of this name; `asked` overrides its ending. Unknown ones are text."""
    stem, codec = _codec(name)
    found = _ENDING.search(stem)
    read = asked or _ENDINGS.get(found.group().lower() if found else "", TEXT)
    return Kind(read, read, codec, codec)


def _codec(name: str) -> tuple[str, str]:
    for ending, codec in compression.CODECS.items():
        if name.lower().endswith(ending):
            return name[: -len(ending)], codec
    return name, ""


def written_as(one: Kind, name: str, output_format: str | None) -> tuple[Kind, str]:
    """The kind with another format of output, and the name of the output file.

    Raises `OptionError` where the one format cannot become the other.
    """
    if output_format is None or output_format == one.read or one.read == HTML:
        return one, name
    if (one.read, output_format) != (WET, JSONL):
        raise OptionError(
            f"{name}: {one.read} is not written as {output_format}; only wet becomes jsonl"
        )
    stem, _ = _codec(name)
    ending = name[len(stem) :]
    stem = re.sub(r"(\.warc)?\.(wet|warc)$", "", stem, flags=re.IGNORECASE)
    return replace(one, written=output_format), f"{stem}.jsonl{ending}"


def file_to_file(one: Kind, name: str, output: str, output_format: str | None) -> Kind:
    """The kind of a file of which the output's name is given; "" is standard output.

    Raises `OptionError` where the output's name is that of a format that it cannot have.
    """
    stem, packing = _codec(output)
    found = _ENDING.search(stem)
    named = _ENDINGS.get(found.group().lower() if found else "")
    asked = output_format or named
    # Any text may be called anything.
    one, _ = written_as(one, name, asked if one.is_records else None)
    return replace(one, packing=packing)


def check(one: Kind, layout: Layout) -> None:
    """Raise `MissingError` or `OptionError` if files of this kind cannot be done here, so."""
    for codec in (one.codec, one.packing):
        compression.check(codec)
    if one.read == PARQUET:
        library("pyarrow.parquet", "reading and writing Parquet")
    if one.read == WET:
        library("fastwarc.warc", "reading WET archives")
        if layout.keep_original and one.written == WET:
            raise OptionError("WET archives have no place for --keep-original; write jsonl instead")


def opened(one: Kind, layout: Layout, name: str) -> Format:
    """The format of the file `name`, which is what its faults are told under."""
    if one.read == JSONL:
        from cleaner.formats.jsonl import JsonLines

        return JsonLines(layout, name, one.packing)
    if one.read == WET:
        from cleaner.formats.wet import Wet, WetAsJsonLines

        return (Wet if one.written == WET else WetAsJsonLines)(layout, name, one.packing)
    if one.read == HTML:
        raise InputError(f"{name}: HTML is cleaned one page at a time; give it alone")
    if one.read == PARQUET:
        if one.codec:
            raise InputError(f"{name}: Parquet inside {one.codec} cannot be read; unpack it first")
        from cleaner.formats.parquet import Parquet

        return Parquet(layout, name)
    from cleaner.formats.text import Text

    return Text(layout, name, one.packing)
