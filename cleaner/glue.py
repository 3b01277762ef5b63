"""Where a line may be two things glued together, and what speaks for and against a cut there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner import kernel
from cleaner.characters import Kind, fold_table
from cleaner.features import LOOK_NAMES, Floats, are_among, line_keys, looks_of, view
from cleaner.setting import document_keys
from cleaner.splitting import Batch, Ints, assemble
from cleaner.tally import Tally, tallied

#: How a candidate looks: "end.The", "end.- The" or "Basics- The", the last sentence of a line that
#: ends without a final mark, "wordThe", and a known advertisement label before a paragraph.
JOINTS = ("joined", "bulleted", "tail", "camel", "label")

#: No more candidates a line than this; the others stay whole. Keeps a hostile line cheap.
MOST = 16

_TAIL_LEFT, _TAIL_RIGHT = 30, 220
_LABEL_LINE = 60


class Candidates(NamedTuple):
    """Places where a cut may be made, in order.

    fragment: which one; cut: where the right piece begins, in the batch's characters; left_end:
    where the left piece ends, whitespace left out; joint: index in `JOINTS`. Shape (candidates,).
    """

    fragment: Ints
    cut: Ints
    left_end: Ints
    joint: Ints


def candidates(batch: Batch, labels: NDArray[np.uint64]) -> Candidates:
    """All places worth a judgement; `labels`: keys of the labels that get stuck to paragraphs."""
    if kernel.COMPILED is None:
        return _candidates(batch, labels)
    found = kernel.COMPILED.joints(
        batch.codes, batch.kinds, batch.start, batch.end, fold_table(), np.sort(labels)
    )
    return Candidates(*(np.frombuffer(part, np.int64) for part in found))


def _candidates(batch: Batch, labels: NDArray[np.uint64]) -> Candidates:
    """The twin of the compiled pass."""
    kinds, codes = batch.kinds, batch.codes
    size = kinds.size
    if not len(batch) or size < 3:
        empty = np.zeros(0, np.int64)
        return Candidates(empty, empty, empty, empty)
    letter = (kinds >= Kind.LOWER) & (kinds <= Kind.IDEOGRAPH)
    capital = (kinds == Kind.UPPER) | (kinds == Kind.CASELESS)
    # A sentence may close with a quotation mark or bracket after its final mark.
    stop = kinds == Kind.FINAL
    stop[1:] |= (kinds[1:] == Kind.CLOSING) & (kinds[:-1] == Kind.FINAL)
    opens = capital.copy()
    opens[:-1] |= (kinds[:-1] == Kind.OPENING) & capital[1:]
    space = kinds == Kind.SPACE

    joined = np.zeros(size, bool)
    # "U.S.Army", "J.K.Rowling", "e.g.The": a single letter before the mark is no sentence end.
    single = letter[:-2] & (kinds[1:-1] == Kind.FINAL)
    single[1:] &= ~letter[:-3]
    joined[2:] = stop[1:-1] & opens[2:] & ~single

    mark = (kinds == Kind.BULLET) | (kinds == Kind.DASH)
    bulleted = np.zeros(size, bool)
    attached = (letter | (kinds == Kind.DIGIT) | stop | (kinds == Kind.CLOSING))[:-3]
    bulleted[1:-2] = attached & mark[1:-2] & space[2:-1] & (letter | opens)[3:]
    apart = stop[:-4] & space[1:-3] & mark[2:-2] & space[3:-1] & (letter | opens)[4:]
    bulleted[2:-2] |= apart
    bulleted[1:-2] |= space[:-3] & (kinds[1:-2] == Kind.BULLET) & space[2:-1] & opens[3:]

    camel = np.zeros(size, bool)
    camel[1:-1] = (kinds[:-2] == Kind.LOWER) & (kinds[1:-1] == Kind.UPPER) & letter[2:]
    camel[2:-1] |= (
        (kinds[:-3] == Kind.UPPER)
        & (kinds[1:-2] == Kind.UPPER)
        & (kinds[2:-1] == Kind.UPPER)
        & (kinds[3:] == Kind.LOWER)
    )

    place = np.flatnonzero(joined | bulleted | camel)
    joint = np.where(bulleted[place], 1, np.where(joined[place], 0, 3))
    fragment = np.searchsorted(batch.start, place, "right") - 1
    # Without capitals a final mark in mid-line may be a lost space; then the line ends in one too.
    whole = (joint == 0) & (kinds[place] == Kind.CASELESS) & stop[batch.end[fragment] - 1]
    # A final mark at the beginning of a line ends no sentence.
    least = batch.start[fragment] + (joint == 0)
    inside = ~whole & (fragment >= 0) & (place > least) & (place < batch.end[fragment])
    place, joint, fragment = place[inside], joint[inside], fragment[inside]
    straight = (codes[:-1] == 0x22) | (codes[:-1] == 0x27)
    opens[:-1] |= straight & capital[1:]
    more = [_tails(batch, stop, opens), _labels(batch, labels)]
    fragment = np.concatenate([fragment, *(part[0] for part in more)])
    place = np.concatenate([place, *(part[1] for part in more)])
    joint = np.concatenate(
        [joint, *(np.full(p[0].size, j) for p, j in zip(more, (2, 4), strict=True))]
    )
    order = np.lexsort((joint, place))
    place, joint, fragment = place[order], joint[order], fragment[order]
    once = np.concatenate(([True], place[1:] != place[:-1])) if place.size else np.zeros(0, bool)
    place, joint, fragment = place[once], joint[once], fragment[once]
    rank = np.arange(place.size) - np.searchsorted(fragment, fragment)
    few = rank < MOST
    place, joint, fragment = place[few], joint[few], fragment[few]
    visible = np.flatnonzero(kinds > Kind.SPACE)
    left_end = visible[np.searchsorted(visible, place) - 1] + 1 if place.size else place
    return Candidates(fragment, place, left_end, joint)


def _tails(batch: Batch, stop: NDArray[np.bool_], opens: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The last sentence of each line that ends without a final mark, if it is of fitting length."""
    kinds = batch.kinds
    last = batch.end - 1
    bare = np.flatnonzero(
        ~stop[last] & (batch.end - batch.start > _TAIL_LEFT) & (kinds[last] != Kind.COLON)
    )
    boundary = np.zeros(kinds.size, bool)
    boundary[2:] = stop[:-2] & (kinds[1:-1] == Kind.SPACE) & (opens | (kinds == Kind.DIGIT))[2:]
    boundary[3:] |= (
        stop[:-3] & (kinds[1:-2] == Kind.SPACE) & (kinds[2:-1] == Kind.SPACE) & opens[3:]
    )
    boundary[1:] |= stop[:-1] & (kinds[1:] == Kind.IDEOGRAPH)
    places = np.flatnonzero(boundary)
    if not places.size or not bare.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    found = places[np.maximum(np.searchsorted(places, batch.end[bare]) - 1, 0)]
    left, right = found - batch.start[bare], batch.end[bare] - found
    fits = (left >= _TAIL_LEFT) & (right > 0) & (right <= _TAIL_RIGHT)
    return bare[fits], found[fits]


