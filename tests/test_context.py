"""Neighbours and windows against a naive loop, at the edges of documents too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cleaner.context import REACH, SHAPE_NAMES, TOLD, WIDTHS, input_names, neighbours, surroundings
from cleaner.context import windows as windows_of

SIZES = st.lists(st.integers(0, 7), max_size=5)


def matrix(size: int, columns: int = 3) -> np.ndarray:
    """Numbers that are all different."""
    return (1 + np.arange(size * columns, dtype=np.float32).reshape(size, columns)) / 8


def firsts(sizes: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def bounds(first: np.ndarray, row: int) -> tuple[int, int]:
    """The first and the past-last row of the document that `row` belongs to."""
    for low, high in zip(first[:-1].tolist(), first[1:].tolist(), strict=True):
        if low <= row < high:
            return low, high
    raise AssertionError(row)


def naive_neighbour(rows: np.ndarray, first: np.ndarray, shift: int) -> np.ndarray:
    out = np.zeros_like(rows)
    for row in range(len(rows)):
        low, high = bounds(first, row)
        if low <= row + shift < high:
            out[row] = rows[row + shift]
    return out


def naive_window(rows: np.ndarray, first: np.ndarray, begin: int, finish: int) -> np.ndarray:
    """Means over the rows from `begin` to `finish` places away, both counted."""
    out = np.zeros_like(rows)
    for row in range(len(rows)):
        low, high = bounds(first, row)
        there = [r for r in range(row + begin, row + finish + 1) if low <= r < high]
        if there:
            out[row] = np.mean([rows[r].astype(float) for r in there], axis=0)
    return out


@hypothesis_settings(deadline=None, derandomize=True)
@given(SIZES, st.integers(1, 4))
def test_neighbours(sizes: list[int], reach: int) -> None:
    first = firsts(sizes)
    rows = matrix(int(first[-1]))
    found = neighbours(rows, first, reach)
    shifts = [sign * step for step in range(1, reach + 1) for sign in (-1, 1)]
    assert len(found) == len(shifts)
    for shift, moved in zip(shifts, found, strict=True):
        assert np.array_equal(moved, naive_neighbour(rows, first, shift))


@hypothesis_settings(deadline=None, derandomize=True)
@given(SIZES, st.lists(st.integers(1, 9), max_size=2))
def test_windows(sizes: list[int], widths: list[int]) -> None:
    first = firsts(sizes)
    rows = matrix(int(first[-1]))
    found = windows_of(rows, first, tuple(widths))
    assert len(found) == 2 * len(widths) + 1
    for number, width in enumerate(widths):
        before, after = found[2 * number : 2 * number + 2]
        assert np.allclose(before, naive_window(rows, first, -width, -1), rtol=1e-6)
        assert np.allclose(after, naive_window(rows, first, 1, width), rtol=1e-6)
    assert np.allclose(found[-1], naive_window(rows, first, -99, 99), rtol=1e-6)


def test_edges_by_hand() -> None:
    rows = np.array([[1], [2], [4], [8]], np.float32)
    first = np.array([0, 1, 1, 4])
    before, after = neighbours(rows, first, 1)
    assert before[:, 0].tolist() == [0, 0, 2, 4]
    assert after[:, 0].tolist() == [0, 4, 8, 0]
    behind, ahead, whole = windows_of(rows, first, (2,))
    assert behind[:, 0].tolist() == [0, 0, 2, 3]
    assert ahead[:, 0].tolist() == [0, 6, 8, 0]
    assert whole[:, 0].tolist() == pytest.approx([1, 14 / 3, 14 / 3, 14 / 3])


def test_names_and_columns_agree() -> None:
    names = input_names(("one", "two"))
    assert len(set(names)) == len(names)
    first = np.array([0, 4, 9])
    scores = matrix(9, 2) - 1
    shape = matrix(9, len(SHAPE_NAMES))
    told = surroundings(scores, shape, first)
    assert told.shape == (9, len(names))
    bounded = np.tanh(scores / 4)
    column = dict(zip(names, told.T, strict=True))
    assert np.array_equal(column["two"], bounded[:, 1])
    for place, name in enumerate(SHAPE_NAMES):
        assert np.array_equal(column[name], shape[:, place])
    sources = {"one": bounded[:, [0]], "two": bounded[:, [1]]}
    sources |= {name: shape[:, [SHAPE_NAMES.index(name)]] for name in TOLD}
    for name, source in sources.items():
        for step in range(1, REACH + 1):
            for sign, shift in (("-", -step), ("+", step)):
                expected = naive_neighbour(source, first, shift)[:, 0]
                assert np.array_equal(column[f"{name}[{sign}{step}]"], expected)
        for width in WIDTHS:
            behind = naive_window(source, first, -width, -1)[:, 0]
            ahead = naive_window(source, first, 1, width)[:, 0]
            assert np.allclose(column[f"{name}[-1..{width}]"], behind, rtol=1e-5)
            assert np.allclose(column[f"{name}[+1..{width}]"], ahead, rtol=1e-5)
        whole = naive_window(source, first, -99, 99)[:, 0]
        assert np.allclose(column[f"{name}[document]"], whole, rtol=1e-5)


def test_a_wild_score_stays_bounded() -> None:
    scores = np.array([[1e6], [-1e6]], np.float32)
    told = surroundings(scores, np.zeros((2, len(SHAPE_NAMES)), np.float32), np.array([0, 2]))
    assert np.abs(told).max() <= 1
