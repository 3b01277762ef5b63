"""What a fragment is within its document: repeats, runs, place, and words shared with the rest."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner import kernel
from cleaner.alike import changes, stretches_of
from cleaner.characters import KINDS, Kind
from cleaner.features import LOOK_NAMES, Floats, View, Words, in_columns, line_keys, looks
from cleaner.splitting import Batch, Ints, line_edges

SETTING_NAMES = (
    "indent",
    "blank_before",
    "blank_after",
    "blanks_before",
    "glued_before",
    "glued_after",
    "same_count",
    "same_adjacent",
    "returns_later",
    "stood_earlier",
    "run",
    "run_place",
    "known_words",
    "known_in_prose",
    "known_names",
    "unknown_names",
    "place",
    "from_start",
    "from_end",
    "document_lines",
    "document_length",
    "document_prose",
    "prose_before",
    "prose_since",
    "prose_until",
    "relative_length",
    "familiar",
    "more_familiar",
)

#: The columns of `shapes`.
SHAPE_NAMES = LOOK_NAMES + SETTING_NAMES

_DOCUMENT = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME = np.uint64(0x9E3779B97F4A7C15)


def shapes(batch: Batch, seen: View, found: Words) -> Floats:
    """The looks of every fragment and its setting; shape (fragments, len(SHAPE_NAMES))."""
    return shaped(batch, found, line_keys(seen), looks(batch, seen, found))


def shaped(batch: Batch, found: Words, keys: NDArray[np.uint64], looked: Floats) -> Floats:
    """As `shapes`, from the fragments' words, `line_keys` and looks."""
    return np.concatenate([looked, settings(batch, found, keys, looked)], axis=1)


def settings(batch: Batch, found: Words, keys: NDArray[np.uint64], looked: Floats) -> Floats:
    """The setting of every fragment, from its `line_keys` and `looks`.

    Returns shape (fragments, len(SETTING_NAMES)). A document's rows do not depend on the other
    documents of the batch.
    """
    fragments = len(batch)
    if not fragments:
        return np.zeros((0, len(SETTING_NAMES)), np.float32)
    length = batch.end - batch.start
    prose = looked[:, LOOK_NAMES.index("prose")] > 0
    line_start = line_edges(batch)[batch.line]
    alike = batch.document[1:] == batch.document[:-1]
    continued = np.zeros(fragments, bool)
    continued[1:] = (batch.line[1:] == batch.line[:-1]) & alike
    indent = np.where(continued, 0, np.minimum(batch.start - line_start, 40))
    gap = np.zeros(fragments, np.int64)
    gap[1:] = np.where(alike, np.maximum(batch.line[1:] - batch.line[:-1] - 1, 0), 0)
    repeats = _repetition(batch, keys)
    run, run_place = _runs(batch, length)
    vocabulary = _vocabulary(batch, found, prose, length)
    before, since, until = _prose_around(batch, length * prose)
    lines = (batch.first[1:] - batch.first[:-1])[batch.document]
    index = np.arange(fragments) - batch.first[batch.document]
    size = np.bincount(batch.document, length, minlength=batch.documents)
    in_prose = np.bincount(batch.document, length * prose, minlength=batch.documents)
    columns = (
        np.log1p(indent),
        gap > 0,
        np.append(gap[1:] > 0, False),
        np.log1p(np.minimum(gap, 10)),
        continued,
        np.append(continued[1:], False),
        np.log(repeats.times),
        repeats.adjacent,
        repeats.later,
        repeats.earlier,
        np.log(run) / 2,
        run_place,
        *vocabulary.known,
        (index + 0.5) / lines,
        np.log1p(index) / 3,
        np.log1p(lines - 1 - index) / 3,
        np.log1p(lines) / 3,
        np.log1p(size)[batch.document] / 5,
        (in_prose / np.maximum(size, 1))[batch.document],
        before,
        since,
        until,
        np.log(length * lines / np.maximum(size, 1)[batch.document]),
        vocabulary.familiar,
        vocabulary.more_familiar,
    )
    return in_columns(columns)


#: Beyond so many lines, prose is as good as absent.
_FAR = 100


def _prose_around(batch: Batch, prose: Ints) -> tuple[NDArray[np.float64], ...]:
    """Where a fragment lies among its document's prose (`prose`: characters of it in each).

    The share of the prose that lies before it, and how many lines back and ahead the nearest
    prose is (logarithms). Menus have all prose after them, footers all before.
    """
    sums = np.zeros(prose.size + 1, np.float64)
    np.cumsum(prose, out=sums[1:])
    low, high = batch.first[batch.document], batch.first[batch.document + 1]
    share = (sums[:-1] - sums[low]) / np.maximum(sums[high] - sums[low], 1)
    place, is_prose = np.arange(prose.size), prose > 0
    last, coming = np.full(prose.size, -1), np.full(prose.size, prose.size)
    np.maximum.accumulate(np.where(is_prose, place, -1)[:-1], out=last[1:])
    np.minimum.accumulate(np.where(is_prose, place, prose.size)[:0:-1], out=coming[-2::-1])
    since = np.where(last >= low, np.minimum(place - last, _FAR), _FAR)
    until = np.where(coming < high, np.minimum(coming - place, _FAR), _FAR)
    return share, np.log(since) / 2, np.log(until) / 2


class _Repeats(NamedTuple):
    """How often a fragment's key stands in its document, and on which side the others lie."""

    times: Ints
    adjacent: NDArray[np.bool_]
    later: NDArray[np.bool_]
    earlier: NDArray[np.bool_]


