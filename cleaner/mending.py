"""The kept fragments back into a text: nothing of them changed, the seams of removals closed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cleaner.alike import changes, stretches_of

Ints = NDArray[np.int64]

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


class Slice(NamedTuple):
    """A span of the text that stays; an empty one is a line break that is put in there."""

    start: int
    end: int


class Laid(NamedTuple):
    """Texts laid end to end, one character after each, and their pieces in order.

    offsets: where each text begins, (texts + 1,); edges: where each line begins, and at last where
    one after all would, (lines + 1,), the character after a text counted as a line end; first: the
    first piece of each text, (texts + 1,); start, end: the pieces' spans; line: which line each
    stands on; (pieces,).
    """

    offsets: Ints
    edges: Ints
    first: Ints
    start: Ints
    end: Ints
    line: Ints


def mended(text: str, pieces: Sequence[Span]) -> str:
    """The text without the pieces that go.

    Pieces are in order and cover all visible characters. A line that loses nothing stays as it
    is. Pieces of one line that stay each get a line of their own; the whitespace between them
    stays at the end of the earlier one. A line that loses all its pieces goes with its line end.
    Where removed lines stood between blank lines, the longer run of blank lines stays, and at the
    text's edges the outer one. If nothing goes and no line has two pieces, the text comes back
    unchanged.
    """
    return _joined(text, slices(text, pieces))


def slices(text: str, pieces: Sequence[Span]) -> list[Slice]:
    """What `mended` puts one behind another, in order."""
    edges = np.array([0, *(found.end() for found in _BREAK.finditer(text)), len(text) + 1])
    start = np.array([piece.start for piece in pieces], np.int64)
    end = np.array([piece.end for piece in pieces], np.int64)
    keep = np.array([piece.keep for piece in pieces], bool)
    line = np.searchsorted(edges, start, "right") - 1
    offsets, first = np.array([0, len(text) + 1]), np.array([0, start.size])
    return next(_all_slices([text], Laid(offsets, edges, first, start, end, line), keep))


def line_end(text: str) -> str:
    """The line end that the text uses, by its first one."""
    found = _BREAK.search(text)
    return found.group() if found else "\n"


def all_mended(texts: Sequence[str], laid: Laid, keep: NDArray[np.bool_]) -> Iterator[str]:
    """As `mended`, of texts laid end to end; keep: which pieces stay, (pieces,)."""
    return map(_joined, texts, _all_slices(texts, laid, keep))


def _joined(text: str, stays: Sequence[Slice]) -> str:
    if all(start < end for start, end in stays):
        return "".join([text[start:end] for start, end in stays])
    newline = line_end(text)
    return "".join([text[start:end] if start < end else newline for start, end in stays])


class _Lines(NamedTuple):
    """The visible lines of texts laid end to end.

    head: the first piece of each; pieces: how many it has; number: which line it is; begin, stop:
    where it begins, and where the next one does or the text ends; kept: whether anything of it
    stays; text: whose it is; all of shape (lines,). first: the first line of each text,
    (texts + 1,).
    """

    head: Ints
    pieces: Ints
    number: Ints
    begin: Ints
    stop: Ints
    kept: NDArray[np.bool_]
    text: Ints
    first: Ints


def _lines(laid: Laid, keep: NDArray[np.bool_]) -> _Lines:
    head, pieces = stretches_of(changes(laid.line))
    number = laid.line[head]
    first = head.searchsorted(laid.first)
    text = np.arange(first.size - 1).repeat(first[1:] - first[:-1])
    return _Lines(
        head,
        pieces,
        number,
        laid.edges[number],
        np.minimum(laid.edges[number + 1], laid.offsets[1:][text] - 1),
        np.logical_or.reduceat(keep, head) if head.size else keep,
        text,
        first,
    )


def _all_slices(texts: Sequence[str], laid: Laid, keep: NDArray[np.bool_]) -> Iterator[list[Slice]]:
    lines = _lines(laid, keep)
    spans, bounds = _spans(laid, lines)
    rebuilt = (lines.kept & (lines.pieces > 1)).nonzero()[0]
    of_text = rebuilt.searchsorted(lines.first).tolist()
    for number, text in enumerate(texts):
        low, high = bounds[number], bounds[number + 1]
        some = rebuilt[of_text[number] : of_text[number + 1]]
        if some.size:
            offset = int(laid.offsets[number])
            begin, stop = (places[some] - offset for places in (lines.begin, lines.stop))
            whole = list(zip(begin.tolist(), stop.tolist(), strict=True))
            head, end = lines.head[some], lines.head[some] + lines.pieces[some]
            ranges = zip(head.tolist(), end.tolist(), strict=True)
            pieces = [_pieces(laid, keep, offset, *of_line) for of_line in ranges]
            yield list(_with_rebuilt(text, spans[low:high], whole, pieces))
        else:
            yield spans[low:high]


def _spans(laid: Laid, lines: _Lines) -> tuple[list[Slice], list[int]]:
    """What stays of each text, and where each text's slices begin in the list; none is empty."""
    number, text, first, kept = lines.number, lines.text, lines.first, lines.kept
    begin, stop = lines.begin, lines.stop
    starts, ends = laid.offsets[:-1], laid.offsets[1:] - 1
    is_filled = first[1:] > first[:-1]
    filled = is_filled.nonzero()[0]
    opening, closing = (np.zeros(kept.size, bool) for _ in range(2))
    opening[first[filled]] = True
    closing[first[filled + 1] - 1] = True
    # Runs of lines that stay: from their first line's begin, or the text's, to their last's end.
    leading, trailing = opening.copy(), closing.copy()
    leading[1:] |= ~kept[:-1]
    trailing[:-1] |= ~kept[1:]
    here, there = (kept & leading).nonzero()[0], (kept & trailing).nonzero()[0]
    run_begin = np.where(opening[here], starts[text[here]], begin[here])
    run_end = np.where(closing[there], ends[text[there]], stop[there])
    # A seam inside a text: the longer run of blank lines stays, of two alike the first.
    seam = (text[here[1:]] == text[there[:-1]]).nonzero()[0]
    gone, back = there[seam] + 1, here[seam + 1]
    before = number[gone] - number[gone - 1] >= number[back] - number[back - 1]
    run_end[seam] = np.where(before, begin[gone], stop[gone - 1])
    run_begin[seam + 1] = np.where(before, begin[back], stop[back - 1])
    # At the edges of a text that loses its first or last lines the outer blank lines stay.
    led = filled[~kept[first[filled]]]
    some = np.zeros(first.size - 1, bool)
    some[text[here]] = True
    trailed = filled[~kept[first[filled + 1] - 1] & some[filled]]
    blank = (~is_filled).nonzero()[0]
    low = np.concatenate([run_begin, starts[led], stop[first[trailed + 1] - 1], starts[blank]])
    high = np.concatenate([run_end, begin[first[led]], ends[trailed], ends[blank]])
    owner = np.concatenate([text[here], led, trailed, blank])
    order = np.lexsort((low, owner))
    order = order[low[order] < high[order]]
    owner = owner[order]
    offset = laid.offsets[owner]
    spans = map(Slice, (low[order] - offset).tolist(), (high[order] - offset).tolist())
    return list(spans), owner.searchsorted(np.arange(first.size)).tolist()


