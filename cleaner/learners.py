"""scikit-learn's estimators, taught and turned into inert numbers; the only room that knows it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.encoder import Dense
from cleaner.extras import needs
from cleaner.features import Floats
from cleaner.network import Network
from cleaner.recipe import Recipe
from cleaner.splitting import Ints

with needs("scikit-learn", extra="train"):
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier


#: Even the smallest set is gone through no oftener.
_MOST_EPOCHS = 100


def fit_head(
    rows: Floats, wanted: Ints, weight: Floats, base: Dense, recipe: Recipe
) -> tuple[LogisticRegression, Dense]:
    """scikit-learn's estimator of a base model's top layer, and the same as a layer.

    rows: encoded fragments; wanted: classes, indices of the base's outputs (for a single output: 0
    or 1). What the base says stands beside the rows as inputs that cost little to lean on, so that
    few labels change little: shrinkage towards the base instead of towards nothing.
    """
    said = base(rows)
    leaning = np.float32(recipe.leaning)
    learner = LogisticRegression(C=recipe.head_strength, max_iter=500)
    values = np.concatenate([rows, said * leaning], axis=1)
    learner.fit(values, wanted, sample_weight=weight / weight.mean())
    own, lent = np.split(learner.coef_.T, [rows.shape[1]])
    weights = own + base.weight @ lent * leaning
    biases = learner.intercept_ + base.bias @ lent * leaning
    return learner, Dense(weights.astype(np.float32), biases.astype(np.float32))


def fit_network(
    rows: Floats,
    wanted: Ints,
    weight: Floats,
    recipe: Recipe,
    seed: int,
) -> tuple[MLPClassifier, Network]:
    """scikit-learn's estimator, taught with blanked inputs, and the same as a `Network`.

    The weights are the mean over the last half of the epochs, which settles like a falling
    learning rate (Izmailov et al. 2018, stochastic weight averaging).
    """
    # A small set is gone through oftener, in smaller steps.
    size = min(recipe.batch, max(64, rows.shape[0] // 64))
    wanted_epochs = -(-recipe.steps * size // rows.shape[0])
    epochs = max(recipe.epochs, min(_MOST_EPOCHS, wanted_epochs))
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(spread > 1e-4, 1 / np.maximum(spread, 1e-4), 0).astype(np.float32)
    empty = Network(mean.astype(np.float32), scale, (), ())
    rng = np.random.default_rng(seed)
    learner = MLPClassifier(
        recipe.hidden,
        alpha=recipe.alpha,
        batch_size=size,
        learning_rate_init=recipe.rate,
        random_state=seed,
    )
    classes = np.unique(wanted)
    chunk = size * 16
    kept: list[list[NDArray[np.floating[Any]]]] = []
    for epoch in range(epochs):
        order = rng.permutation(rows.shape[0])
        for begin in range(0, order.size, chunk):
            some = order[begin : begin + chunk]
            values = empty.standardised(rows[some])
            alive = rng.random(values.shape, dtype=np.float32) > recipe.dropout
            values *= alive / np.float32(1 - recipe.dropout)
            with warnings.catch_warnings():
                # A last, smaller chunk is no mistake.
                warnings.filterwarnings("ignore", message="Got `batch_size` less than 1")
                learner.partial_fit(
                    values, wanted[some], classes=classes, sample_weight=weight[some]
                )
            if 2 * epoch >= epochs:
                kept.append([part.copy() for part in (*learner.coefs_, *learner.intercepts_)])
    layers = len(learner.coefs_)
    means = [np.mean([step[part] for step in kept], axis=0) for part in range(2 * layers)]
    learner.coefs_, learner.intercepts_ = means[:layers], means[layers:]
    network = Network(
        empty.mean,
        scale,
        tuple(part.astype(np.float32) for part in means[:layers]),
        tuple(part.astype(np.float32) for part in means[layers:]),
    )
    return learner, network


def spread_outputs(head: Dense, present: Ints, size: int) -> Dense:
    """The head with an output for every class, those never seen in training far below."""
    weight, bias = head.weight, head.bias
    if present.size == 2:  # scikit-learn gives two classes one output, the odds of the second
        second = np.array([0, 1], np.float32)
        weight, bias = np.repeat(weight, 2, axis=1) * second, np.repeat(bias, 2) * second
    wide = np.zeros((weight.shape[0], size), np.float32)
    offsets = np.full(size, -20, np.float32)
    wide[:, present], offsets[present] = weight, bias
    return Dense(wide, offsets)


def calibration_of(odds: Floats, wanted: NDArray[np.bool_], weight: Floats) -> Floats:
    """Log-odds as given and as found true: isotonic, at twenty points, made strictly rising."""
    fitted = IsotonicRegression(y_min=1e-4, y_max=1 - 1e-4, out_of_bounds="clip")
    fitted.fit(odds, wanted, sample_weight=weight)
    points = np.unique(np.quantile(odds, np.linspace(0, 1, 41)))
    true = fitted.predict(points)
    # A flat stretch would make unlike fragments alike; a slight slope keeps their order.
    values = np.log(true / (1 - true)) + 1e-2 * points
    return np.stack([points, np.maximum.accumulate(values)]).astype(np.float32)
