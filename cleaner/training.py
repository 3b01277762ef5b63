"""Labelled documents into a model; the only room that knows scikit-learn."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner import context, glue
from cleaner.dataset import OTHER, LabelledDocument, digest
from cleaner.decisions import clarity
from cleaner.document import CATEGORIES, STRIPPED_CATEGORIES
from cleaner.errors import CleanerError, DataError
from cleaner.evaluation import TOKEN, loss_thresholds
from cleaner.features import BUCKETS, Floats, grams, line_keys, looks, view, words
from cleaner.model import FORMAT, LINE_SCORES, Model, feature_names
from cleaner.network import Network, sigmoid
from cleaner.setting import settings
from cleaner.splitting import Batch, Ints, assemble, split_lines

try:
    from joblib import Parallel, delayed
    from scipy import sparse
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import SGDClassifier
    from sklearn.neural_network import MLPClassifier
except ImportError as error:
    raise CleanerError(
        "training needs scikit-learn and joblib; install them with: pip install 'cleaner[train]'"
    ) from error

#: Documents are laid into batches of so many for feature extraction; nothing depends on it.
_DOCUMENTS_AT_ONCE = 64


@dataclass(frozen=True)
class Recipe:
    """Every choice of a training run; the defaults are those of the shipped model."""

    seed: int = 1
    #: Documents are dealt into so many folds; what judges a document never saw it.
    folds: int = 3
    line_alpha: float = 1e-6
    line_epochs: int = 4
    hidden: tuple[int, ...] = (64, 32)
    networks: int = 2
    epochs: int = 6
    #: The share of inputs blanked at each step, so that no single one is leant on.
    dropout: float = 0.3
    alpha: float = 1e-3
    rate: float = 1e-3
    #: The fewest steps a network takes, however few the fragments.
    steps: int = 2000
    batch: int = 1024
    #: How much a document of an origin weighs; 1 where nothing is said.
    weights: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Examples:
    """All fragments of a training set in order, with what is known of them.

    ngrams: (fragments, BUCKETS), sparse; shape: (fragments, shapes); label: index in
    `CATEGORIES`, -1 for `OTHER`, -2 unclear; region: 0 article, 1 before it, 2 within, 3 after it,
    -1 unknown; tokens: words of the fragment; document, first: as in a batch; weight: per
    fragment; fold: per fragment.
    """

    ngrams: Any
    shape: Floats
    label: Ints
    region: Ints
    tokens: Ints
    document: Ints
    first: Ints
    weight: Floats
    fold: Ints


def labelled_batch(documents: Sequence[LabelledDocument]) -> tuple[Batch, list[str | None]]:
    """The documents laid end to end, with their labelled fragments instead of split ones."""
    laid = split_lines([document.text for document in documents])
    spans = [
        (span.start + offset, span.end + offset, span.label)
        for document, offset in zip(documents, laid.offsets.tolist(), strict=False)
        for span in document.spans
    ]
    start = np.array([span[0] for span in spans], np.int64)
    end = np.array([span[1] for span in spans], np.int64)
    line = np.searchsorted(np.flatnonzero(laid.kinds == 0), start)
    batch = assemble(laid.codes, laid.kinds, laid.offsets, start, end, line)
    return batch, [span[2] for span in spans]


def ngram_matrix(batch: Batch) -> Any:
    """The scaled n-gram counts of every fragment, as `features.gathered` weighs them; CSR."""
    seen = view(batch)
    found = grams(seen, words(seen))
    total = None
    for buckets, start in found.parts:
        ones = np.ones(buckets.size, np.float32)
        ones[buckets == 0] = 0
        shape = (len(batch), BUCKETS)
        part = sparse.csr_matrix((ones, buckets.astype(np.int32), start), shape=shape)
        total = part if total is None else total + part
    scaled = sparse.csr_matrix(sparse.diags(found.scale) @ total, dtype=np.float32)
    scaled.eliminate_zeros()
    return scaled


def _examples(documents: Sequence[LabelledDocument], recipe: Recipe) -> Examples:
    matrices, shapes, labels, tokens, first = [], [], [], [], [np.zeros(1, np.int64)]
    for begin in range(0, len(documents), _DOCUMENTS_AT_ONCE):
        some = documents[begin : begin + _DOCUMENTS_AT_ONCE]
        batch, named = labelled_batch(some)
        seen = view(batch)
        told = words(seen)
        looked = looks(batch, seen, told)
        matrices.append(ngram_matrix(batch))
        shapes.append(
            np.concatenate([looked, settings(batch, told, line_keys(seen), looked)], axis=1)
        )
        labels += [_label_index(label) for label in named]
        tokens += [
            sum(1 for _ in TOKEN.finditer(document.text, span.start, span.end))
            for document in some
            for span in document.spans
        ]
        first.append(first[-1][-1] + batch.first[1:])
    starts = np.concatenate(first)
    label, count = np.array(labels, np.int64), np.array(tokens, np.int64)
    document = np.repeat(np.arange(len(documents)), np.diff(starts))
    fold = np.array([_fold(d.id, recipe.folds) for d in documents], np.int64)
    origin_weight = dict(recipe.weights)
    own = np.array([origin_weight.get(d.origin, 1.0) for d in documents])
    # A page weighs as the square root of its text, however many renderings of it there are; its
    # spam-ridden copies are documents of their own, as far as their weight goes.
    weight = np.sqrt(count + 1.0) * (label >= -1)
    kinds = [f"{d.id} {d.origin if d.origin in origin_weight else ''}" for d in documents]
    groups = {name: number for number, name in enumerate(dict.fromkeys(kinds))}
    group = np.array([groups[name] for name in kinds], np.int64)[document]
    of_group = np.bincount(group, weight, minlength=len(groups))
    weight = weight / np.sqrt(of_group[group] + 1) * own[document]
    return Examples(
        ngrams=sparse.vstack(matrices).tocsr(),
        shape=np.concatenate(shapes),
        label=label,
        region=_regions(label, starts),
        tokens=count,
        document=document,
        first=starts,
        weight=(weight / weight[weight > 0].mean()).astype(np.float32),
        fold=fold[document],
    )


def _label_index(label: str | None) -> int:
    if label is None:
        return -2
    return -1 if label == OTHER else CATEGORIES.index(label)


def _fold(identifier: str, folds: int) -> int:
    hashed = hashlib.blake2b(f"fold {identifier}".encode(), digest_size=8).digest()
    return int.from_bytes(hashed, "big") % folds


def _regions(label: Ints, first: Ints) -> Ints:
    region = np.full(label.size, -1, np.int64)
    for begin, end in zip(first[:-1].tolist(), first[1:].tolist(), strict=True):
        own = label[begin:end]
        article = np.flatnonzero(own == 0)
        if article.size:
            place = np.arange(end - begin)
            side = np.where(place < article[0], 1, np.where(place > article[-1], 3, 2))
            region[begin:end] = np.where(own == -2, -1, np.where(own == 0, 0, side))
    return region


def train(
    documents: Sequence[LabelledDocument],
    recipe: Recipe | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Model, dict[str, Any]]:
    """A model of the documents, and what was measured on the way (out of fold, by document).

    Needs article and stripped fragments in at least `folds` documents; raises `DataError` if
    there are too few. The same documents in the same order with the same recipe give the same
    model. `say` is told of every step.
    """
    recipe = recipe or Recipe()
    warnings.simplefilter("ignore", ConvergenceWarning)
    warnings.filterwarnings("ignore", message="Got `batch_size` less than 1")
    examples = _examples(documents, recipe)
    folds = set(examples.fold[examples.label == 0]) & set(
        examples.fold[(examples.label > 0) | (examples.label == -1)]
    )
    if len(folds) < recipe.folds:
        raise DataError(
            f"too few labelled documents: article and stripped fragments are needed in each of "
            f"{recipe.folds} folds; add documents"
        )
    say(f"{len(documents)} documents, {examples.label.size} fragments")
    table, bias, unseen = _line_scores(examples, recipe)
    say("line scores learned")
    rows = context.surroundings(unseen, examples.shape, examples.first)
    article, odds = _article(examples, rows, recipe, say)
    say("article networks learned")
    category = _category(examples, rows, recipe)
    say("categories learned")
    labels = _stuck_labels(documents)
    glue_network, glue_threshold, joints = _glue(documents, table, bias, labels, recipe)
    say(f"glue learned ({joints})")
    known = examples.label >= -1
    calibration = _calibration(odds[known], examples.label[known] == 0, examples.weight[known])
    score = sigmoid(np.interp(odds, calibration[0], calibration[1]).astype(np.float32)).round(5)
    origins = np.array([document.origin for document in documents])[examples.document]
    size = np.expm1(examples.shape[:, context.SHAPE_NAMES.index("length")])
    clear = clarity(score, np.round(size).astype(np.int64), examples.document)
    thresholds = loss_thresholds(
        score[known],
        (examples.label == 0)[known],
        examples.tokens[known],
        clear[known],
        origins[known],
    )
    quantised, scale = table
    header = {
        "format": FORMAT,
        "features": feature_names(),
        "categories": list(CATEGORIES),
        "thresholds": thresholds,
        "glue_threshold": glue_threshold,
        "training": {
            "digest": digest(documents),
            "documents": len(documents),
            "fragments": int(examples.label.size),
            "recipe": {k: repr(v) for k, v in sorted(vars(recipe).items())},
        },
        "scores": {},
    }
    model = Model(
        header, quantised, scale, bias, article, category, glue_network, labels, calibration
    )
    return model, {"score": score, "examples": examples, "origins": origins, "glue": joints}


def _targets(examples: Examples) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """For each line score, which fragments it may learn from and which of those it is to find."""
    label, region = examples.label, examples.region
    targets = {"article": (label >= -1, label == 0)}
    for number, name in enumerate(("before", "within", "after"), 1):
        targets[name] = (region >= 0, region == number)
    for category in STRIPPED_CATEGORIES:
        index = CATEGORIES.index(category)
        targets[category] = (label >= 0, label == index)
    return targets


def _line_scores(
    examples: Examples, recipe: Recipe
) -> tuple[tuple[NDArray[np.int8], Floats], Floats, Floats]:
    """The table and bias learned on everything, and each fragment's scores by unseen tables."""
    targets = _targets(examples)
    jobs = [(hold, name) for hold in range(-1, recipe.folds) for name in LINE_SCORES]

    def fit(hold: int, name: str) -> tuple[Floats, float]:
        may, wanted = targets[name]
        rows = np.flatnonzero(may & (examples.fold != hold) & (examples.weight > 0))
        wanted = wanted[rows]
        if not wanted.any() or wanted.all():
            return np.zeros(BUCKETS, np.float32), 0.0
        weight = examples.weight[rows]
        if name in STRIPPED_CATEGORIES:
            weight = np.where(wanted, weight * min(30.0, (~wanted).sum() / wanted.sum()), weight)
        learner = SGDClassifier(
            loss="log_loss",
            alpha=recipe.line_alpha,
            max_iter=recipe.line_epochs,
            tol=None,
            average=True,
            random_state=recipe.seed,
        )
        learner.fit(examples.ngrams[rows], wanted, sample_weight=weight / weight.mean())
        return learner.coef_[0].astype(np.float32), float(learner.intercept_[0])

    learned = Parallel(n_jobs=2, prefer="threads")(delayed(fit)(*job) for job in jobs)
    unseen = np.zeros((examples.label.size, len(LINE_SCORES)), np.float32)
    final: tuple[NDArray[np.int8], Floats] | None = None
    bias = np.zeros(len(LINE_SCORES), np.float32)
    for hold in range(-1, recipe.folds):
        parts = [part for job, part in zip(jobs, learned, strict=True) if job[0] == hold]
        weights = np.stack([part[0] for part in parts], axis=1)
        offsets = np.array([part[1] for part in parts], np.float32)
        if hold < 0:
            final, bias = quantise(weights), offsets
        else:
            held = examples.fold == hold
            unseen[held] = examples.ngrams[np.flatnonzero(held)] @ weights + offsets
    assert final is not None
    return final, bias, unseen


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
    epochs = max(epochs or recipe.epochs, -(-recipe.steps * size // rows.shape[0]))
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
            learner.partial_fit(values, wanted[some], classes=classes, sample_weight=weight[some])
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


def _article(
    examples: Examples, rows: Floats, recipe: Recipe, say: Callable[[str], None]
) -> tuple[tuple[Network, ...], Floats]:
    """The article networks learned on everything, and each fragment's log-odds by unseen ones."""
    known = (examples.label >= -1) & (examples.weight > 0)
    wanted = (examples.label == 0).astype(np.int64)

    def fit(seed: int, hold: int) -> Network:
        use = np.flatnonzero(known & (examples.fold != hold))
        _, network = fit_network(rows[use], wanted[use], examples.weight[use], recipe, seed)
        return network

    odds = np.zeros(examples.label.size, np.float32)
    for hold in range(recipe.folds):
        held = np.flatnonzero(examples.fold == hold)
        networks = [fit(recipe.seed + n, hold) for n in range(recipe.networks)]
        mean = np.mean([sigmoid(net.outputs(rows[held])[:, 0]) for net in networks], axis=0)
        mean = np.clip(mean, 1e-6, 1 - 1e-6)
        odds[held] = np.log(mean / (1 - mean))
        say(f"fold {hold + 1} of {recipe.folds}")
    return tuple(fit(recipe.seed + n, -1) for n in range(recipe.networks)), odds


def _category(examples: Examples, rows: Floats, recipe: Recipe) -> Network:
    """Which category a fragment has, if it is not article; from fragments that say so."""
    use = np.flatnonzero(examples.label > 0)
    wanted = examples.label[use] - 1
    present = np.unique(wanted)
    weight = examples.weight[use] / examples.weight[use].mean()
    if present.size < 2:
        constant = np.full(len(STRIPPED_CATEGORIES), -20, np.float32)
        constant[present if present.size else 0] = 0
        width = rows.shape[1]
        blank = np.zeros((width, len(STRIPPED_CATEGORIES)), np.float32)
        ones = np.ones(width, np.float32)
        return Network(ones * 0, ones, (blank,), (constant,))
    _, network = fit_network(
        rows[use], wanted, weight, recipe, recipe.seed, hidden=(32,), epochs=2 * recipe.epochs
    )
    return spread_outputs(network, present, len(STRIPPED_CATEGORIES))


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


def _stuck_labels(documents: Sequence[LabelledDocument]) -> NDArray[np.uint64]:
    """Keys of the advertisement labels of at most three words and thirty characters."""
    texts = {
        document.text[span.start : span.end].casefold()
        for document in documents
        for span in document.spans
        if span.label == "advertisement" and span.end - span.start <= 30
    }
    short = sorted(text for text in texts if len(TOKEN.findall(text)) <= 3)
    keys = line_keys(view(split_lines(short)))
    return np.unique(keys[keys != 0])


def _glue(
    documents: Sequence[LabelledDocument],
    table: tuple[NDArray[np.int8], Floats],
    bias: Floats,
    labels: NDArray[np.uint64],
    recipe: Recipe,
) -> tuple[Network, float, dict[str, float]]:
    """The glue network, its threshold, and how it did on documents it had not seen.

    The threshold is the lowest at which no more than one line in ten thousand is cut wrongly.
    """
    weights = table[0].astype(np.float32) * table[1]
    rows: list[Floats] = []
    truth: list[NDArray[np.bool_]] = []
    fold: list[Ints] = []
    lines = 0
    for begin in range(0, len(documents), _DOCUMENTS_AT_ONCE):
        some = documents[begin : begin + _DOCUMENTS_AT_ONCE]
        lines += sum(len(document.spans) for document in some)
        batch = split_lines([document.text for document in some])
        found = glue.candidates(batch, labels)
        if not found.cut.size:
            continue
        told = glue.pieces(batch, line_keys(view(batch)), found)
        # The same sums as `gathered` makes, by the matrix that is at hand here anyway.
        scores = _piece_scores(told, weights, bias)
        owner = batch.document[found.fragment]
        begins, article = [], []
        for number, document in enumerate(some):
            offset = int(batch.offsets[number])
            begins += [span.start + offset for span in document.spans]
            article += [span.label for span in document.spans]
        at = np.searchsorted(np.array(begins), found.cut, "right") - 1
        is_joint = np.array(begins)[at] == found.cut
        # Of the corpora only article lines are known to be one piece.
        sure = is_joint | np.array([article[i] not in (None, OTHER) for i in at.tolist()])
        rows.append(glue.inputs(batch, told, scores)[sure])
        truth.append(is_joint[sure])
        fold.append(np.array([_fold(some[d].id, recipe.folds) for d in owner.tolist()])[sure])
    width = len(glue.input_names(LINE_SCORES))
    never = Network(
        np.zeros(width, np.float32),
        np.ones(width, np.float32),
        (np.zeros((width, 1), np.float32),),
        (np.full(1, -20, np.float32),),
    )
    if not rows or not np.concatenate(truth).any():
        return never, 0.5, {"joints": 0, "candidates": 0}
    values, wanted, folds = np.concatenate(rows), np.concatenate(truth), np.concatenate(fold)
    weight = np.ones(wanted.size, np.float32)
    score = np.zeros(wanted.size, np.float32)

    def fit(use: Ints) -> Network:
        return fit_network(
            values[use], wanted[use].astype(np.int64), weight[use], recipe, recipe.seed, (24,), 12
        )[1]

    for hold in range(recipe.folds):
        held = folds == hold
        if wanted[~held].any() and not wanted[~held].all() and held.any():
            score[held] = sigmoid(fit(np.flatnonzero(~held)).outputs(values[held])[:, 0])
    wrong = np.sort(score[~wanted])[::-1]
    allowed = int(lines / 10_000)
    limit = float(wrong[allowed]) if allowed < wrong.size else 0.0
    threshold = round(max(0.5, limit) + 1e-4, 4)
    report = {
        "joints": int(wanted.sum()),
        "candidates": int(wanted.size),
        "found": float((score[wanted] >= threshold).mean()),
        "wrong": int((score[~wanted] >= threshold).sum()),
        "threshold": threshold,
    }
    return fit(np.arange(wanted.size)), threshold, report


def _piece_scores(told: glue.Pieces, weights: Floats, bias: Floats) -> Floats:
    from cleaner.features import gathered

    return gathered(weights, told.grams) + bias


def _calibration(odds: Floats, wanted: NDArray[np.bool_], weight: Floats) -> Floats:
    """Log-odds as given and as found true: isotonic, at twenty points, made strictly rising."""
    fitted = IsotonicRegression(y_min=1e-4, y_max=1 - 1e-4, out_of_bounds="clip")
    fitted.fit(odds, wanted, sample_weight=weight)
    points = np.unique(np.quantile(odds, np.linspace(0, 1, 41)))
    true = fitted.predict(points)
    # A flat stretch would make unlike fragments alike; a slight slope keeps their order.
    values = np.log(true / (1 - true)) + 1e-2 * points
    return np.stack([points, np.maximum.accumulate(values)]).astype(np.float32)