def _pieces(laid: Laid, keep: NDArray[np.bool_], offset: int, low: int, high: int) -> list[Piece]:
    """The pieces of one line, in places of its text, which begins at `offset`."""
    here = slice(low, high)
    start, end = (laid.start[here] - offset).tolist(), (laid.end[here] - offset).tolist()
    return list(map(Piece, start, end, keep[here].tolist()))


def _with_rebuilt(
    text: str,
    spans: Sequence[Slice],
    lines: Sequence[tuple[int, int]],
    pieces: Sequence[Sequence[Piece]],
) -> Iterator[Slice]:
    """The spans of the text, with those lines of them rebuilt that hold several pieces."""
    number = 0
    for begin, end in spans:
        while number < len(lines) and lines[number][0] < end:
            yield from _unless_empty(begin, lines[number][0])
            yield from _rebuilt(text, *lines[number], pieces[number])
            begin = lines[number][1]
            number += 1
        yield from _unless_empty(begin, end)


def _rebuilt(text: str, begin: int, end: int, pieces: Sequence[Piece]) -> Iterator[Slice]:
    """What stays of a line of several pieces, with a line break between those that stay."""
    content_end = begin + len(text[begin:end].rstrip("\r\n"))
    last = max(number for number, piece in enumerate(pieces) if piece.keep)
    yield from _unless_empty(begin, pieces[0].start)
    for number, piece in enumerate(pieces):
        if piece.keep:
            yield Slice(piece.start, piece.end)
            if number != last:
                following = pieces[number + 1]
                until = following.start if following.keep else piece.end
                yield from _unless_empty(piece.end, until)
                yield Slice(until, until)
    if last == len(pieces) - 1:
        yield from _unless_empty(pieces[-1].end, content_end)
    yield from _unless_empty(content_end, end)


def _unless_empty(start: int, end: int) -> Iterator[Slice]:
    if start < end:
        yield Slice(start, end)
