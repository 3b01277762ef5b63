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
    """The columns of `Surroundings.of`, given the names of the line scores."""
    rows = (*scores, *TOLD)
    names = [*scores, *SHAPE_NAMES]
    for step in range(1, REACH + 1):
        names += [f"{name}[{sign}{step}]" for sign in "-+" for name in rows]
    for width in WIDTHS:
        names += [f"{name}[{sign}1..{width}]" for sign in "-+" for name in rows]
    return (*names, *(f"{name}[document]" for name in rows))


class Surroundings:
    """A fragment's scores and shape beside those of what stands around it; the networks' input.

    scores: raw line scores, (fragments, scores); shape: looks and settings, (fragments,
    len(SHAPE_NAMES)); first: as in `Batch`. The input is made a stretch of fragments at a time
    (`of`), for it is many times as large as what it is made from.
    """

    def __init__(self, scores: Floats, shape: Floats, first: Ints) -> None:
        lengths = np.diff(first)
        self._bounded = np.tanh(scores / 4)  # one wild line must not drown its window
        self._shape = shape
        self._rows = np.concatenate([self._bounded, shape[:, _TOLD]], axis=1)
        self._low, self._high = np.repeat(first[:-1], lengths), np.repeat(first[1:], lengths)
        self._sums = np.zeros((self._rows.shape[0] + 1, self._rows.shape[1]), np.float64)
        np.cumsum(self._rows, axis=0, dtype=np.float64, out=self._sums[1:])

    def __len__(self) -> int:
        return int(self._rows.shape[0])

    def of(self, begin: int, end: int) -> Floats:
        """The input for fragments `begin` to `end`, (end - begin, len(input_names(...)))."""
        parts = [self._bounded[begin:end], self._shape[begin:end]]
        for step in range(1, REACH + 1):
            parts += [self._moved(begin, end, -step), self._moved(begin, end, step)]
        here = np.arange(begin, end)
        low, high = self._low[begin:end], self._high[begin:end]
        for width in WIDTHS:
            parts.append(self._mean(np.maximum(here - width, low), here))
            parts.append(self._mean(here + 1, np.minimum(here + 1 + width, high)))
        parts.append(self._mean(low, high))
        return np.concatenate(parts, axis=1)

    def all(self) -> Floats:
        """The input for all fragments."""
        return self.of(0, len(self))

    def _moved(self, begin: int, end: int, shift: int) -> Floats:
        """The rows `shift` places on, zero beyond the document's edge."""
        place = np.arange(begin, end) + shift
        inside = (place >= self._low[begin:end]) & (place < self._high[begin:end])
        moved: Floats = self._rows[np.where(inside, place, 0)] * inside[:, None]
        return moved

    def _mean(self, begin: Ints, end: Ints) -> Floats:
        """The means of rows `begin` to `end`; zero where there are none."""
        count = np.maximum(end - begin, 1)[:, None]
        means: Floats = ((self._sums[end] - self._sums[begin]) / count).astype(np.float32)
        return means
