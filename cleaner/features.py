"""What a fragment is by itself, in numbers: hashed n-grams and looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.characters import KINDS, Kind, folded
from cleaner.splitting import Batch

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

#: What is looked at of a fragment: its first and its last characters. A paragraph shows what it
#: is in its first lines; the bound makes a line of 200 MB cost what a line of 400 characters costs.
HEAD, TAIL = 256, 64

#: Buckets of the n-gram table. Bucket 0 is kept for "no n-gram here" and has no weight.
BUCKETS = 1 << 18
CHAR_ORDERS = (3, 4, 5)

_BEGIN, _GAP, _END = 2, 1, 3
_PADDING = max(CHAR_ORDERS) - 1

_PRIME = np.uint64(0x9E3779B97F4A7C15)
# An odd base has an inverse modulo 2**64, so that the hash of any stretch is one subtraction of
# running sums and one product (Karp and Rabin's rolling hash, in the ring of machine words).
_BASE = 0xD1342543DE82EF95
_INVERSE = pow(_BASE, -1, 1 << 64)


@dataclass(frozen=True, slots=True)
class View:
    """The looked-at characters of all fragments, laid end to end between marks.

    exact: folded code points, codes: the same with all digits alike; kinds; all of shape
    (characters,). start: where each fragment's begin mark stands, shape (fragments + 1,); owner:
    the fragment of every character; inner: True inside the marks.
    """

    exact: NDArray[np.uint32]
    codes: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    start: Ints
    owner: NDArray[np.int32]
    inner: NDArray[np.bool_]


def view(batch: Batch) -> View:
    """What is looked at of every fragment: at most `HEAD` + `TAIL` characters of it."""
    return view_spans(batch, batch.start, batch.end)


def view_spans(batch: Batch, begin: Ints, finish: Ints) -> View:
    """As `view`, for spans of the batch's characters that need not be its fragments."""
    length = finish - begin
    long = length > HEAD + TAIL
    head = np.where(long, HEAD, length)
    shown = np.where(long, HEAD + TAIL + 1, length)
    size = shown + 2 + (_PADDING - 1)
    start = np.zeros(size.size + 1, np.int64)
    np.cumsum(size, out=start[1:])
    total = int(start[-1])
    owner = np.repeat(np.arange(size.size, dtype=np.int32), size)
    within = np.arange(total, dtype=np.int64) - start[owner]
    source = begin[owner] + within - 1
    tail = within > head[owner] + 1
    jump = np.where(long, length - HEAD - TAIL - 1, 0)
    source += np.where(tail, jump[owner], 0)
    inner = (within > 0) & (within <= shown[owner])
    source[~inner] = 0
    codes = folded(batch.codes[source])
    kinds = batch.kinds[source]
    codes[~inner] = 0
    kinds[~inner] = Kind.SPACE
    codes[start[:-1]] = _BEGIN
    codes[start[:-1] + shown + 1] = _END
    gap = (start[:-1] + head + 1)[long]
    codes[gap] = _GAP
    kinds[gap] = Kind.SPACE
    alike = np.where(kinds == Kind.DIGIT, np.uint32(ord("0")), codes)
    return View(codes, alike, kinds, start, owner, inner)


