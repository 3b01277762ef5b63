"""What a look at texts has found: counts of each, and its fragments when they are asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from cleaner.decisions import REASONS, Verdicts
from cleaner.document import CATEGORIES, Fragment, fragments_of, moved
from cleaner.mending import Laid, all_mended
from cleaner.model import Scores


class Counts(NamedTuple):
    """The lines (fragments) of a text by what becomes of them, and what they score.

    lines, characters: how many are kept, and then, category by category as in `CATEGORIES`, how
    many are stripped; weight: their scores, each times its characters, added up.
    """

    lines: Sequence[int]
    characters: Sequence[int]
    weight: float


#: What nothing counts.
NONE = Counts([0] * len(CATEGORIES), [0] * len(CATEGORIES), 0.0)


def added(one: Counts, other: Counts) -> Counts:
    """Both together."""
    return Counts(
        [*map(sum, zip(one.lines, other.lines, strict=True))],
        [*map(sum, zip(one.characters, other.characters, strict=True))],
        one.weight + other.weight,
    )


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in one text. body: its article; fragments: makes them, which takes time."""

    body: str
    counts: Counts
    fragments: Callable[[], list[Fragment]]


def in_a_row(bounds: Sequence[int], fragments: Sequence[list[Fragment]]) -> list[Fragment]:
    """The fragments of a text's stretches, which begin at `bounds`, as those of the text."""
    if len(fragments) == 1:
        return fragments[0]
    return list(chain.from_iterable(map(moved, fragments, bounds)))


def joined(bounds: Sequence[int], looks: Sequence[Look]) -> Look:
    """The looks at a text's stretches, which begin at `bounds`, as one at the text."""
    if len(looks) == 1:
        return looks[0]
    counts = functools.reduce(added, [look.counts for look in looks])
    body = "".join([look.body for look in looks])
    return Look(body, counts, lambda: in_a_row(bounds, [look.fragments() for look in looks]))


class Batch:
    """Texts that were judged together.

    laid: where their fragments lie; scores, verdicts: what they score, and what is decided.
    """

    def __init__(self, texts: Sequence[str], laid: Laid, scores: Scores, verdicts: Verdicts):
        self._texts, self._laid, self._verdicts = texts, laid, verdicts
        self._document = scores.batch.document
        # Rounded once more, as what single precision rounds to has more digits than it says.
        self._score = np.round(scores.article.astype(np.float64), 5)

    def bodies(self) -> Iterator[str]:
        """The article of each text."""
        return all_mended(self._texts, self._laid, self._verdicts.keep)

    def fragments(self) -> Iterator[list[Fragment]]:
        """The fragments of each text."""
        yield from self._fragments(0, len(self._texts))

    def looks(self) -> Iterator[Look]:
        """The look at each text."""
        for number, (body, counts) in enumerate(zip(self.bodies(), self._counts(), strict=True)):
            yield Look(body, counts, functools.partial(self._one, number))

    def _one(self, number: int) -> list[Fragment]:
        return next(self._fragments(number, number + 1))

    def _counts(self) -> Iterator[Counts]:
        size, kinds = self._laid.end - self._laid.start, len(CATEGORIES)
        outcome = np.where(self._verdicts.keep, 0, self._verdicts.category)
        cell, shape = self._document * kinds + outcome, (len(self._texts), kinds)
        least = shape[0] * kinds
        lines = np.bincount(cell, minlength=least).reshape(shape)
        characters = np.bincount(cell, size, least).astype(np.int64).reshape(shape)
        weight = np.bincount(self._document, size * self._score, shape[0])
        columns = (lines.tolist(), characters.tolist(), weight.tolist())
        return map(Counts, *columns)

    def _fragments(self, begin: int, end: int) -> Iterator[list[Fragment]]:
        """The fragments of each text from `begin` on."""
        first = self._laid.first[begin : end + 1]
        here = slice(first[0], first[-1])
        offset = self._laid.offsets[self._document[here]]
        starts, ends = (
            (places[here] - offset).tolist() for places in (self._laid.start, self._laid.end)
        )
        score, keep = self._score[here].tolist(), self._verdicts.keep[here].tolist()
        category = [CATEGORIES[number] for number in self._verdicts.category[here].tolist()]
        reason = [REASONS[number] for number in self._verdicts.reason[here].tolist()]
        edges = (first - first[0]).tolist()
        for text, low, high in zip(self._texts[begin:end], edges[:-1], edges[1:], strict=True):
            some = slice(low, high)
            cut = [text[one:two] for one, two in zip(starts[some], ends[some], strict=True)]
            columns = (starts, ends, category, score, keep, reason)
            yield fragments_of(cut, *(column[some] for column in columns))
