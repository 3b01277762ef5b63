"""Networks by numpy alone against scikit-learn's, and the functions at their end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.network import Network, sigmoid, softmax

NEEDS = "scikit-learn is needed here: pip install 'cleaner[train]'"


def small() -> Network:
    """Two inputs, two hidden units, one output, with numbers one can follow."""
    return Network(
        mean=np.array([1, 0], np.float32),
        scale=np.array([2, 1], np.float32),
        weights=(
            np.array([[1, -1], [0, 1]], np.float32),
            np.array([[3], [5]], np.float32),
        ),
        biases=(np.array([0.5, 0], np.float32), np.array([-1], np.float32)),
    )


def test_outputs_by_hand() -> None:
    rows = np.array([[2, 1], [0, 3], [100, 0]], np.float32)
    # (2, 1) -> (2, 1) -> relu(2.5, -1) -> 7.5 - 1; (0, 3) -> (-2, 3) -> relu(-1.5, 5) -> 25 - 1;
    # (100, 0) is bounded: (5, 0) -> relu(5.5, -5) -> 16.5 - 1.
    assert small().outputs(rows)[:, 0].tolist() == [6.5, 24, 15.5]


def test_inputs_are_not_changed() -> None:
    rows = np.array([[2, 1]], np.float32)
    small().outputs(rows)
    assert rows.tolist() == [[2, 1]]


def test_no_rows() -> None:
    assert small().outputs(np.zeros((0, 2), np.float32)).shape == (0, 1)


def test_many_rows_are_each_judged_alike() -> None:
    rows = np.random.default_rng(1).normal(size=(5000, 2)).astype(np.float32)
    whole = small().outputs(rows)
    for row in (0, 2047, 2048, 4095, 4096, 4999):
        assert np.allclose(whole[row], small().outputs(rows[row : row + 1])[0], atol=1e-5)


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("hidden", [(7,), (8, 5)])
def test_probabilities_are_those_of_scikit_learn(classes: int, hidden: tuple[int, ...]) -> None:
    neural = pytest.importorskip("sklearn.neural_network", reason=NEEDS)
    rng = np.random.default_rng(7)
    rows = (rng.normal(size=(300, 6)) * [1, 2, 3, 9, 0.1, 1] + 4).astype(np.float32)
    wanted = (rows[:, 0] * 2 + rows[:, 1] > 12).astype(int) + 2 * (rows[:, 2] > 4) * (classes > 2)
    mean, scale = rows.mean(axis=0), 1 / rows.std(axis=0)
    blank = Network(mean, scale, (), ())
    learner = neural.MLPClassifier(hidden, batch_size=50, random_state=0)
    for _ in range(20):
        learner.partial_fit(blank.standardised(rows), wanted, classes=np.arange(classes))
    network = Network(
        mean,
        scale,
        tuple(part.astype(np.float32) for part in learner.coefs_),
        tuple(part.astype(np.float32) for part in learner.intercepts_),
    )
    unseen = (rng.normal(size=(200, 6)) * 5 + 3).astype(np.float32)
    outputs = network.outputs(unseen)
    if classes == 2:
        ours = np.stack([1 - sigmoid(outputs[:, 0]), sigmoid(outputs[:, 0])], axis=1)
    else:
        ours = softmax(outputs)
    theirs = learner.predict_proba(blank.standardised(unseen))
    assert ours.shape == theirs.shape
    assert np.allclose(ours, theirs, atol=1e-5)
    assert theirs.std(axis=0).min() > 0.05  # it has learned something to agree on


VALUES = st.floats(-1e4, 1e4, width=32)


@settings(derandomize=True, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=9))
def test_sigmoid(values: list[float]) -> None:
    found = sigmoid(np.array(values, np.float32))
    expected = [1 / (1 + np.exp(-np.clip(value, -700, 700))) for value in values]
    assert np.allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=5))
def test_softmax(values: list[tuple[float, float, float]]) -> None:
    rows = np.array(values, np.float32).reshape(-1, 3)
    found = softmax(rows)
    assert found.shape == rows.shape
    assert np.isfinite(found).all()
    assert np.allclose(found.sum(axis=1), 1, atol=1e-6)
    for row, own in zip(rows.astype(float), found, strict=True):
        powers = np.exp(row - row.max())
        assert np.allclose(own, powers / powers.sum(), atol=1e-6)
