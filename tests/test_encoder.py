"""Encoders by numpy alone against loops in plain sight, line by line and document by document."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.encoder import BOUND, NONE, WIDTH, Dense, Encoder, peaks

Rows = list[list[float]]

# Loops: slow, and each sum where one can read it.


def naive_dense(layer: Dense, row: list[float]) -> list[float]:
    weight, bias = layer.weight.tolist(), layer.bias.tolist()
    return [
        bias[unit] + math.fsum(value * weight[n][unit] for n, value in enumerate(row))
        for unit in range(len(bias))
    ]


def rectified(row: list[float]) -> list[float]:
    return [max(value, 0.0) for value in row]


def naive_peaks(scores: Rows) -> tuple[Rows, Rows]:
    """The highest of each score before each line, and after it, of one document."""
    before, after = [], []
    for number in range(len(scores)):
        for out, others in ((before, scores[:number]), (after, scores[number + 1 :])):
            columns = range(len(scores[0]))
            out.append([max((o[c] for o in others), default=NONE) for c in columns])
    return before, after


def naive_convolution(layer: Dense, dilation: int, rows: Rows) -> Rows:
    """For each line the layer over it and the lines either side; none is as good as zeros."""
    units = len(rows[0])
    out = []
    for number in range(len(rows)):
        seen: list[float] = []
        for step in range(WIDTH):
            place = number + (step - WIDTH // 2) * dilation
            seen += rows[place] if 0 <= place < len(rows) else [0.0] * units
        out.append(naive_dense(layer, seen))
    return out


def naive(encoder: Encoder, scores: Rows, shape: Rows, length: list[int]) -> Rows:
    """What the encoder says of the lines of one document."""
    if not shape:
        return []
    mean, scale = encoder.mean.tolist(), encoder.scale.tolist()
    own = []
    for said, before, after, looks in zip(scores, *naive_peaks(scores), shape, strict=True):
        standard = [
            min(max((x - m) * s, -BOUND), BOUND) for x, m, s in zip(looks, mean, scale, strict=True)
        ]
        own.append(rectified(naive_dense(encoder.entry, [*said, *before, *after, *standard])))
    rows = own
    for layer, dilation in zip(encoder.convolutions, encoder.dilations, strict=True):
        change = naive_convolution(layer, dilation, rows)
        rows = [
            [a + b for a, b in zip(row, rectified(more), strict=True)]
            for row, more in zip(rows, change, strict=True)
        ]
    columns = list(zip(*rows, strict=True))
    means = [math.fsum(column) / len(rows) for column in columns]
    weighed = [
        math.fsum(x * size for x, size in zip(column, length, strict=True)) / sum(length)
        for column in columns
    ]
    whole = rectified(naive_dense(encoder.document, [*means, *weighed]))
    return [
        rectified(
            naive_dense(encoder.top, [*(a + b for a, b in zip(row, whole, strict=True)), *mine])
        )
        for row, mine in zip(rows, own, strict=True)
    ]


# What is drawn.


def encoder_of(
    rng: np.random.Generator, scores: int, shapes: int, units: int, dilations: tuple[int, ...]
) -> Encoder:
    def dense(inputs: int, outputs: int) -> Dense:
        weight = rng.normal(size=(inputs, outputs)) / math.sqrt(inputs)
        return Dense(weight.astype(np.float32), rng.normal(size=outputs).astype(np.float32) / 4)

    return Encoder(
        mean=rng.normal(size=shapes).astype(np.float32),
        scale=rng.uniform(0, 3, shapes).astype(np.float32),
        entry=dense(3 * scores + shapes, units),
        convolutions=tuple(dense(WIDTH * units, units) for _ in dilations),
        dilations=dilations,
        document=dense(2 * units, units),
        top=dense(2 * units, units + 1),
    )


Told = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def told_of(rng: np.random.Generator, counts: list[int], scores: int, shapes: int) -> Told:
    """Chance scores, looks and lengths of documents of so many lines."""
    lines = sum(counts)
    return (
        rng.uniform(-1, 1, (lines, scores)).astype(np.float32),
        (rng.normal(size=(lines, shapes)) * 3).astype(np.float32),
        rng.integers(1, 300, lines),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    )


def document(told: Told, number: int) -> Told:
    """One of the documents alone."""
    scores, shape, length, first = told
    here = slice(int(first[number]), int(first[number + 1]))
    lines = here.stop - here.start
    return scores[here], shape[here], length[here], np.array([0, lines])


COUNTS = st.lists(st.integers(0, 7), max_size=5)
DILATIONS = st.lists(st.integers(1, 4), max_size=3).map(tuple)
SIZES = st.integers(1, 3)
SEEDS = st.integers(0, 2**32 - 1)


@given(COUNTS, DILATIONS, SIZES, SIZES, SIZES, SEEDS)
def test_an_encoder_says_what_the_loops_say(
    counts: list[int], dilations: tuple[int, ...], scores: int, shapes: int, units: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    encoder = encoder_of(rng, scores, shapes, units, dilations)
    told = told_of(rng, counts, scores, shapes)
    found = encoder(*told)
    expected: Rows = []
    for number in range(len(counts)):
        said, shape, length, _ = document(told, number)
        expected += naive(encoder, said.tolist(), shape.tolist(), length.tolist())
    assert found.dtype == np.float32
    assert found.shape == (sum(counts), units + 1)
    assert np.allclose(found, np.array(expected).reshape(found.shape), rtol=1e-4, atol=1e-5)


@given(COUNTS, DILATIONS, SIZES, SEEDS)
def test_a_document_does_not_depend_on_its_batch(
    counts: list[int], dilations: tuple[int, ...], units: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    encoder = encoder_of(rng, 2, 3, units, dilations)
    told = told_of(rng, counts, 2, 3)
    found = encoder(*told)
    for number in range(len(counts)):
        here = slice(int(told[3][number]), int(told[3][number + 1]))
        assert np.allclose(found[here], encoder(*document(told, number)), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dilations", [(1, 2, 4, 8), (8,), ()])
def test_neither_does_a_long_one(dilations: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    encoder = encoder_of(rng, 4, 6, 16, dilations)
    told = told_of(rng, [300, 0, 1, 40, 900, 2], 4, 6)
    found = encoder(*told)
    for number in range(6):
        here = slice(int(told[3][number]), int(told[3][number + 1]))
        assert np.allclose(found[here], encoder(*document(told, number)), rtol=1e-5, atol=1e-5)


@given(COUNTS, SIZES, SEEDS)
def test_peaks(counts: list[int], scores: int, seed: int) -> None:
    told = told_of(np.random.default_rng(seed), counts, scores, 1)
    before, after = peaks(told[0], told[3])
    expected_before: Rows = []
    expected_after: Rows = []
    for number in range(len(counts)):
        one, two = naive_peaks(document(told, number)[0].tolist())
        expected_before += one
        expected_after += two
    for found, expected in ((before, expected_before), (after, expected_after)):
        assert found.dtype == np.float32
        assert np.allclose(found, np.array(expected).reshape(found.shape), atol=1e-6)


def test_peaks_of_many_documents_stay_as_sharp() -> None:
    told = told_of(np.random.default_rng(3), [2] * 20_000, 1, 1)
    before, after = peaks(told[0], told[3])
    assert np.allclose(before[1::2], told[0][::2], atol=1e-6)
    assert np.allclose(after[::2], told[0][1::2], atol=1e-6)
    assert (before[::2] == NONE).all()
    assert (after[1::2] == NONE).all()


# By hand.


def plain(dilations: tuple[int, ...], convolutions: tuple[Dense, ...] = ()) -> Encoder:
    """One unit that is the only look, and comes out with the document's part added to it."""
    one, zero = np.ones((1, 1), np.float32), np.zeros(1, np.float32)
    return Encoder(
        mean=np.zeros(1, np.float32),
        scale=np.ones(1, np.float32),
        entry=Dense(one, zero),
        convolutions=convolutions,
        dilations=dilations,
        document=Dense(np.zeros((2, 1), np.float32), zero),
        top=Dense(np.array([[1], [0]], np.float32), zero),
    )


