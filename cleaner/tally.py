"""What one pass over the looked-at characters of spans tells: sums of table rows, counts, words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner import kernel
from cleaner.alike import changes, stretches_of
from cleaner.characters import fold_table
from cleaner.features import (
    BUCKETS,
    FACTS,
    GRAMS,
    Floats,
    Ints,
    Words,
    facts,
    grams,
    line_keys,
    scale_of,
    summed,
    view_spans,
    words,
)
from cleaner.splitting import Batch

#: The compiled pass knows tables of so many columns only.
_COLUMNS = 16


@dataclass(frozen=True, slots=True)
class Tally:
    """What is told of a batch's fragments.

    sums: the table's rows summed over each fragment's n-grams, (fragments, columns), whole numbers;
    facts: as `features.facts`; keys: as `features.line_keys`; words: as `features.words`.
    """

    sums: NDArray[np.int32]
    facts: NDArray[np.int32]
    keys: NDArray[np.uint64]
    words: Words

    @property
    def scale(self) -> Floats:
        """What each fragment's sums are multiplied by; (fragments,)."""
        return scale_of(self.facts[:, GRAMS])


def tallied(
    batch: Batch, table: NDArray[np.int8], start: Ints | None = None, end: Ints | None = None
) -> Tally:
    """The tally of the batch's fragments with a table of int8, (BUCKETS, columns).

    start, end: spans of the batch's characters to look at instead of its fragments.
    The tally is the same, to the bit, from the compiled pass and from numpy.
    """
    start = batch.start if start is None else start
    end = batch.end if end is None else end
    compiled = kernel.COMPILED
    if compiled is None or table.shape != (BUCKETS, _COLUMNS):
        return _tallied(batch, table, start, end)
    spans = start.size
    sums = np.empty((spans, _COLUMNS), np.int32)
    counted = np.empty((spans, FACTS), np.int32)
    keys = np.empty(spans, np.uint64)
    hashes, owner, length, capital = compiled.tally(
        batch.codes, batch.kinds, start, end, fold_table(), table, sums, counted, keys
    )
    told = Words(
        np.frombuffer(hashes, np.uint64),
        np.frombuffer(owner, np.int32),
        np.frombuffer(length, np.int32),
        np.frombuffer(capital, np.bool_),
    )
    return Tally(sums, counted, keys, told)


def _tallied(batch: Batch, table: NDArray[np.int8], start: Ints, end: Ints) -> Tally:
    """The twin of the compiled pass."""
    seen = view_spans(batch, start, end)
    told = words(seen)
    found = grams(seen, told)
    sums = summed(table, found).astype(np.int32)
    return Tally(sums, facts(seen, told, found.counts), line_keys(seen), told)


def retallied(whole: Batch, told: Tally, batch: Batch, table: NDArray[np.int8]) -> Tally:
    """The tally of a batch some of whose fragments were cut; `told`: that of the `whole` ones.

    Only the pieces are looked at again.
    """
    source = np.minimum(np.searchsorted(whole.start, batch.start), len(whole) - 1)
    same = (whole.start[source] == batch.start) & (whole.end[source] == batch.end)
    fresh = np.flatnonzero(~same)
    new = tallied(batch, table, batch.start[fresh], batch.end[fresh])
    source[fresh] = np.arange(fresh.size)
    # Stretches of whole fragments and of pieces, by turns.
    begin, size = stretches_of(changes(same))
    parts = [
        (told if same[first] else new, int(source[first]), int(count), int(first))
        for first, count in zip(begin.tolist(), size.tolist(), strict=True)
    ]
    words = [_words_of(part, first, count, place) for part, first, count, place in parts]

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate(
            [getattr(part, name)[first : first + count] for part, first, count, _ in parts]
        )

    columns = (np.concatenate(column) for column in zip(*words, strict=True))
    return Tally(joined("sums"), joined("facts"), joined("keys"), Words(*columns))


def _words_of(told: Tally, first: int, count: int, place: int) -> tuple[NDArray[Any], ...]:
    """The words of `count` fragments from `first` on, owned by fragments from `place` on."""
    found = told.words
    here = slice(*np.searchsorted(found.owner, (first, first + count)).tolist())
    owner = found.owner[here] + np.int32(place - first)
    return found.hashes[here], owner, found.length[here], found.capital[here]
