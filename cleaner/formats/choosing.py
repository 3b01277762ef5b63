"""Which format a file has, by its name or by order."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cleaner.errors import InputError, OptionError
from cleaner.extras import library
from cleaner.formats import compression
from cleaner.formats.record import ANNOTATION, HTML, TEXT, Format, Layout

MARKDOWN, JSONL, PARQUET, WET, WARC = "markdown", "jsonl", "parquet", "wet", "warc"

#: What the words of `--format` say: how a file holds its documents, and what these are.
_FORMATS = {
    TEXT: (TEXT, TEXT),
    HTML: (TEXT, HTML),
    JSONL: (JSONL, TEXT),
    f"{JSONL}+{HTML}": (JSONL, HTML),
    PARQUET: (PARQUET, TEXT),
    f"{PARQUET}+{HTML}": (PARQUET, HTML),
    WET: (WET, TEXT),
    WARC: (WARC, HTML),
}
FORMATS = tuple(_FORMATS)

#: What the words of `--output-format` say: how documents are written, where that is to be
#: another way than they were held, and what HTML becomes.
_OUTPUTS: dict[str | None, tuple[str | None, str]] = {
    None: (None, TEXT),
    TEXT: (None, TEXT),
    MARKDOWN: (None, MARKDOWN),
    JSONL: (JSONL, TEXT),
    f"{JSONL}+{MARKDOWN}": (JSONL, MARKDOWN),
    WET: (WET, TEXT),
}
OUTPUT_FORMATS = tuple(name for name in _OUTPUTS if name)

#: Those of them that say something of HTML alone.
OF_HTML = (TEXT, MARKDOWN)

#: What can be written otherwise than it was held.
_BECOMES = {WET: (WET, JSONL), WARC: (WARC, WET, JSONL)}

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
    ".warc": WARC,
}
_ENDING = re.compile(r"\.[^./\\]+$")
_PAGE_ENDING = re.compile(r"\.(html?|xhtml)$", re.IGNORECASE)
_ARCHIVE_ENDING = re.compile(r"(\.warc)?\.(wet|warc)$", re.IGNORECASE)

#: The endings of what pages become.
_ENDING_OF = {TEXT: ".txt", MARKDOWN: ".md"}
_MARKDOWN_ENDINGS = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file holds, and what its output is to hold.

    read, written: how its documents are held ("text" for a file that is one); codec, packing: how
    the file and its output are compressed, or ""; holds: what the documents are, "text" or
    "html"; body: what HTML becomes, "text" or "markdown".
    """

    read: str
    written: str
    codec: str
    packing: str
    holds: str = TEXT
    body: str = TEXT

    @property
    def is_records(self) -> bool:
        """Whether a file is many documents."""
        return self.read != TEXT

    @property
    def is_page(self) -> bool:
        """Whether a file is a page of HTML."""
        return (self.read, self.holds) == (TEXT, HTML)

    @property
    def word(self) -> str:
        """What it is called in messages."""
        return HTML if self.is_page else self.read


def kind(name: str, asked: str | None = None) -> Kind:
    """The kind of a file of this name; `asked` overrides its ending. Unknown ones are text.

    Asked for HTML, it is that which files of records hold, if the ending says that it is one.
    Raises `OptionError` if the ending says that it holds texts alone.
    """
    stem, codec = _codec(name)
    named = _named(stem)
    if asked == HTML and named == WET:
        raise OptionError(f"{name}: WET archives hold no HTML; leave out --format html")
    read, holds = _FORMATS[asked or named or TEXT]
    if asked == HTML and named in (JSONL, PARQUET, WARC):
        read = named
    return Kind(read, read, codec, codec, holds)


def _named(stem: str) -> str | None:
    found = _ENDING.search(stem)
    return _ENDINGS.get(found.group().lower()) if found else None


def _codec(name: str) -> tuple[str, str]:
    for ending, codec in compression.CODECS.items():
        if name.lower().endswith(ending):
            return name[: -len(ending)], codec
    return name, ""


