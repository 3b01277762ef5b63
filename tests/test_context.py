"""Neighbours and windows against a naive loop, at the edges of documents too."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cleaner.context import REACH, SHAPE_NAMES, TOLD, WIDTHS, Surroundings, input_names

SCORES = ("one", "two")
NAMES = input_names(SCORES)
SIZES = st.lists(st.one_of(st.integers(0, 7), st.integers(0, 50)), max_size=4)


def firsts(sizes: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def made(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores and shape of so many fragments, no two numbers alike."""
    rng = np.random.default_rng(size)
    scores = (rng.permutation(size * len(SCORES)) / 8 - 3).astype(np.float32)
    shape = (1 + rng.permutation(size * len(SHAPE_NAMES)) / 64).astype(np.float32)
    return scores.reshape(size, len(SCORES)), shape.reshape(size, len(SHAPE_NAMES))


def told_by(scores: np.ndarray, shape: np.ndarray, first: np.ndarray) -> dict[str, np.ndarray]:
    rows = Surroundings(scores, shape, first).all()
    assert rows.shape == (len(scores), len(NAMES))
    assert rows.dtype == np.float32
    return dict(zip(NAMES, rows.T, strict=True))


def naive(values: list[float], first: list[int]) -> dict[str, list[float]]:
    """What each fragment is told of one column of the others, a fragment at a time."""
    out: dict[str, list[float]] = {}

    def put(name: str, there: list[float]) -> None:
        out.setdefault(name, []).append(sum(there) / len(there) if there else 0.0)

    for low, high in itertools.pairwise(first):
        document = values[low:high]
        for place in range(len(document)):
            before, after = document[:place], document[place + 1 :]
            for step in range(1, REACH + 1):
                put(f"[-{step}]", before[-step : len(before) - step + 1])
                put(f"[+{step}]", after[step - 1 : step])
            for width in WIDTHS:
                put(f"[-1..{width}]", before[-width:])
                put(f"[+1..{width}]", after[:width])
            put("[document]", document)
    return out


@hypothesis_settings(deadline=None, derandomize=True, max_examples=40)
@given(SIZES)
def test_every_column_is_that_of_a_naive_loop(sizes: list[int]) -> None:
    first = firsts(sizes)
    scores, shape = made(int(first[-1]))
    column = told_by(scores, shape, first)
    bounded = np.tanh(scores / 4)
    sources = {name: bounded[:, place] for place, name in enumerate(SCORES)}
    sources |= {name: shape[:, place] for place, name in enumerate(SHAPE_NAMES)}
    for name, source in sources.items():
        assert np.array_equal(column[name], source)
    for name in (*SCORES, *TOLD):
        for suffix, expected in naive(sources[name].tolist(), first.tolist()).items():
            assert np.allclose(column[name + suffix], expected, rtol=1e-5, atol=1e-6), name + suffix


def test_the_naive_loop_knows_every_column() -> None:
    suffixes = naive([1.0, 2.0], [0, 2])
    names = {*SCORES, *SHAPE_NAMES}
    names |= {name + suffix for name in (*SCORES, *TOLD) for suffix in suffixes}
    assert names == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


def test_edges_by_hand() -> None:
    scores = np.array([[1, 0], [2, 0], [4, 0], [8, 0]], np.float32)
    shape = np.zeros((4, len(SHAPE_NAMES)), np.float32)
    shape[:, SHAPE_NAMES.index("run")] = [1, 2, 4, 8]
    column = told_by(scores, shape, np.array([0, 1, 1, 4]))
    assert column["run[-1]"].tolist() == [0, 0, 2, 4]
    assert column["run[+1]"].tolist() == [0, 4, 8, 0]
    assert column["run[+2]"].tolist() == [0, 8, 0, 0]
    assert column["run[-1..5]"].tolist() == [0, 0, 2, 3]
    assert column["run[+1..5]"].tolist() == [0, 6, 8, 0]
    assert column["run[document]"].tolist() == pytest.approx([1, 14 / 3, 14 / 3, 14 / 3])


@hypothesis_settings(deadline=None, derandomize=True, max_examples=40)
@given(SIZES, st.integers(0, 99), st.integers(0, 99))
def test_a_stretch_is_a_stretch_of_all(sizes: list[int], one: int, two: int) -> None:
    first = firsts(sizes)
    scores, shape = made(int(first[-1]))
    around = Surroundings(scores, shape, first)
    begin, end = sorted(min(place, len(around)) for place in (one, two))
    assert len(around) == len(scores)
    assert np.array_equal(around.of(begin, end), around.all()[begin:end])


@hypothesis_settings(deadline=None, derandomize=True, max_examples=40)
@given(SIZES, st.integers(0, 3))
def test_a_document_does_not_depend_on_its_batch(sizes: list[int], chosen: int) -> None:
    sizes = [*sizes, 6, 6, 6, 6]
    first = firsts(sizes)
    scores, shape = made(int(first[-1]))
    here = slice(int(first[chosen]), int(first[chosen + 1]))
    whole = Surroundings(scores, shape, first).all()[here]
    alone = Surroundings(scores[here], shape[here], np.array([0, sizes[chosen]])).all()
    assert np.allclose(whole, alone, rtol=1e-5, atol=1e-6)


def test_a_wild_score_stays_bounded() -> None:
    scores = np.array([[1e6, 0], [-1e6, 0]], np.float32)
    shape = np.zeros((2, len(SHAPE_NAMES)), np.float32)
    assert np.abs(Surroundings(scores, shape, np.array([0, 2])).all()).max() == 1