def _bucket(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Hashes into buckets 1 .. BUCKETS - 1 by their mixed high bits."""
    mixed = hashes * _PRIME
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(33)).astype(np.uint32) % np.uint32(BUCKETS - 1) + np.uint32(1)


def stretch_hashes(codes: NDArray[np.uint32], begin: Ints, finish: Ints) -> NDArray[np.uint64]:
    """A hash of each stretch `codes[begin:finish]`, like for like; shape (stretches,)."""
    powers = np.full(codes.size + 1, _BASE, np.uint64)
    powers[0] = 1
    np.multiply.accumulate(powers, out=powers)
    sums = np.zeros(codes.size + 1, np.uint64)
    np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * powers[:-1], out=sums[1:])
    back = np.full(codes.size + 1, _INVERSE, np.uint64)
    back[0] = 1
    np.multiply.accumulate(back, out=back)
    return (sums[finish] - sums[begin]) * back[begin]


@dataclass(frozen=True, slots=True)
class Words:
    """The runs of letters and digits, in order; shape (words,).

    hashes; owner: the fragment of each; length; capital: whether it begins with a capital.
    """

    hashes: NDArray[np.uint64]
    owner: NDArray[np.int32]
    length: NDArray[np.int32]
    capital: NDArray[np.bool_]


def words(seen: View) -> Words:
    """The words of all fragments."""
    kinds = seen.kinds
    solid = ((kinds >= Kind.LOWER) & (kinds <= Kind.DIGIT)).astype(np.int8)
    edges = np.diff(solid, prepend=np.int8(0), append=np.int8(0))
    begin, finish = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    hashes = stretch_hashes(seen.codes, begin, finish)
    capital = kinds[begin] == Kind.UPPER
    return Words(hashes, seen.owner[begin], (finish - begin).astype(np.int32), capital)


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of all fragments, one part an n-gram order.

    parts: pairs of (buckets, start): buckets grouped by fragment, start: where each fragment's
    group begins, shape (fragments + 1,). counts: n-grams of each fragment, (fragments,).
    """

    parts: tuple[tuple[NDArray[np.uint32], Ints], ...]
    counts: Ints

    @property
    def scale(self) -> Floats:
        """What each fragment's sum is multiplied by; (fragments,)."""
        return scale_of(self.counts)


def scale_of(counts: Ints | NDArray[np.int32]) -> Floats:
    """1 / sqrt(n-grams): sums grow so with the n-grams of a text that speaks for nothing."""
    return (1.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)


def grams(seen: View, found: Words) -> Grams:
    """The hashed n-grams of every fragment: characters by `CHAR_ORDERS`, words, pairs of words.

    Of code points and not of bytes, so that an order means as much in Cyrillic or Han as in Latin.
    """
    fragments = seen.start.size - 1
    codes = seen.codes.astype(np.uint64)
    alive = seen.inner.copy()
    alive[seen.start[:-1]] = True
    parts: list[tuple[NDArray[np.uint32], Ints]] = []
    rolling = codes
    for order in range(2, max(CHAR_ORDERS) + 1):
        rolling = rolling[:-1] * np.uint64(_BASE) + codes[order - 1 :]
        if order in CHAR_ORDERS:
            buckets = np.zeros(codes.size, np.uint32)
            buckets[: rolling.size] = _bucket(rolling + np.uint64(order))
            buckets *= alive
            parts.append((buckets, seen.start))
    everyone = np.arange(fragments + 1)
    parts.append((_bucket(found.hashes + np.uint64(101)), np.searchsorted(found.owner, everyone)))
    same = found.owner[1:] == found.owner[:-1]
    pair = (found.hashes[:-1] * np.uint64(_BASE) + found.hashes[1:])[same]
    pair_start = np.searchsorted(found.owner[1:][same], everyone)
    parts.append((_bucket(pair + np.uint64(202)), pair_start))
    counts = np.add.reduceat(alive, seen.start[:-1], dtype=np.int64) if fragments else everyone[:-1]
    counts = counts * len(CHAR_ORDERS)
    for _, start in parts[-2:]:
        counts = counts + np.diff(start)
    return Grams(tuple(parts), counts)


#: Rows gathered at once: what they take stays in the processor's cache.
_BLOCK = 1 << 15


def summed(table: NDArray[np.int8] | Floats, found: Grams) -> Floats:
    """The sum of the table's rows over each fragment's n-grams; (fragments, columns).

    Exact for a table of int8: all sums are whole numbers far below 2**24.
    """
    out = np.zeros((found.counts.size, table.shape[1]), np.float32)
    for buckets, start in found.parts:
        filled = np.flatnonzero(start[1:] > start[:-1])
        begin, finish = start[filled], start[filled + 1]
        first = 0
        while first < filled.size:
            last = int(np.searchsorted(finish, begin[first] + _BLOCK, "right"))
            last = max(last, first + 1)
            rows = table.take(buckets[begin[first] : finish[last - 1]], axis=0)
            rows = rows.astype(np.float32, copy=False)
            sums = np.add.reduceat(rows, begin[first:last] - begin[first], axis=0)
            out[filled[first:last]] += sums
            first = last
    return out


LOOK_NAMES = (
    "length",
    "words",
    "word_length",
    "upper",
    "capitalised",
    "digits",
    "marks",
    "signs",
    "spaces",
    "caseless",
    "ideographs",
    "first_upper",
    "first_lower",
    "first_digit",
    "first_bullet",
    "first_dash",
    "first_opening",
    "last_final",
    "last_colon",
    "last_comma",
    "last_letter",
    "last_digit",
    "last_closing",
    "commas",
    "colons",
    "bars",
    "finals",
    "dashes",
    "bullets",
    "sentences",
    "link",
    "prose",
)

#: A fragment of this many characters that ends like a sentence counts as prose.
PROSE_LENGTH = 100


#: What is counted of a fragment: its kinds, then these.
FACT_NAMES = ("words", "word_letters", "capitals", "sentences", "link", "grams")
_WORDS, _LETTERS, _CAPITALS, _SENTENCES, _LINK, GRAMS = range(KINDS, KINDS + len(FACT_NAMES))
FACTS = KINDS + len(FACT_NAMES)


def facts(seen: View, found: Words, grams: Ints) -> NDArray[np.int32]:
    """The counts that `looks_of` needs: shape (fragments, FACTS), by `Kind` and `FACT_NAMES`."""
    fragments = seen.start.size - 1
    out = np.zeros((fragments, FACTS), np.int32)
    key = seen.owner[seen.inner].astype(np.int64) * KINDS + seen.kinds[seen.inner]
    out[:, :KINDS] = np.bincount(key, minlength=fragments * KINDS).reshape(fragments, KINDS)
    out[:, _WORDS] = np.bincount(found.owner, minlength=fragments)
    out[:, _LETTERS] = np.bincount(found.owner, found.length, minlength=fragments)
    out[:, _CAPITALS] = np.bincount(found.owner, found.capital, minlength=fragments)
    # A sentence ends inside: a final mark, then whitespace (or, in Han and kana, anything).
    ends = (seen.kinds[:-1] == Kind.FINAL) & (
        ((seen.kinds[1:] == Kind.SPACE) & seen.inner[1:]) | (seen.kinds[1:] == Kind.IDEOGRAPH)
    )
    out[:, _SENTENCES] = np.bincount(seen.owner[:-1][ends], minlength=fragments)
    out[:, _LINK] = _links(seen, fragments)
    out[:, GRAMS] = grams
    return out


def looks(batch: Batch, seen: View, found: Words) -> Floats:
    """As `looks_of`, from the view and the words of the batch's fragments."""
    return looks_of(batch, facts(seen, found, np.zeros(len(batch), np.int64)))


def looks_of(batch: Batch, counted: NDArray[np.int32]) -> Floats:
    """Length, case, digits, marks, beginning and end of every fragment, from its `facts`.

    Returns shape (fragments, len(LOOK_NAMES)). Shares are 0..1, counts and lengths are logarithms.
    """
    fragments = len(batch)
    if not fragments:
        return np.zeros((0, len(LOOK_NAMES)), np.float32)
    length = batch.end - batch.start
    counted = np.ascontiguousarray(counted.T)
    counts = counted[:KINDS]
    shown = np.maximum(counts.sum(0), 1)
    letters = counts[Kind.LOWER] + counts[Kind.UPPER] + counts[Kind.CASELESS]
    n_words = counted[_WORDS]
    stretch = length / shown  # a long fragment is counted by what is shown of it
    word_letters, capital = counted[_LETTERS], counted[_CAPITALS]
    first = batch.kinds[batch.start]
    last = batch.kinds[batch.end - 1]
    before_last = batch.kinds[np.maximum(batch.end - 2, batch.start)]
    quoted = (last == Kind.CLOSING) & (before_last == Kind.FINAL)
    sentence_end = (last == Kind.FINAL) | quoted
    sentences = counted[_SENTENCES]
    long = (length >= PROSE_LENGTH) | (counts[Kind.IDEOGRAPH] >= PROSE_LENGTH // 3)
    columns = (
        np.log1p(length),
        np.log1p(n_words * stretch),
        np.minimum(word_letters / np.maximum(n_words, 1), 20) / 10,
        counts[Kind.UPPER] / np.maximum(letters, 1),
        capital / np.maximum(n_words, 1),
        counts[Kind.DIGIT] / shown,
        counts[Kind.FINAL : Kind.SIGN].sum(0) / shown,
        (counts[Kind.SIGN] + counts[Kind.OTHER]) / shown,
        counts[Kind.SPACE] / shown,
        counts[Kind.CASELESS] / shown,
        counts[Kind.IDEOGRAPH] / shown,
        first == Kind.UPPER,
        first == Kind.LOWER,
        first == Kind.DIGIT,
        first == Kind.BULLET,
        first == Kind.DASH,
        (first == Kind.OPENING) | (first == Kind.CLOSING),
        sentence_end,
        last == Kind.COLON,
        last == Kind.COMMA,
        (last >= Kind.LOWER) & (last <= Kind.IDEOGRAPH),
        last == Kind.DIGIT,
        (last == Kind.CLOSING) & ~quoted,
        np.log1p(counts[Kind.COMMA]),
        np.log1p(counts[Kind.COLON]),
        np.log1p(counts[Kind.BAR]),
        np.log1p(counts[Kind.FINAL]),
        np.log1p(counts[Kind.DASH]),
        np.log1p(counts[Kind.BULLET]),
        np.log1p(sentences * stretch),
        counted[_LINK],
        sentence_end & long,
    )
    return in_columns(columns)


def in_columns(columns: Sequence[NDArray[Any]]) -> Floats:
    """The columns as one matrix, each a stretch of its memory; (rows, columns)."""
    out = np.empty((len(columns), columns[0].size), np.float32)
    for row, column in zip(out, columns, strict=True):
        row[:] = column
    return out.T


def _links(seen: View, fragments: int) -> NDArray[np.bool_]:
    """Which fragments hold "://", "www." or an at-sign inside a word."""
    codes = seen.codes
    hits = np.zeros(codes.size, bool)
    for pattern, anchor in (("://", "/"), ("www.", "w")):
        # Look for the rarest character first, then check the others only there.
        lead = pattern.index(anchor)
        places = np.flatnonzero(codes == ord(anchor)) - lead
        places = places[(places >= 0) & (places + len(pattern) <= codes.size)]
        for offset, char in enumerate(pattern):
            places = places[codes[places + offset] == ord(char)]
        hits[places] = True
    at = np.flatnonzero(codes == ord("@"))
    at = at[(at > 0) & (at + 1 < codes.size)]
    wordy = (seen.kinds >= Kind.LOWER) & (seen.kinds <= Kind.DIGIT)
    hits[at[wordy[at - 1] & wordy[at + 1]]] = True
    return np.bincount(seen.owner[hits], minlength=fragments) > 0


def line_keys(seen: View) -> NDArray[np.uint64]:
    """A hash of the letters and digits of each fragment from its first letter on; (fragments,).

    Bullets, numbering, marks and case are left out, so that an entry of a table of contents has
    the key of the heading it names. A fragment without letters is keyed by its digits; 0: nothing.
    """
    everyone = np.arange(seen.start.size)
    kinds = seen.kinds
    solid = np.flatnonzero((kinds >= Kind.LOWER) & (kinds <= Kind.DIGIT))
    bounds = np.searchsorted(seen.owner[solid], everyone)
    letters = np.flatnonzero(kinds[solid] != Kind.DIGIT)
    upto = np.searchsorted(letters, bounds)
    begin = bounds[:-1].copy()
    has = upto[1:] > upto[:-1]
    begin[has] = letters[upto[:-1][has]]
    hashes = stretch_hashes(seen.exact[solid], begin, bounds[1:])
    length = bounds[1:] - begin
    return np.where(length > 0, hashes + length.astype(np.uint64), np.uint64(0))


def are_among(keys: NDArray[np.uint64], ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of the keys are among the ordered ones; (keys,)."""
    if not ordered.size:
        return np.zeros(keys.size, bool)
    place = np.minimum(np.searchsorted(ordered, keys), ordered.size - 1)
    found: NDArray[np.bool_] = ordered[place] == keys
    return found
