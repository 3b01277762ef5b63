"""A line beside its neighbours and its document: dilated convolutions, predicted with numpy."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: How many lines one convolution sees: itself and one either side, `dilation` lines apart.
WIDTH = 3

#: What stands for the lines before the first and after the last: the least a bounded score can be.
NONE = -1.0

#: Peaks are told to one part in so many.
_FINENESS = 1 << 20

#: Larger than the difference of any two scores; so many steps fit into 32 bits.
_STEP = 3 * _FINENESS
_MOST_STEPS = (1 << 31) // _STEP - 2

#: Looks and settings beyond so many standard deviations say no more than this many.
BOUND = 5.0


@dataclass(frozen=True, slots=True)
class Dense:
    """A layer: rows @ weight + bias. weight: (inputs, outputs); bias: (outputs,)."""

    weight: Floats
    bias: Floats

    def __call__(self, rows: Floats) -> Floats:
        out: Floats = rows @ self.weight
        out += self.bias
        return out


@dataclass(frozen=True, slots=True)
class Encoder:
    """What a fragment is in its place, as `top.bias.size` numbers.

    The fragment's own numbers (its bounded line scores, the highest of each among the lines before
    it and after it, its standardised looks and settings) pass a dense layer, then residual dilated
    convolutions over the lines of the document (Yu and Koltun 2016, "Multi-scale context
    aggregation by dilated convolutions"), to which the document as a whole is added: the mean over
    its lines and the mean over its characters.

    mean, scale: of the looks and settings, (shapes,); convolutions: weight (WIDTH * units, units),
    the first `units` rows for the farthest line before.
    """

    mean: Floats
    scale: Floats
    entry: Dense
    convolutions: tuple[Dense, ...]
    dilations: tuple[int, ...]
    document: Dense
    top: Dense

    def standardised(self, shape: Floats) -> Floats:
        """The looks and settings as the entry layer takes them."""
        out: Floats = (shape - self.mean) * self.scale
        return np.clip(out, -BOUND, BOUND, out=out)

    def __call__(self, scores: Floats, shape: Floats, length: Ints, first: Ints) -> Floats:
        """The numbers of every fragment, (fragments, outputs); see `Stack`."""
        return Stack((self,))(scores, shape, length, first)


class Stack:
    """Encoders side by side, made ready to run."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self.encoders = tuple(encoders)
        self._ready = [_Ready(encoder) for encoder in encoders]
        self._outputs = np.cumsum([0, *(encoder.top.bias.size for encoder in encoders)]).tolist()

    def __call__(self, scores: Floats, shape: Floats, length: Ints, first: Ints) -> Floats:
        """The numbers of every fragment by every encoder, (fragments, all outputs).

        scores: bounded line scores, (fragments, scores); shape: looks and settings, (fragments,
        shapes); length: characters of each; first: the first fragment of each document, (documents
        + 1,).
        What comes out for a document does not depend on the others.
        """
        out = np.empty((shape.shape[0], self._outputs[-1]), np.float32)
        before, after = peaks(scores, first)
        for low, high in _groups(first):
            begin, end = int(first[low]), int(first[high])
            here = slice(begin, end)
            told = np.empty((3 * scores.shape[1] + shape.shape[1], end - begin), np.float32)
            for number, part in enumerate((scores, before, after)):
                told[number * scores.shape[1] : (number + 1) * scores.shape[1]] = part[here].T
            within = first[low : high + 1] - begin
            standard: Encoder | None = None
            for number, ready in enumerate(self._ready):
                encoder = ready.encoder
                if standard is None or not _alike(standard, encoder):
                    told[3 * scores.shape[1] :] = encoder.standardised(shape[here]).T
                    standard = encoder
                columns = slice(self._outputs[number], self._outputs[number + 1])
                ready(told, length[here], within, out[here, columns])
        return out


#: Documents that go through the encoders together have about so many lines: what they take stays
#: in the processor's cache.
_LINES_AT_ONCE = 1024


def _groups(first: Ints) -> Iterator[tuple[int, int]]:
    """Runs of documents of `_LINES_AT_ONCE` lines, if one alone has not more; empty ones go."""
    filled = np.flatnonzero(np.diff(first))
    low = 0
    while low < filled.size:
        limit = first[filled[low]] + _LINES_AT_ONCE
        high = max(int(np.searchsorted(first[filled + 1], limit, "right")), low + 1)
        yield int(filled[low]), int(filled[high - 1]) + 1
        low = high


def _alike(one: Encoder, other: Encoder) -> bool:
    return np.array_equal(one.mean, other.mean) and np.array_equal(one.scale, other.scale)


class _Ready:
    """An encoder with its biases put where they cost least.

    max(x + bias, 0) is max(x, -bias) + bias, and the bias added to every line can as well be added
    later: what runs through the layers lies lower than it should by `_lower`, until the end. That
    spares two passes over all values in each layer.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        units = encoder.entry.bias.size
        lower = encoder.entry.bias
        self._room = WIDTH // 2 * max(encoder.dilations, default=0)
        self._layers: list[tuple[int, Floats, Floats, Floats]] = []
        for layer, dilation in zip(encoder.convolutions, encoder.dilations, strict=True):
            missing = lower @ layer.weight.reshape(WIDTH, units, units).sum(axis=0)
            bias = (layer.bias + missing).astype(np.float32)
            # Room has no values: there they lie lower by all that is added later.
            self._layers.append((dilation, layer.weight, -bias, -lower))
            lower = lower + bias
        self._lower = lower

    def __call__(self, told: Floats, length: Ints, first: Ints, out: Floats) -> None:
        """Fills `out` (fragments, outputs); told: the entry layer's inputs, (inputs, fragments)."""
        encoder, lower = self.encoder, self.encoder.entry.bias
        units = lower.size
        own = told.T @ encoder.entry.weight
        np.maximum(own, -lower, out=own)
        place, rows = _apart(first, self._room)
        values = np.zeros((rows + max(encoder.dilations, default=0), units), np.float32)
        outside = np.ones(values.shape[0], bool)
        outside[place] = False
        empty = np.flatnonzero(outside)
        values[place] = own
        change = np.zeros((values.shape[0] + WIDTH, units), np.float32)
        for dilation, weight, floor, nothing in self._layers:
            values[empty] = nothing
            _convolve(weight, dilation, rows, values, floor, change)
        context = values.take(place, axis=0)
        context += self._lower
        context += self._whole(context, length, first)
        own += lower
        top = np.concatenate([context, own], axis=1) @ encoder.top.weight
        top += encoder.top.bias
        np.maximum(top, 0, out=out)

    def _whole(self, context: Floats, length: Ints, first: Ints) -> Floats:
        """What each line's document is as a whole, (fragments, units)."""
        lines = np.diff(first)
        bounds = first.tolist()
        # The mean over the lines, and over their characters, as one product a document.
        weight = np.empty((2, length.size), np.float32)
        weight[0] = np.repeat(1 / np.maximum(lines, 1), lines)
        characters = np.add.reduceat(np.append(length, 0), first[:-1])
        weight[1] = length / np.repeat(characters, lines)
        pooled = np.zeros((lines.size, 2, context.shape[1]), np.float32)
        for number, (low, high) in enumerate(itertools.pairwise(bounds)):
            np.matmul(weight[:, low:high], context[low:high], out=pooled[number])
        whole = _rectified(self.encoder.document(pooled.reshape(lines.size, -1)))
        return np.repeat(whole, lines, axis=0)


def peaks(scores: Floats, first: Ints) -> tuple[Floats, Floats]:
    """The highest of each score among the lines before each line of its document, and after it.

    A heading "37 Comments" tells of all that follows, however far. (fragments, scores) each.
    """
    columns, fragments = scores.shape[1], scores.shape[0]
    sizes = np.diff(first)
    # Whole numbers, so that it changes no bit what else is in the batch; documents are kept apart
    # by steps larger than any score, so that no peak outlasts its own.
    whole = np.int32 if sizes.size < _MOST_STEPS else np.int64
    steps = np.repeat(np.arange(sizes.size, dtype=whole) * _STEP, sizes)
    fixed = np.empty((columns, fragments), np.float32)
    np.multiply(scores.T, np.float32(_FINENESS), out=fixed)
    np.rint(fixed, out=fixed)
    none = NONE * _FINENESS
    before, after = (np.empty((columns, fragments), whole) for _ in range(2))
    before[:, 1:], after[:, :-1] = fixed[:, :-1], fixed[:, 1:]
    filled = np.flatnonzero(sizes)
    before[:, first[filled]] = none
    after[:, first[filled + 1] - 1] = none
    before += steps
    after -= steps
    backward = after[:, ::-1]
    np.maximum.accumulate(before, axis=1, out=before)
    np.maximum.accumulate(backward, axis=1, out=backward)
    before -= steps
    after += steps
    unit = np.float32(1 / _FINENESS)
    return (before.astype(np.float32) * unit).T, (after.astype(np.float32) * unit).T


def _rectified(values: Floats) -> Floats:
    return np.maximum(values, 0, out=values)


def _apart(first: Ints, room: int) -> tuple[Ints, int]:
    """Where the fragments lie with room between documents, so that none sees another's lines."""
    documents = np.repeat(np.arange(first.size - 1), np.diff(first))
    return np.arange(documents.size) + room * (documents + 1), int(first[-1]) + room * first.size


def _convolve(
    weight: Floats, dilation: int, rows: int, values: Floats, floor: Floats, change: Floats
) -> None:
    """Adds one convolution, nowhere lower than `floor`, to the values; in the room to no purpose.

    values: (rows, units) and `dilation` rows more; change: to work in, with WIDTH rows more.

    Rows that lie `dilation` apart are laid side by side; then the lines that a convolution sees
    are one stretch of memory, and every `WIDTH`th stretch, from one of as many beginnings, a
    matrix without a copy: one product of full depth for each beginning.
    """
    units = values.shape[1]
    each = -(-rows // dilation)
    used = each * dilation
    folded = values[:used].reshape(each, dilation, units).transpose(1, 0, 2)
    laid = folded.reshape(used, units)  # a copy, but for dilation 1
    for begin in range(WIDTH):
        count = (used - begin) // WIDTH
        stretches = laid[begin : begin + count * WIDTH].reshape(count, WIDTH * units)
        middle = begin + WIDTH // 2
        target = change[middle : middle + count * WIDTH].reshape(count, WIDTH, units)
        np.matmul(stretches, weight, out=target[:, 0])
    changed = change[:used]
    np.maximum(changed, floor, out=changed)
    folded += changed.reshape(dilation, each, units)
