"""A line beside its neighbours and its document: dilated convolutions, predicted with numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: How many lines one convolution sees: itself and two either side, `dilation` lines apart.
WIDTH = 5

#: What stands for the lines before the first and after the last: the least a bounded score can be.
NONE = -1.0

#: Peaks are told to one part in so many.
_FINENESS = 1 << 20

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
        """The numbers of every fragment, (fragments, outputs).

        scores: bounded line scores, (fragments, scores); shape: looks and settings, (fragments,
        shapes); length: characters of each; first: the first fragment of each document, (documents
        + 1,).
        What comes out for a document does not depend on the others.
        """
        if not shape.shape[0]:
            return np.zeros((0, self.top.bias.size), np.float32)
        told = [scores, *peaks(scores, first), self.standardised(shape)]
        own = _rectified(self.entry(np.concatenate(told, axis=1)))
        place, rows = _apart(first, self.dilations)
        values = np.zeros((rows, own.shape[1]), np.float32)
        values[place] = own
        outside = np.ones(rows, bool)
        outside[place] = False
        for layer, dilation in zip(self.convolutions, self.dilations, strict=True):
            change = _rectified(_convolved(layer, dilation, values))
            change[outside] = 0
            values += change
        context: Floats = values[place]
        filled = np.flatnonzero(np.diff(first))
        lines = np.diff(first)[filled]
        means = np.add.reduceat(context, first[filled], axis=0) / lines[:, None]
        characters = np.add.reduceat(length, first[filled])
        weight = (length / np.repeat(characters, lines)).astype(np.float32)
        weighed = np.add.reduceat(context * weight[:, None], first[filled], axis=0)
        pooled = np.concatenate([means, weighed], axis=1, dtype=np.float32)
        whole = _rectified(self.document(pooled))
        context += np.repeat(whole, lines, axis=0)
        return _rectified(self.top(np.concatenate([context, own], axis=1)))


def peaks(scores: Floats, first: Ints) -> tuple[Floats, Floats]:
    """The highest of each score among the lines before each line of its document, and after it.

    A heading "37 Comments" tells of all that follows, however far. (fragments, scores) each.
    """
    document = np.repeat(np.arange(first.size - 1), np.diff(first))[:, None]
    # Whole numbers, so that it changes no bit what else is in the batch; documents are kept apart
    # by steps larger than any score, so that no peak outlasts its own.
    fixed = np.rint(scores * np.float32(_FINENESS)).astype(np.int64)
    none = int(NONE * _FINENESS)
    alike = document[1:] == document[:-1]
    before, after = np.full(scores.shape, none), np.full(scores.shape, none)
    before[1:] = np.where(alike, fixed[:-1], none)
    after[:-1] = np.where(alike, fixed[1:], none)
    step = 4 * _FINENESS * document
    before = np.maximum.accumulate(before + step, axis=0) - step
    after = np.maximum.accumulate((after - step)[::-1], axis=0)[::-1] + step
    unit = np.float32(1 / _FINENESS)
    return before.astype(np.float32) * unit, after.astype(np.float32) * unit


def _rectified(values: Floats) -> Floats:
    return np.maximum(values, 0, out=values)


def _apart(first: Ints, dilations: Sequence[int]) -> tuple[Ints, int]:
    """Where the fragments lie with room between documents, so that none sees another's lines."""
    room = WIDTH // 2 * max(dilations, default=0)
    documents = np.repeat(np.arange(first.size - 1), np.diff(first))
    return np.arange(documents.size) + room * (documents + 1), int(first[-1]) + room * first.size


def _convolved(layer: Dense, dilation: int, values: Floats) -> Floats:
    """One convolution over all rows; beyond the edges there are zeros, or only room."""
    units = values.shape[1]
    out = np.empty_like(values)
    out[:] = layer.bias
    for step in range(WIDTH):
        shift = (step - WIDTH // 2) * dilation
        weight = layer.weight[step * units : (step + 1) * units]
        if shift < 0:
            out[-shift:] += values[:shift] @ weight
        elif shift:
            out[:-shift] += values[shift:] @ weight
        else:
            out += values @ weight
    return out
