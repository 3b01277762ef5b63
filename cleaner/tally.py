"""What one pass over the looked-at characters of spans tells: sums of table rows, counts, words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner import kernel
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

    start, end: spans of the batch's characters to look at instead of its fragments. The tally is the same, to the bit, from the compiled pass and from numpy.
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
    kept, fresh = np.flatnonzero(same), np.flatnonzero(~same)
    source = source[kept]
    new = tallied(batch, table, batch.start[fresh], batch.end[fresh])

    def merged(old: NDArray[Any], added: NDArray[Any]) -> NDArray[Any]:
        out = np.empty((len(batch), *old.shape[1:]), old.dtype)
        out[kept], out[fresh] = old[source], added
        return out

    place = np.full(len(whole), -1, np.int32)
    place[source] = kept
    owner = place[told.words.owner]
    stay = np.flatnonzero(owner >= 0)
    owner = np.concatenate([owner[stay], fresh.astype(np.int32)[new.words.owner]])
    order = np.argsort(owner, kind="stable")

    def ordered(old: NDArray[Any], added: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([old[stay], added])[order]

    return Tally(
        merged(told.sums, new.sums),
        merged(told.facts, new.facts),
        merged(told.keys, new.keys),
        Words(
            ordered(told.words.hashes, new.words.hashes),
            owner[order],
            ordered(told.words.length, new.words.length),
            ordered(told.words.capital, new.words.capital),
        ),
    )
