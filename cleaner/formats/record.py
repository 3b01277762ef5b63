"""The nouns and the protocol of all formats: a file is cut, read as records, and put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, Protocol

#: What a record's text may be, and so who is to judge it.
TEXT, HTML = "text", "html"

#: The field or column that says where a record is from.
URL = "url"

#: The field or column that `--annotate` adds.
ANNOTATION = "cleaner"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a record has its text, what that is, and what is added to it.

    field: of JSON lines, or column of Parquet; keep_original: the field that gets the text as it
    was; annotate: whether a summary is added; encoding: of text files; page_encoding: of pages
    of HTML that are bytes, or None to find it out; holds: what the field's text is; body: what
    becomes of that if it is HTML, "text" or "markdown".
    """

    field: str = "text"
    keep_original: str | None = None
    annotate: bool = False
    encoding: str = "utf-8"
    page_encoding: str | None = None
    holds: str = TEXT
    body: str = TEXT

    @property
    def added(self) -> tuple[str, ...]:
        """The names of the fields that cleaning adds to a record, in order."""
        names = (self.keep_original, ANNOTATION if self.annotate else None)
        return tuple(name for name in names if name)


class Cut(NamedTuple):
    """Whole records of a file, one after another: their bytes and the number of the first.

    Of a file that is one document, a stretch of it, and the characters before; goes_on: whether
    another one follows.
    """

    payload: bytes
    first: int
    goes_on: bool = False


@dataclass(slots=True)
class Record:
    """One document within a file.

    number: its line, row or record, from 1 on (0 where a file is one document); text: what is to
    be cleaned, or None where the record is handed on as it is; holds: what that text is; fault:
    why it is handed on, where that is an error; url: where it is from, if it says so; form: what
    besides its text is needed to write the record as it was; mark: a byte order mark in front of
    the text; start: how many characters of the document stand before the text, where a long
    document comes in several records; goes_on: whether another of them follows; raw: the format's
    own.
    """

    number: int
    text: str | None = None
    holds: str = TEXT
    fault: str = ""
    url: str = ""
    form: str | None = None
    mark: str = ""
    start: int = 0
    goes_on: bool = False
    raw: Any = None


class Result(NamedTuple):
    """What has become of a record: its clean text, and the summary for `--annotate`."""

    body: str
    summary: dict[str, Any] | None = None


class Original(NamedTuple):
    """What a record was before cleaning: mark and text, form, and the fields that were added."""

    text: str
    form: str | None
    added: Sequence[str]


class Format(Protocol):
    """One file's format. Faults of the file as a whole raise `InputError` naming it."""

    #: What a record is called in messages: "line", "row"; empty where a file is one document.
    unit: str

    #: What becomes of a record with a fault.
    fate: str

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """The file in pieces of whole records, each of about `size` bytes; at least one piece."""
        ...

    def records(self, cut: Cut) -> list[Record]:
        """The records of a piece."""
        ...

    def put(self, cut: Cut, records: Sequence[Record], results: Sequence[Result | None]) -> bytes:
        """The piece with each record's text replaced by its result, where there is one."""
        ...

    def back(
        self, cut: Cut, records: Sequence[Record], originals: Sequence[Original | None]
    ) -> bytes:
        """The undoing of `put`: a clean piece with its records as they were before cleaning."""
        ...

    def pack(self, body: bytes) -> bytes:
        """A piece as it is kept until `join`: compressed, where pieces can be."""
        ...

    def join(self, parts: Iterable[bytes], sink: BinaryIO) -> None:
        """Write the file that packed pieces make up."""
        ...
