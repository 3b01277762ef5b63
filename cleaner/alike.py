"""Neighbours that are alike: where stretches of them begin in an array, and how long they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which values are other than the one before; the first is. Shape as the values', (values,)."""
    out = np.ones(values.size, bool)
    np.not_equal(values[1:], values[:-1], out=out[1:])
    return out


def stretches_of(begins: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Where each stretch begins, and its size; (stretches,) each.

    begins: which values begin one, the first of all among them.
    """
    start = begins.nonzero()[0]
    size = np.empty_like(start)
    size[:-1] = start[1:] - start[:-1]
    size[-1:] = begins.size - start[-1:]
    return start, size