def _labels(batch: Batch, labels: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Long lines whose first word, two or three are a label known to get stuck there."""
    none = np.zeros(0, np.int64)
    long = np.flatnonzero(batch.end - batch.start >= _LABEL_LINE)
    if not long.size or not labels.size:
        return none, none
    spaces = np.flatnonzero(batch.kinds == Kind.SPACE)
    index = np.searchsorted(spaces, batch.start[long])
    found: list[tuple[Ints, Ints]] = []
    for nth in range(3):
        at = np.minimum(index + nth, spaces.size - 1)
        place = spaces[at] if spaces.size else none
        fits = (
            (index + nth < spaces.size) & (place < batch.start[long] + 30) if place.size else none
        )
        chosen = np.flatnonzero(fits)
        if not chosen.size:
            break
        pieces = assemble(
            batch.codes,
            batch.kinds,
            batch.offsets,
            batch.start[long[chosen]],
            place[chosen],
            batch.line[long[chosen]],
        )
        known = are_among(line_keys(view(pieces)), np.sort(labels))
        known &= batch.kinds[place[chosen] + 1] > Kind.SPACE
        found.append((long[chosen[known]], place[chosen[known]] + 1))
    if not found:
        return none, none
    return np.concatenate([f for f, _ in found]), np.concatenate([p for _, p in found])


class Pieces(NamedTuple):
    """What stands left and right of every candidate, up to the neighbouring firm candidates."""

    found: Candidates
    tally: Tally
    looks: Floats
    known: NDArray[np.bool_]


def pieces(
    batch: Batch, keys: NDArray[np.uint64], found: Candidates, table: NDArray[np.int8]
) -> Pieces:
    """The features of both sides: rows 2i (left) and 2i + 1 (right) belong to candidate i.

    keys: the `line_keys` of the batch's fragments; table: as for `tallied`; known: whether a side
    is, word for word, a fragment of the document too (an entry of its table of contents, say).
    """
    sides = _sides(batch, found)
    told = tallied(sides, table)
    own = document_keys(told.keys, sides.document)
    known = are_among(own, np.sort(document_keys(keys, batch.document)))
    return Pieces(found, told, looks_of(sides, told.facts), known)


def _sides(batch: Batch, found: Candidates) -> Batch:
    """Both sides of every candidate, each as far as the next firm candidate or the line's end."""
    count = found.cut.size
    # A capital within a word ("YouTube") is too common to bound the pieces of other candidates.
    place, none = np.arange(count), np.full(1, -1)
    firm = found.joint != JOINTS.index("camel")
    before = np.concatenate((none, np.maximum.accumulate(np.where(firm, place, -1))[:-1]))
    after = np.minimum.accumulate(np.where(firm, place, count)[::-1])[::-1]
    after = np.concatenate((after[1:], none + 1 + count))
    bounded_before = (before >= 0) & (found.fragment[before] == found.fragment)
    inner = np.minimum(after, count - 1)
    bounded_after = (after < count) & (found.fragment[inner] == found.fragment)
    start, end = np.zeros(2 * count, np.int64), np.zeros(2 * count, np.int64)
    start[0::2] = np.where(bounded_before, found.cut[before], batch.start[found.fragment])
    end[0::2] = np.maximum(found.left_end, start[0::2] + 1)
    start[1::2] = found.cut
    right = np.where(bounded_after, found.left_end[inner], batch.end[found.fragment])
    end[1::2] = np.maximum(right, found.cut + 1)
    both = np.repeat(found.fragment, 2)
    return Batch(
        batch.codes,
        batch.kinds,
        batch.offsets,
        start,
        end,
        batch.line[both],
        batch.document[both],
        2 * np.searchsorted(found.fragment, batch.first),
    )


def input_names(scores: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of `inputs`, given the names of the line scores."""
    sides = [f"{side}:{name}" for side in ("left", "right") for name in (*scores, *LOOK_NAMES)]
    return (*sides, "left:known", "right:known", "apart", "alone", *JOINTS)


def inputs(batch: Batch, told: Pieces, scores: Floats) -> Floats:
    """The glue network's input: both sides' scores and looks, and the joint.

    scores: bounded line scores of the pieces, (2 * candidates, scores). Returns shape
    (candidates, columns).
    """
    found = told.found
    rows = np.concatenate([scores, told.looks], axis=1)
    joint = np.eye(len(JOINTS), dtype=np.float32)[found.joint]
    alone = np.bincount(found.fragment, minlength=len(batch))[found.fragment] == 1
    flags = np.stack(
        [told.known[0::2], told.known[1::2], found.left_end < found.cut, alone], axis=1
    )
    return np.concatenate([rows[0::2], rows[1::2], flags.astype(np.float32), joint], axis=1)