def said(encoder: Encoder, looks: list[float], length: list[int] | None = None) -> list[float]:
    lines = len(looks)
    shape = np.array(looks, np.float32)[:, None]
    sizes = np.array(length or [1] * lines)
    scores = np.zeros((lines, 0), np.float32)
    return [float(x) for x in encoder(scores, shape, sizes, np.array([0, lines]))[:, 0]]


def test_a_convolution_by_hand() -> None:
    # The line before first: 100 times the line one dilation back, a tenth of that one ahead.
    weight = np.array([[100], [10], [0.1]], np.float32)
    layer = Dense(weight, np.zeros(1, np.float32))
    looks = [1.0, 2, 3, 4]
    assert said(plain((1,), (layer,)), looks) == pytest.approx(
        [1 + 10.2, 2 + 120.3, 3 + 230.4, 4 + 340], rel=1e-6
    )
    assert said(plain((2,), (layer,)), looks) == pytest.approx(
        [1 + 10.3, 2 + 20.4, 3 + 130, 4 + 240], rel=1e-6
    )


def test_a_convolution_never_lowers_and_never_leaks() -> None:
    layer = Dense(np.full((WIDTH, 1), -1, np.float32), np.ones(1, np.float32))
    assert said(plain((1,), (layer,)), [0, 3, 0]) == [0, 3, 0]
    # What its bias puts into the room between documents does not come back in the next layer.
    assert said(plain((1, 1), (layer, layer)), [0]) == [1]


