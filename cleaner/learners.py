"""scikit-learn's estimators, taught and turned into inert numbers; the only room that knows it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import CleanerError
from cleaner.features import BUCKETS, Floats
from cleaner.network import Network
from cleaner.recipe import Recipe
from cleaner.splitting import Ints

try:
    from joblib import Parallel, delayed
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import SGDClassifier
    from sklearn.neural_network import MLPClassifier
except ImportError as error:
    raise CleanerError(
        "training needs scikit-learn and joblib; install them with: pip install 'cleaner[train]'"
    ) from error


#: Even the smallest set is gone through no oftener.
_MOST_EPOCHS = 100

_Result = TypeVar("_Result")


def on_two_cores(
    function: Callable[..., _Result], jobs: Iterable[tuple[Any, ...]]
) -> list[_Result]:
    """The results of the jobs in their order; threads, for scikit-learn lets go of the lock."""
    return list(Parallel(n_jobs=2, prefer="threads")(delayed(function)(*job) for job in jobs))


def fit_line_score(
    ngrams: Any, wanted: NDArray[np.bool_], weight: Floats, recipe: Recipe
) -> tuple[Floats, float]:
    """One column of the table, (BUCKETS,), and its bias: a logistic regression by averaged SGD."""
    if not wanted.any() or wanted.all():
        return np.zeros(BUCKETS, np.float32), 0.0
    learner = SGDClassifier(
        loss="log_loss",
        alpha=recipe.line_alpha,
        max_iter=recipe.line_epochs,
        tol=None,
        average=True,
        random_state=recipe.seed,
    )
    learner.fit(ngrams, wanted, sample_weight=weight / weight.mean())
    return learner.coef_[0].astype(np.float32), float(learner.intercept_[0])


def quantise(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Columns to int8 and what to multiply them by; the few largest weights are bounded."""
    weights = weights.copy()
    weights[0] = 0
    bound = np.maximum(np.quantile(np.abs(weights), 0.9999, axis=0), 1e-6)
    scale = (bound / 127).astype(np.float32)
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), scale


def fit_network(
    rows: Floats,
    wanted: Ints,
    weight: Floats,
    recipe: Recipe,
    seed: int,
    hidden: tuple[int, ...] | None = None,
    epochs: int | None = None,
) -> tuple[MLPClassifier, Network]:
    """scikit-learn's estimator, taught with blanked inputs, and the same as a `Network`.

    The weights are the mean over the last half of the epochs, which settles like a falling
    learning rate (Izmailov et al. 2018, stochastic weight averaging).
    """
    # A small set is gone through oftener, in smaller steps.
    size = min(recipe.batch, max(64, rows.shape[0] // 64))
    wanted_epochs = -(-recipe.steps * size // rows.shape[0])
    epochs = max(epochs or recipe.epochs, min(_MOST_EPOCHS, wanted_epochs))
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(spread > 1e-4, 1 / np.maximum(spread, 1e-4), 0).astype(np.float32)
    empty = Network(mean.astype(np.float32), scale, (), ())
    rng = np.random.default_rng(seed)
    learner = MLPClassifier(
        hidden or recipe.hidden,
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


def spread_outputs(network: Network, present: Ints, size: int) -> Network:
    """The network with an output for every class, those never seen in training far below."""
    weight, bias = network.weights[-1], network.biases[-1]
    if present.size == 2:  # scikit-learn gives two classes one output, the odds of the second
        second = np.array([0, 1], np.float32)
        weight, bias = np.repeat(weight, 2, axis=1) * second, np.repeat(bias, 2) * second
    wide = np.zeros((weight.shape[0], size), np.float32)
    offsets = np.full(size, -20, np.float32)
    wide[:, present], offsets[present] = weight, bias
    return Network(
        network.mean, network.scale, (*network.weights[:-1], wide), (*network.biases[:-1], offsets)
    )


def calibration_of(odds: Floats, wanted: NDArray[np.bool_], weight: Floats) -> Floats:
    """Log-odds as given and as found true: isotonic, at twenty points, made strictly rising."""
    fitted = IsotonicRegression(y_min=1e-4, y_max=1 - 1e-4, out_of_bounds="clip")
    fitted.fit(odds, wanted, sample_weight=weight)
    points = np.unique(np.quantile(odds, np.linspace(0, 1, 41)))
    true = fitted.predict(points)
    # A flat stretch would make unlike fragments alike; a slight slope keeps their order.
    values = np.log(true / (1 - true)) + 1e-2 * points
    return np.stack([points, np.maximum.accumulate(values)]).astype(np.float32)
