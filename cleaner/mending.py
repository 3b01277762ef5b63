"""The kept fragments back into a text: nothing of them changed, the seams of removals closed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

_BREAK = re.compile(r"\r\n|\n|\r")


class Span(Protocol):
    """What is asked of a fragment to put the text together again."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def keep(self) -> bool: ...


class Piece(NamedTuple):
    """The least of a `Span`."""

    start: int
    end: int
    keep: bool


class _Line(NamedTuple):
    """A line of the text: its span with its line end; where its end begins; its pieces."""

    start: int
    content_end: int
    end: int
    pieces: Sequence[Span]


class Slice(NamedTuple):
    """A span of the text that stays; an empty one is a line break that is put in there."""

    start: int
    end: int


def mended(text: str, pieces: Sequence[Span]) -> str:
    """The text without the pieces that go.

    Pieces are in order and cover all visible characters. A line that loses nothing stays as it
    is. Pieces of one line that stay each get a line of their own; the whitespace between them
    stays at the end of the earlier one. A line that loses all its pieces goes with its line end.
    Where removed lines stood between blank lines, the longer run of blank lines stays, and at the
    text's edges the outer one. If nothing goes and no line has two pieces, the text comes back
    unchanged.
    """
    if is_whole(text, pieces):
        return text
    newline = line_end(text)
    return "".join(
        text[start:end] if end > start else newline for start, end in slices(text, pieces)
    )


def is_whole(text: str, pieces: Sequence[Span]) -> bool:
    """Whether nothing goes and no line has two pieces, so that the text stays as it is."""
    return all(piece.keep for piece in pieces) and not _any_shared(text, pieces)


def slices(text: str, pieces: Sequence[Span]) -> Iterator[Slice]:
    """What `mended` puts one behind another, in order."""
    blank: list[_Line] = []  # the blank lines since the last visible line
    before: list[_Line] = []  # the blank lines in front of the first line removed since
    removed = started = False
    for line in _lines(text, pieces):
        if not line.pieces:
            blank.append(line)
        elif not any(piece.keep for piece in line.pieces):
            if not removed:
                removed, before = True, blank
            blank = []
        else:
            yield from _whole(_seam(before, blank, removed, started, ended=False))
            yield from _kept(line)
            blank, removed, started = [], False, True
    yield from _whole(_seam(before, blank, removed, started, ended=True))


def _any_shared(text: str, pieces: Sequence[Span]) -> bool:
    """Whether any two neighbouring pieces stand on one line."""
    return any(
        "\n" not in between and "\r" not in between
        for between in (text[one.end : two.start] for one, two in itertools.pairwise(pieces))
    )


def line_end(text: str) -> str:
    """The line end that the text uses, by its first one."""
    found = _BREAK.search(text)
    return found.group() if found else "\n"


def _lines(text: str, pieces: Sequence[Span]) -> Iterator[_Line]:
    """The lines of the text in order, each with the pieces that stand on it."""
    start = piece = 0
    for content_end, end in (*(found.span() for found in _BREAK.finditer(text)), (len(text),) * 2):
        first = piece
        while piece < len(pieces) and pieces[piece].start < content_end:
            piece += 1
        if end > start:
            yield _Line(start, content_end, end, pieces[first:piece])
        start = end


def _seam(
    before: list[_Line], after: list[_Line], removed: bool, started: bool, *, ended: bool
) -> list[_Line]:
    """Which blank lines stay between two kept lines, or a kept line and an edge of the text."""
    if not removed:
        return after
    if not started:
        return before
    if ended:
        return after
    return before if len(before) >= len(after) else after


def _whole(lines: list[_Line]) -> Iterator[Slice]:
    return (Slice(line.start, line.end) for line in lines)


def _kept(line: _Line) -> Iterator[Slice]:
    """What stays of a line, with a line break between the pieces that stay."""
    if len(line.pieces) == 1:
        yield Slice(line.start, line.end)
        return
    first, last = line.pieces[0], line.pieces[-1]
    kept = [piece for piece in line.pieces if piece.keep]
    if first.start > line.start:
        yield Slice(line.start, first.start)
    for number, piece in enumerate(line.pieces):
        if not piece.keep:
            continue
        yield Slice(piece.start, piece.end)
        if piece is not kept[-1]:
            following = line.pieces[number + 1]
            end = following.start if following.keep else piece.end
            if end > piece.end:
                yield Slice(piece.end, end)
            yield Slice(end, end)
    if kept[-1] is last and line.content_end > last.end:
        yield Slice(last.end, line.content_end)
    if line.end > line.content_end:
        yield Slice(line.content_end, line.end)
