"""Records through the cleaner, a piece of a file at a time: what is written, counted and told."""

from __future__ import annotations

import hashlib
import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cleaner.cleaning import Cleaner
from cleaner.document import Fragment, moved
from cleaner.formats.record import HTML, Cut, Format, Record, Result
from cleaner.looks import NONE, Counts, Look, added
from cleaner.rejecting import Begin, document_rows, page_rows
from cleaner.repeats import host_of
from cleaner.reporting import Stats, annotation
from cleaner.runs.settings import Settings
from cleaner.stretches import STRETCH
from cleaner.writing import json_line

#: So many faults of a file are told one by one; the rest are counted.
_TOLD = 20

#: Pieces are judged together until they have so many texts, or the characters of a stretch.
_TEXTS_AT_ONCE = 256

#: Cleaners by what they judge, of "text" and "html" what there is.
Judges = Mapping[str, Cleaner]


@dataclass(frozen=True, slots=True)
class Piece:
    """A cut of a file with its records; document: the file's name, file: that of its output."""

    format: Format
    cut: Cut
    records: Sequence[Record]
    document: str
    file: str


@dataclass(slots=True)
class Tally:
    """What is known of one or more pieces, adding up.

    faults: of records, told one by one up to a number; sample: strippings with their priorities.
    """

    stats: Stats = field(default_factory=Stats)
    faulty: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: Tally) -> None:
        """Count what another has counted."""
        self.stats.merge(other.stats)
        self.faulty += other.faulty
        self.faults = [*self.faults, *other.faults][:_TOLD]
        self.seconds += other.seconds

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "stats": self.stats.as_dict(),
            "faulty": self.faulty,
            "faults": self.faults,
            "seconds": round(self.seconds, 3),
        }

    @classmethod
    def of(cls, known: dict[str, Any]) -> Tally:
        """What `as_dict` gave."""
        return cls(
            Stats.of(known["stats"]), known["faulty"], list(known["faults"]), known["seconds"]
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A piece after cleaning: its bytes, the rows of what was stripped, a sample of them."""

    piece: Piece
    body: bytes
    rejects: bytes
    sample: bytes
    tally: Tally


@dataclass(frozen=True, slots=True)
class _Reached:
    """How far a document has come. begin: where its next stretch begins.

    counts: of the stretches so far; has_rows: whether there are rejects of them.
    """

    begin: Begin
    counts: Counts = NONE
    has_rows: bool = False


#: Where a document begins.
_BEGUN = _Reached(Begin())


def judged(
    judges: Judges, settings: Settings, pieces: Iterable[Piece], *, live: bool = False
) -> Iterator[Judged]:
    """The pieces in order. Texts of several pieces are judged together, a batch at a time.

    live: each piece as it comes instead.

    This is the one place where records meet the model: what a record holds says who judges it, and
    what speaks for or against a document's lines from outside of it (its host, where lines are
    counted by host) goes in here.
    """
    reached = _BEGUN
    for some in (deque([piece]) for piece in pieces) if live else _together(pieces):
        looks = {holds: _looks(judge, holds, some) for holds, judge in judges.items()}
        while some:
            one, reached = _finished(some.popleft(), looks, settings, reached)
            yield one


def _together(pieces: Iterable[Piece]) -> Iterator[deque[Piece]]:
    """Pieces with texts enough for a batch, or the last ones."""
    some: deque[Piece] = deque()
    texts = size = 0
    for piece in pieces:
        some.append(piece)
        lengths = [len(record.text) for record in piece.records if record.text is not None]
        texts, size = texts + len(lengths), size + sum(lengths)
        if texts >= _TEXTS_AT_ONCE or size >= STRETCH:
            yield some
            some, texts, size = deque(), 0, 0
    if some:
        yield some


def _looks(judge: Cleaner, holds: str, pieces: Iterable[Piece]) -> Iterator[Look]:
    """Those at all records of the pieces that are for this judge, in order, as they are asked."""
    mine = [record for piece in pieces for record in piece.records if record.holds == holds]
    texts = [record.text for record in mine if record.text is not None]
    hosts = None
    if judge.repeats is not None:
        hosts = [host_of(record.url) for record in mine if record.text is not None]
    return judge.looks(texts, hosts)


def _finished(
    piece: Piece, looks: Mapping[str, Iterator[Look]], settings: Settings, reached: _Reached
) -> tuple[Judged, _Reached]:
    """What has become of the piece, and how far its document has come if it goes on.

    reached: the same of the piece before.
    """
    layout, tally = settings.layout, Tally()
    results: list[Result | None] = []
    rejects: list[bytes] = []
    drawn: list[tuple[str, dict[str, Any]]] = []
    for record in piece.records:
        if record.text is None:
            results.append(None)
            if record.fault:
                tally.faulty += 1
                where = f"{piece.document}: {piece.format.unit} {record.number}"
                tally.faults.append(f"{where}: {record.fault}; {piece.format.fate}")
            continue
        look = next(looks[record.holds])
        results.append(Result(look.body, annotation(look.counts) if layout.annotate else None))
        where = f"{piece.format.unit} {record.number}" if record.number else ""
        name = f"{piece.document}: {where}" if where else piece.document
        if record.goes_on:
            tally.stats.count(look.counts)
        else:
            tally.stats.add(name, look.counts, reached.counts)
        rows: list[dict[str, Any]] = []
        if settings.rejects or settings.sample:
            fragments = look.fragments()
            if settings.rejects:
                rows = _rows(piece, record, fragments, layout.added, reached)
                rejects += map(json_line, rows)
            if settings.sample:
                drawn += _drawn(piece, record, moved(fragments, record.start), settings.seed)
        reached = _after(reached, record, look, rows) if record.goes_on else _BEGUN
    tally.faults = tally.faults[:_TOLD]
    lowest = heapq.nsmallest(settings.sample, drawn, key=lambda one: one[0])
    sample = b"".join(json_line({"priority": priority, **row}) for priority, row in lowest)
    whole = piece.format.put(piece.cut, piece.records, results)
    return Judged(piece, whole, b"".join(rejects), sample, tally), reached


def _after(
    reached: _Reached, record: Record, look: Look, rows: Sequence[dict[str, Any]]
) -> _Reached:
    assert record.text is not None
    mark, text, (start, since, at) = len(record.mark), len(record.text), reached.begin
    begin = Begin(start + text, since + mark + text, at + mark + len(look.body))
    return _Reached(begin, added(reached.counts, look.counts), reached.has_rows or bool(rows))


def _rows(
    piece: Piece,
    record: Record,
    fragments: Sequence[Fragment],
    fields: Sequence[str],
    reached: _Reached,
) -> list[dict[str, Any]]:
    assert record.text is not None
    if record.holds == HTML:
        return page_rows(fragments, document=piece.document, record=record.number, file=piece.file)
    return document_rows(
        record.text,
        fragments,
        document=piece.document,
        record=record.number,
        file=piece.file,
        mark=record.mark,
        begin=reached.begin if record.start or record.goes_on else None,
        is_last=reached.has_rows and not record.goes_on,
        form=record.form,
        fields=fields,
    )


def _drawn(
    piece: Piece, record: Record, fragments: Sequence[Fragment], seed: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The stripped fragments with a priority that depends on seed and place alone.

    The lowest priorities of a corpus are a sample of it, whoever has drawn which part of it.
    """
    for at, one in enumerate(fragments):
        if one.keep:
            continue
        place = f"{seed}\0{piece.document}\0{record.number}\0{one.start}"
        name = hashlib.blake2b(place.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        yield (
            name,
            {
                "document": piece.document,
                "record": record.number,
                **one.as_dict(),
                "above": fragments[at - 1].text[-300:] if at else "",
                "below": fragments[at + 1].text[:300] if at + 1 < len(fragments) else "",
            },
        )
