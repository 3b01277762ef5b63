"""Small feed-forward networks, predicted with numpy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: Rows multiplied at once: the hidden layer of a block stays in the processor's cache.
_BLOCK = 2048


@dataclass(frozen=True, slots=True)
class Network:
    """Dense layers with rectifiers between; what scikit-learn's `MLPClassifier` computes.

    mean, scale: inputs are first standardised, (x - mean) * scale, and bounded by +-`BOUND`;
    weights: one matrix a layer, shape (inputs, outputs); biases: one vector a layer.
    """

    mean: Floats
    scale: Floats
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    #: Inputs beyond so many standard deviations say no more than this many.
    BOUND = 5.0

    def standardised(self, rows: Floats) -> Floats:
        """The inputs as the first layer takes them."""
        out = (rows - self.mean) * self.scale
        return np.clip(out, -self.BOUND, self.BOUND, out=out)

    def outputs(self, rows: Floats) -> Floats:
        """The last layer's sums, before any sigmoid; shape (rows, outputs)."""
        out = np.empty((rows.shape[0], self.biases[-1].size), np.float32)
        for begin in range(0, rows.shape[0], _BLOCK):
            values = self.standardised(rows[begin : begin + _BLOCK])
            for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
                values = values @ weight + bias
                if layer < len(self.weights) - 1:
                    np.maximum(values, 0, out=values)
            out[begin : begin + _BLOCK] = values
        return out


def sigmoid(values: Floats) -> Floats:
    """The logistic function, safe for any size of value."""
    out: Floats = (0.5 * (1.0 + np.tanh(0.5 * values))).astype(np.float32)
    return out


def softmax(values: Floats) -> Floats:
    """Rows to probabilities that sum to one."""
    powers = np.exp(values - values.max(axis=1, keepdims=True, initial=-np.inf))
    out: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return out
