"""Very long texts in stretches of whole lines, so that judging one takes bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from cleaner.splitting import Ints

#: A stretch has so many characters at least, and half as many more at most and one line: about a
#: book. What is judged together is a stretch, with the same outcome however the text came in.
STRETCH = 1 << 19

#: A line is judged by so many characters of its beginning and as many of its end.
LINE_ENDS = 1 << 17

_BREAK = re.compile(r"\n|\r(?!\n)")


def edges(text: str) -> list[int]:
    """Where the stretches of the text begin, and at last its length.

    A stretch ends with a line end; what would be left of less than half a stretch belongs to the
    last one.
    """
    if len(text) <= STRETCH:
        return [0, len(text)]
    found = [0]
    while (edge := _edge(text, found[-1], found[-1])) is not None:
        found.append(edge)
    return [*found, len(text)]


def stretched(parts: Iterable[str]) -> Iterator[str]:
    """The stretches of a text that comes in parts, as `edges` has them; at least one."""
    held, begin, looked, endless = "", 0, 0, list[str]()
    for part in parts:
        endless.append(part)
        if "\n" not in part and "\r" not in part:
            continue  # put together once, however long the line is
        held, looked, begin = "".join([held[begin:], *endless]), looked - begin, 0
        endless = []
        while (edge := _edge(held, begin, looked)) is not None:
            yield held[begin:edge]
            begin = looked = edge
        looked = max(looked, len(held) - STRETCH // 2 + 1)
    yield from _last("".join([held[begin:], *endless]))


def _last(text: str) -> Iterator[str]:
    """What is left when all has come: one stretch, or two where the last line is long."""
    bounds = edges(text)
    yield from (text[one:two] for one, two in pairwise(bounds))


def _edge(text: str, begin: int, looked: int) -> int | None:
    """The end of the stretch that begins there, if the text is known far enough beyond it.

    There is none before `looked`.
    """
    first, last = max(begin + STRETCH, looked), len(text) - STRETCH // 2
    # One character more than may be the end of it: a CR must see its partner.
    found = _BREAK.search(text, first - 1, last + 1) if first <= last else None
    return found.end() if found is not None and found.end() <= last else None


class Gap(NamedTuple):
    """A piece of a text that is left out when it is judged: text[start:end]."""

    start: int
    end: int


def all_gaps(texts: Sequence[str]) -> list[list[Gap]]:
    """The `gaps` of each text; none at all where no line is as long as that, as nearly always."""
    if max(map(len, texts), default=0) <= 2 * LINE_ENDS:
        return []
    found = list(map(gaps, texts))
    return found if any(found) else []


def gaps(text: str) -> list[Gap]:
    """What is left out of the lines that are longer than what a line is judged by, in order.

    It is the middle of what they show, and most of the white space before and after that.
    """
    out, begin = list[Gap](), 0
    while len(text) - begin > 2 * LINE_ENDS:
        # From the beginning of one line to that of another, by leaps: no look at each of them.
        reach = begin + 2 * LINE_ENDS + 1
        last = max(text.rfind("\n", begin, reach), text.rfind("\r", begin, reach))
        if last < 0:
            found = _BREAK.search(text, reach)
            last = found.start() if found else len(text)
            out += _of_line(text, begin, last)
        begin = last + 1
    return out


def _of_line(text: str, begin: int, end: int) -> Iterator[Gap]:
    first, last = _first_shown(text, begin, end), _last_shown(text, begin, end)
    # One blank stays at either end, so that the places of the line and of its text differ.
    for start, stop in (
        (begin + 1, first),
        (first + LINE_ENDS, last - LINE_ENDS),
        (max(first, last) + 1, end),
    ):
        if start < stop:
            yield Gap(start, stop)


def _first_shown(text: str, begin: int, end: int) -> int:
    """The first visible character of the line; its end if there is none."""
    while begin < end:
        some = text[begin : min(end, begin + LINE_ENDS)]
        shown = some.lstrip()
        if shown:
            return begin + len(some) - len(shown)
        begin += len(some)
    return end


def _last_shown(text: str, begin: int, end: int) -> int:
    """Behind the last visible character of the line; its beginning if there is none."""
    while begin < end:
        some = text[max(begin, end - LINE_ENDS) : end]
        shown = some.rstrip()
        if shown:
            return end - len(some) + len(shown)
        end -= len(some)
    return begin


def without(text: str, left_out: Sequence[Gap]) -> str:
    """The text without its gaps."""
    starts = [0, *(gap.end for gap in left_out)]
    ends = [*(gap.start for gap in left_out), len(text)]
    return "".join([text[start:end] for start, end in zip(starts, ends, strict=True)])


class Widened:
    """Places in texts laid end to end without their gaps, as places in them with their gaps.

    texts: as they are; left_out: the gaps of each. One character stands after each text.
    """

    def __init__(self, texts: Sequence[str], left_out: Sequence[Sequence[Gap]]) -> None:
        at, shift = 0, 0
        places, shifts = list[int](), [0]
        for text, some in zip(texts, left_out, strict=True):
            for gap in some:
                places.append(at + gap.start - shift)
                shift += gap.end - gap.start
                shifts.append(shift)
            at += len(text) + 1
        self._places, self._shifts = np.array(places, np.int64), np.array(shifts, np.int64)

    def __call__(self, places: Ints) -> Ints:
        """The places as they are with the gaps; what lies at a gap lies behind it."""
        moved: Ints = places + self._shifts[np.searchsorted(self._places, places, "right")]
        return moved
