"""Labelled documents into a model: what is learned from what, and judged by what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner import context, glue
from cleaner.dataset import LabelledDocument, digest
from cleaner.decisions import clarity
from cleaner.document import ARTICLE, CATEGORIES, STRIPPED_CATEGORIES
from cleaner.errors import DataError
from cleaner.evaluation import TOKEN
from cleaner.examples import DOCUMENTS_AT_ONCE, Examples, examples_of, fold_of
from cleaner.features import Floats, gathered, line_keys, view
from cleaner.learners import (
    calibration_of,
    fit_line_score,
    fit_network,
    on_two_cores,
    quantise,
    spread_outputs,
)
from cleaner.model import FORMAT, LINE_SCORES, Model, feature_names
from cleaner.network import Network, sigmoid
from cleaner.recipe import Recipe
from cleaner.splitting import Ints, split_lines
from cleaner.thresholds import Judged, learned_thresholds


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
    _check_enough(documents, recipe)
    examples = examples_of(documents, recipe)
    say(f"{len(documents)} documents, {examples.label.size} fragments")
    table, bias, unseen = _line_scores(examples, recipe)
    say("line scores learned")
    rows = context.Surroundings(unseen, examples.shape, examples.first).all()
    article, odds = _article(examples, rows, recipe, say)
    say("article networks learned")
    category = _category(examples, rows, recipe)
    say("categories learned")
    labels = _stuck_labels(documents)
    glue_network, glue_threshold, joints = _glue(documents, table, bias, labels, recipe)
    say(f"glue learned ({joints})")
    known = examples.label >= -1
    calibration = calibration_of(odds[known], examples.label[known] == 0, examples.weight[known])
    score = sigmoid(np.interp(odds, calibration[0], calibration[1]).astype(np.float32)).round(5)
    origins = np.array([document.origin for document in documents])[examples.document]
    size = np.expm1(examples.shape[:, context.SHAPE_NAMES.index("length")])
    clear = clarity(score, np.round(size).astype(np.int64), examples.document)
    judged = Judged(
        score[known],
        (examples.label == 0)[known],
        examples.tokens[known],
        clear[known],
        examples.document[known],
        origins[known],
    )
    bands, least = learned_thresholds(judged)
    quantised, scale = table
    header = {
        "format": FORMAT,
        "features": feature_names(),
        "categories": list(CATEGORIES),
        "thresholds": bands,
        "evidence": least,
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


def _check_enough(documents: Sequence[LabelledDocument], recipe: Recipe) -> None:
    """Raise `DataError` unless every fold has article and stripped fragments to learn from."""
    article, stripped = set(), set()
    for document in documents:
        labels = {span.label for span in document.spans} - {None}
        if ARTICLE in labels:
            article.add(fold_of(document.id, recipe.folds))
        if labels - {ARTICLE}:
            stripped.add(fold_of(document.id, recipe.folds))
    if len(article & stripped) < recipe.folds:
        raise DataError(
            f"too few labelled documents: article and stripped fragments are needed in each of "
            f"{recipe.folds} folds; add documents"
        )


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
        found = wanted[rows]
        weight = examples.weight[rows]
        if name in STRIPPED_CATEGORIES and found.any():
            # A category is rare among all lines; at most thirtyfold it evens the odds.
            weight = np.where(found, weight * min(30.0, (~found).sum() / found.sum()), weight)
        return fit_line_score(examples.ngrams[rows], found, weight, recipe)

    learned = on_two_cores(fit, jobs)
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


def _stuck_labels(documents: Sequence[LabelledDocument]) -> NDArray[np.uint64]:
    """Keys of the advertisement labels of at most three words and thirty characters."""
    texts = {
        document.text[span.start : span.end].casefold()
        for document in documents
        for span in document.spans
        if span.label == "advertisement" and span.end - span.start <= 30
    }
    # A label of two or three Latin letters ("Ad") is oftener a word or an abbreviation.
    short = sorted(
        text
        for text in texts
        if len(TOKEN.findall(text)) <= 3 and (len(text) > 3 or not text.isascii())
    )
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

    The threshold is the lowest at which no more lines are cut wrongly than the recipe allows.
    """
    weights = table[0].astype(np.float32) * table[1]
    rows: list[Floats] = []
    truth: list[NDArray[np.bool_]] = []
    fold: list[Ints] = []
    lines = 0
    for begin in range(0, len(documents), DOCUMENTS_AT_ONCE):
        some = documents[begin : begin + DOCUMENTS_AT_ONCE]
        lines += sum(len(document.spans) for document in some)
        batch = split_lines([document.text for document in some])
        found = glue.candidates(batch, labels)
        if not found.cut.size:
            continue
        told = glue.pieces(batch, line_keys(view(batch)), found)
        scores = gathered(weights, told.grams) + bias
        owner = batch.document[found.fragment]
        begins, article = [], []
        for number, document in enumerate(some):
            offset = int(batch.offsets[number])
            begins += [span.start + offset for span in document.spans]
            article += [span.label for span in document.spans]
        at = np.searchsorted(np.array(begins), found.cut, "right") - 1
        is_joint = np.array(begins)[at] == found.cut
        # Only article lines are known to be one piece; a line of spam may be cut as it likes.
        sure = is_joint | np.array([article[i] == ARTICLE for i in at.tolist()])
        rows.append(glue.inputs(batch, told, scores)[sure])
        truth.append(is_joint[sure])
        fold.append(np.array([fold_of(some[d].id, recipe.folds) for d in owner.tolist()])[sure])
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
    weight = np.where(wanted, np.float32(recipe.joint_weight), np.float32(1))
    score = np.zeros(wanted.size, np.float32)

    glue_recipe = replace(recipe, hidden=(24,), epochs=12, dropout=recipe.glue_dropout)

    def fit(use: Ints) -> Network:
        return fit_network(
            values[use], wanted[use].astype(np.int64), weight[use], glue_recipe, recipe.seed
        )[1]

    for hold in range(recipe.folds):
        held = folds == hold
        if wanted[~held].any() and not wanted[~held].all() and held.any():
            score[held] = sigmoid(fit(np.flatnonzero(~held)).outputs(values[held])[:, 0])
    wrong = np.sort(score[~wanted])[::-1]
    allowed = lines // recipe.lines_a_wrong_cut
    limit = float(wrong[allowed]) if allowed < wrong.size else 0.0
    threshold = round(max(recipe.least_glue_threshold, limit) + 1e-4, 4)
    report = {
        "joints": int(wanted.sum()),
        "candidates": int(wanted.size),
        "found": float((score[wanted] >= threshold).mean()),
        "wrong": int((score[~wanted] >= threshold).sum()),
        "threshold": threshold,
    }
    return fit(np.arange(wanted.size)), threshold, report
