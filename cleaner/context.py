"""What stands around a fragment: neighbours on both sides, wider windows, the document."""

from __future__ import annotations

import numpy as np

from cleaner.features import LOOK_NAMES, Floats
from cleaner.setting import SETTING_NAMES
from cleaner.splitting import Ints

SHAPE_NAMES = LOOK_NAMES + SETTING_NAMES

#: What is told of the fragments around; the rest of their shape says too little to carry along.
TOLD = (
    "length",
    "capitalised",
    "digits",
    "last_final",
    "last_colon",
    "first_bullet",
    "sentences",
    "link",
    "prose",
    "blank_before",
    "same_count",
    "returns_later",
    "stood_earlier",
    "run",
    "known_in_prose",
    "unknown_names",
)
_TOLD = [SHAPE_NAMES.index(name) for name in TOLD]

REACH = 3
WIDTHS = (5, 20)


def input_names(scores: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of `surroundings`, given the names of the line scores."""
    rows = (*scores, *TOLD)
    names = [*scores, *SHAPE_NAMES]
    for step in range(1, REACH + 1):
        names += [f"{name}[{sign}{step}]" for sign in "-+" for name in rows]
    for width in WIDTHS:
        names += [f"{name}[{sign}1..{width}]" for sign in "-+" for name in rows]
    return (*names, *(f"{name}[document]" for name in rows))


def surroundings(scores: Floats, shape: Floats, first: Ints) -> Floats:
    """A fragment's scores and shape beside those of what stands around it; the networks' input.

    scores: raw line scores, (fragments, scores); shape: looks and settings, (fragments,
    len(SHAPE_NAMES)); first: as in `Batch`. Returns (fragments, len(input_names(...))).
    """
    bounded = np.tanh(scores / 4)  # one wild line must not drown its window
    rows = np.concatenate([bounded, shape[:, _TOLD]], axis=1)
    parts = [bounded, shape, *neighbours(rows, first, REACH), *windows(rows, first, WIDTHS)]
    return np.concatenate(parts, axis=1)


def neighbours(rows: Floats, first: Ints, reach: int) -> list[Floats]:
    """The rows 1 .. `reach` places before and after each, zero beyond the document's edge.

    rows: (fragments, columns); first: the documents' first fragments, (documents + 1,). Returns
    2 * reach matrices of the shape of `rows`: before by 1, after by 1, before by 2, ...
    """
    out = []
    document = np.repeat(np.arange(first.size - 1), np.diff(first))
    for step in range(1, reach + 1):
        for shift in (-step, step):
            moved = np.zeros_like(rows)
            if step < rows.shape[0]:
                same = document[step:] == document[:-step]
                if shift < 0:
                    moved[step:] = rows[:-step] * same[:, None]
                else:
                    moved[:-step] = rows[step:] * same[:, None]
            out.append(moved)
    return out


def windows(rows: Floats, first: Ints, widths: tuple[int, ...]) -> list[Floats]:
    """Means over the `width` rows before and after each, for each width, and over the document.

    Returns 2 * len(widths) + 1 matrices of the shape of `rows`; an empty window gives zeros.
    """
    sums = np.zeros((rows.shape[0] + 1, rows.shape[1]), np.float64)
    np.cumsum(rows, axis=0, dtype=np.float64, out=sums[1:])
    lengths = np.diff(first)
    low, high = np.repeat(first[:-1], lengths), np.repeat(first[1:], lengths)
    here = np.arange(rows.shape[0])

    def mean(begin: Ints, finish: Ints) -> Floats:
        count = np.maximum(finish - begin, 1)[:, None]
        means: Floats = ((sums[finish] - sums[begin]) / count).astype(np.float32)
        return means

    out = []
    for width in widths:
        out.append(mean(np.maximum(here - width, low), here))
        out.append(mean(here + 1, np.minimum(here + 1 + width, high)))
    out.append(mean(low, high))
    return out