def document_keys(keys: NDArray[np.uint64], document: Ints) -> NDArray[np.uint64]:
    """Keys told apart by document."""
    return keys * _PRIME + document.astype(np.uint64) * _DOCUMENT


def _repetition(batch: Batch, keys: NDArray[np.uint64]) -> _Repeats:
    mixed = document_keys(keys, batch.document)
    order = np.argsort(mixed, kind="stable")
    ranked = mixed[order]
    new = changes(ranked)
    _, size = stretches_of(new)
    some = keys != 0
    count = np.empty(len(batch), np.int64)
    count[order] = size.repeat(size)
    count[~some] = 1
    # Places after the first of each group: each has the one before it as its earlier self.
    second = (~new).nonzero()[0]
    this, other = order[second], order[second - 1]
    near = this - other <= 2
    later, earlier, adjacent = (np.zeros(len(batch), bool) for _ in range(3))
    later[other[~near]] = True
    earlier[this[~near]] = True
    adjacent[this[near]] = adjacent[other[near]] = True
    return _Repeats(count, adjacent & some, later & some, earlier & some)


def _runs(batch: Batch, length: Ints) -> tuple[Ints, NDArray[np.float64]]:
    """Runs of neighbours alike in beginning, end and length: the run's length, the place in it."""
    first, last = batch.kinds[batch.start], batch.kinds[batch.end - 1]
    begins = np.where(first == Kind.LOWER, Kind.UPPER, first).astype(np.int64)
    ends = np.where((last >= Kind.LOWER) & (last <= Kind.DIGIT), Kind.LOWER, last)
    size = np.minimum(np.log2(np.maximum(length, 1)) / 2, 5).astype(np.int64)
    look = (begins * KINDS + ends) * 8 + size
    start, size = stretches_of(changes(look) | changes(batch.document))
    run_length = size.repeat(size)
    return run_length, (np.arange(look.size) - start.repeat(size) + 0.5) / run_length


class _Vocabulary(NamedTuple):
    """What a fragment's words have to do with the rest of its document; (fragments,) each.

    known: the share of its long words that the rest uses too; that the rest of the prose uses; the
    share of its capitalised ones that the prose uses; how many of those it does not (a logarithm).
    familiar: how often the rest uses its words, as a mean of logarithms; more_familiar: by how much
    that is above the document's mean. Filler in another language has none of the little words.
    """

    known: tuple[NDArray[np.float64], ...]
    familiar: NDArray[np.float64]
    more_familiar: NDArray[np.float64]


def _vocabulary(batch: Batch, found: Words, prose: NDArray[np.bool_], length: Ints) -> _Vocabulary:
    counts = _shared(batch, found, prose).T.astype(np.float64)
    own, known, told, names, named, words, steps = counts
    own, some = np.maximum(own, 1), np.maximum(names, 1)
    familiar = steps / np.maximum(words, 1)
    weight = length * (words > 0)
    size = np.bincount(batch.document, weight, minlength=batch.documents)
    total = np.bincount(batch.document, familiar * weight, minlength=batch.documents)
    mean = total / np.maximum(size, 1)
    more = np.where(words > 0, familiar - mean[batch.document], 0)
    told_apart = (known / own, told / own, named / some, np.log1p(names - named) / 2)
    return _Vocabulary(told_apart, familiar / 3, more / 2)


#: Shorter words tell nothing of what a text is about.
_LONG_WORD = 4


def _shared(batch: Batch, found: Words, prose: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Of each fragment's words, (fragments, 7): how many are long; how many of those stand in the
    rest of its document, in the rest of its prose; how many are names, and how many of the names
    the prose has too; how many words there are; how many binary digits it takes to write down how
    often each stands in the rest of the document, added up.
    """
    if kernel.COMPILED is not None:
        counts = np.empty((len(batch), 7), np.int32)
        parts = (found.hashes, found.owner, found.length, found.capital, batch.document, prose)
        kernel.COMPILED.vocabulary(*parts, counts)
        return counts
    owner = found.owner
    keys = document_keys(found.hashes, batch.document[owner])
    _, word, times = np.unique(keys, return_inverse=True, return_counts=True)
    _, use, here = np.unique(
        word.astype(np.int64) * len(batch) + owner, return_inverse=True, return_counts=True
    )
    digits = np.frexp((times[word] - here[use]).astype(np.float64))[1]
    long, prosaic = found.length >= _LONG_WORD, prose[owner]
    known = long & _elsewhere(word, owner, word, owner)
    told = long & _elsewhere(word, owner, word[prosaic], owner[prosaic])
    name = long & found.capital
    asked = (long, known, told, name, name & told, np.ones(owner.size), digits)
    columns = [np.bincount(owner, weights, minlength=len(batch)) for weights in asked]
    return np.stack(columns, axis=1).astype(np.int32)


def _elsewhere(
    word: Ints, owner: NDArray[np.int32], by_word: Ints, by_owner: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Which words (word, owner) are among the words (by_word, by_owner) of another owner."""
    size = int(word.max(initial=0)) + 1
    first, last = np.full(size, -1, np.int32), np.full(size, -1, np.int32)
    last[by_word] = by_owner  # of several values for one word the last one stays
    first[by_word[::-1]] = by_owner[::-1]
    found: NDArray[np.bool_] = (first[word] != owner) | (last[word] != owner)
    found &= last[word] >= 0
    return found