def written_as(one: Kind, name: str, output_format: str | None) -> tuple[Kind, str]:
    """The kind as it is to be written, and the name of the output file.

    Raises `OptionError` where the one format cannot become the other.
    """
    container, body = _OUTPUTS[output_format]
    one = _becoming(one, name, container, body)
    stem, _ = _codec(name)
    packing = name[len(stem) :]
    if one.is_page and not stem.lower().endswith(_ENDING_OF[one.body]):
        stem = _PAGE_ENDING.sub("", stem) + _ENDING_OF[one.body]
    elif one.written != one.read:
        ending = ".warc.wet" if one.written == WET else f".{one.written}"
        stem = _ARCHIVE_ENDING.sub("", stem) + ending
    return one, stem + packing


def file_to_file(one: Kind, name: str, output: str, output_format: str | None) -> Kind:
    """The kind of a file of which the output's name is given; "" is standard output.

    A page becomes Markdown if its output is called so and nothing else is asked for. Raises
    `OptionError` where the output's name is that of a format that it cannot have.
    """
    stem, packing = _codec(output)
    if output_format is None and one.is_page and stem.lower().endswith(_MARKDOWN_ENDINGS):
        output_format = MARKDOWN
    container, body = _OUTPUTS[output_format]
    # Any text may be called anything.
    if container is None and one.is_records:
        container = _FORMATS[_named(stem) or one.read][0]
    return replace(_becoming(one, name, container, body), packing=packing)


def _becoming(one: Kind, name: str, container: str | None, body: str) -> Kind:
    if container == WARC and one.read == WET:  # which is one kind of it
        container = WET
    written = container or one.read
    if written not in _BECOMES.get(one.read, (one.read,)):
        raise OptionError(
            f"{name}: {one.word} is not written as {written}; only wet becomes jsonl, and "
            "warc becomes wet or jsonl"
        )
    return replace(one, written=written, body=body if one.holds == HTML else TEXT)


def check(one: Kind, layout: Layout) -> None:
    """Raise `MissingError` or `OptionError` if files of this kind cannot be done here, so."""
    for codec in (one.codec, one.packing):
        compression.check(codec)
    if one.read == PARQUET:
        library("pyarrow.parquet", "reading and writing Parquet")
    if one.read in (WET, WARC):
        library("fastwarc.warc", f"reading {one.read.upper()} archives")
        if layout.keep_original and one.written != JSONL:
            raise OptionError(
                f"{one.written.upper()} archives have no place for --keep-original; "
                "write jsonl instead"
            )
    if one.holds == HTML:
        library("resiliparse.parse.html", "reading HTML")
    if one.is_records:
        _check_names(one, layout)


def _check_names(one: Kind, layout: Layout) -> None:
    """Raise `OptionError` if two fields of the records that are written would be called alike."""
    taken = dict.fromkeys((ANNOTATION,) if layout.annotate else (), "--annotate")
    if one.written == JSONL != one.read:
        from cleaner.formats.wet import FIELDS

        taken |= dict.fromkeys(FIELDS, f"JSON lines made of {one.read.upper()}")
    if one.written in (JSONL, PARQUET):
        wished = {"--field": layout.field, "--keep-original": layout.keep_original}
        for option, name in wished.items():
            if name in taken:
                raise OptionError(
                    f"{option} {name}: is the name of another field, of {taken[name]}; "
                    "choose another"
                )
            if name:
                taken[name] = option


def opened(one: Kind, layout: Layout, name: str) -> Format:
    """The format of the file `name`, which is what its faults are told under."""
    layout = replace(layout, holds=one.holds, body=one.body)
    if one.read == JSONL:
        from cleaner.formats.jsonl import JsonLines

        return JsonLines(layout, name, one.packing)
    if one.read == WET:
        from cleaner.formats.wet import Wet, WetAsJsonLines

        return (Wet if one.written == WET else WetAsJsonLines)(layout, name, one.packing)
    if one.read == WARC:
        from cleaner.formats.warc import Warc, WarcAsJsonLines, WarcAsWet

        ways: dict[str, type[Warc]] = {WARC: Warc, WET: WarcAsWet, JSONL: WarcAsJsonLines}
        return ways[one.written](layout, name, one.packing)
    if one.read == PARQUET:
        if one.codec:
            raise InputError(f"{name}: Parquet inside {one.codec} cannot be read; unpack it first")
        from cleaner.formats.parquet import Parquet

        return Parquet(layout, name)
    if one.is_page:
        from cleaner.formats.page import Page

        return Page(layout, name, one.packing)
    from cleaner.formats.text import Text

    return Text(layout, name, one.packing)