def test_pooling_by_hand() -> None:
    means, weighed = np.array([[1], [0]], np.float32), np.array([[0], [1]], np.float32)
    zero = np.zeros(1, np.float32)
    for weight, expected in ((means, 2), (weighed, 2.8)):
        encoder = replace(plain(()), document=Dense(weight, zero))
        assert said(encoder, [1, 3], [1, 9]) == pytest.approx([1 + expected, 3 + expected])


def test_looks_are_standardised_and_bounded() -> None:
    encoder = replace(
        plain(()),
        mean=np.array([1, 2], np.float32),
        scale=np.array([2, 0], np.float32),
    )
    rows = np.array([[2, 9], [-90, -9], [90, 2]], np.float32)
    assert encoder.standardised(rows).tolist() == [[2, 0], [-BOUND, 0], [BOUND, 0]]
    assert rows[0].tolist() == [2, 9]


def test_a_dense_layer_by_hand() -> None:
    layer = Dense(np.array([[1, 2], [3, 4]], np.float32), np.array([0.5, -1], np.float32))
    assert layer(np.array([[1, 0], [1, -1]], np.float32)).tolist() == [[1.5, 1], [-1.5, -3]]
    assert layer.bias.tolist() == [0.5, -1]


@pytest.mark.parametrize("counts", [[], [0], [0, 0, 0]])
def test_nothing_gives_no_rows(counts: list[int]) -> None:
    rng = np.random.default_rng(1)
    encoder = encoder_of(rng, 2, 3, 4, (1, 2))
    assert encoder(*told_of(rng, counts, 2, 3)).shape == (0, 5)


def test_inputs_are_not_changed() -> None:
    rng = np.random.default_rng(1)
    encoder = encoder_of(rng, 2, 3, 4, (1, 2))
    told = told_of(rng, [3, 0, 4], 2, 3)
    copies = [part.copy() for part in told]
    first = encoder(*told)
    assert all(np.array_equal(a, b) for a, b in zip(told, copies, strict=True))
    assert np.array_equal(encoder(*told), first)
