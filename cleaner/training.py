"""Labelled documents into a model: what is learned from what, and judged by what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner import glue
from cleaner.dataset import TOKEN, LabelledDocument, digest
from cleaner.decisions import clarity
from cleaner.document import ARTICLE, CATEGORIES, STRIPPED_CATEGORIES
from cleaner.encoder import Dense
from cleaner.errors import DataError
from cleaner.examples import DOCUMENTS_AT_ONCE, Examples, batches, examples_of, fold_of
from cleaner.features import Floats, line_keys, view
from cleaner.learners import calibration_of, fit_head, fit_network, spread_outputs
from cleaner.model import Model, bounded
from cleaner.model_file import FORMAT, feature_names, load
from cleaner.network import Network, sigmoid
from cleaner.recipe import Recipe
from cleaner.splitting import Ints, split_lines
from cleaner.thresholds import Judged, learned_thresholds


def train(
    documents: Sequence[LabelledDocument],
    recipe: Recipe | None = None,
    say: Callable[[str], None] = lambda _: None,
    base: Model | None = None,
) -> tuple[Model, Judged]:
    """A model of the documents, and how they were judged by heads that had not seen them.

    The base model's line scores and encoders stay as they are (by default the shipped model's);
    its heads, thresholds and glue are learned anew. Needs article and stripped fragments in every
    fold; raises `DataError` if there are too few. The same documents in the same order with the
    same recipe and base give the same model. `say` is told of every step.
    """
    recipe = recipe or Recipe()
    base = base or load()
    _check_enough(documents, recipe)
    examples = examples_of(documents, recipe)
    say(f"{len(documents)} documents, {examples.label.size} fragments")
    rows = np.concatenate([base.encoded(batch) for batch in batches(documents)])
    article, odds = _article(examples, rows, base, recipe)
    category = _category(examples, rows, base, recipe)
    say("heads learned")
    learned = replace(base, article=article, category=category)
    return finished(learned, documents, examples, odds, recipe, say)


def finished(
    model: Model,
    documents: Sequence[LabelledDocument],
    examples: Examples,
    odds: Floats,
    recipe: Recipe,
    say: Callable[[str], None],
) -> tuple[Model, Judged]:
    """The model with calibration, thresholds, glue and header made from its training documents.

    odds: log-odds of being article of every fragment, by a model that had not seen its document.
    """
    known = (examples.label >= -1) & (examples.weight > 0)
    calibration = calibration_of(odds[known], examples.label[known] == 0, examples.weight[known])
    score = sigmoid(np.interp(odds, calibration[0], calibration[1]).astype(np.float32)).round(5)
    clear = clarity(score, examples.length, examples.document)
    judged = Judged(
        score[known],
        (examples.label == 0)[known],
        examples.tokens[known],
        clear[known],
        examples.document[known],
        examples.origin[examples.document][known],
    )
    bands, least = learned_thresholds(judged)
    labels = np.union1d(model.labels, _stuck_labels(documents))
    model = replace(model, labels=labels, calibration=calibration)
    joint, glue_threshold, joints = _glue(model, documents, recipe)
    say(f"glue learned ({joints})")
    header = {
        "format": FORMAT,
        "features": feature_names(),
        "categories": list(CATEGORIES),
        "thresholds": bands,
        "evidence": least,
        "glue_threshold": glue_threshold,
        "repeats": model.repeats,
        "training": {
            "digest": digest(documents),
            "documents": len(documents),
            "fragments": int(examples.label.size),
            "glue": joints,
            "sets": _sets(documents),
            "recipe": {k: repr(v) for k, v in sorted(vars(recipe).items())},
        },
        "scores": {},
    }
    return replace(model, joint=joint, header=header), judged


def _sets(documents: Sequence[LabelledDocument]) -> dict[str, dict[str, Any]]:
    """How many documents of each set there are, and a digest of them."""
    by_set: dict[str, list[LabelledDocument]] = {}
    for document in documents:
        by_set.setdefault(document.origin, []).append(document)
    return {name: {"documents": len(some), "digest": digest(some)} for name, some in by_set.items()}


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


def _article(examples: Examples, rows: Floats, base: Model, recipe: Recipe) -> tuple[Dense, Floats]:
    """The article head learned on everything, and each fragment's log-odds by unseen ones."""
    known = (examples.label >= -1) & (examples.weight > 0)
    wanted = (examples.label == 0).astype(np.int64)

    def fit(hold: int) -> Dense:
        use = np.flatnonzero(known & (examples.fold != hold))
        return fit_head(rows[use], wanted[use], examples.weight[use], base.article, recipe)[1]

    odds = np.zeros(examples.label.size, np.float32)
    for hold in range(recipe.folds):
        held = examples.fold == hold
        odds[held] = fit(hold)(rows[held])[:, 0]
    return fit(-1), odds


def _category(examples: Examples, rows: Floats, base: Model, recipe: Recipe) -> Dense:
    """Which category a fragment has, if it is not article; from fragments that say so."""
    use = np.flatnonzero(examples.label > 0)
    wanted = examples.label[use] - 1
    present = np.unique(wanted)
    if present.size < 2:
        return base.category
    _, head = fit_head(rows[use], wanted, examples.weight[use], base.category, recipe)
    return spread_outputs(head, present, len(STRIPPED_CATEGORIES))


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
    model: Model, documents: Sequence[LabelledDocument], recipe: Recipe
) -> tuple[Network, float, dict[str, float]]:
    """The glue network, its threshold, and how it did on documents it had not seen.

    The threshold is the lowest at which no more lines are cut wrongly than the recipe allows.
    Documents without a joint teach nothing about them: then the model's own stays.
    """
    rows: list[Floats] = []
    truth: list[NDArray[np.bool_]] = []
    fold: list[Ints] = []
    lines = 0
    for begin in range(0, len(documents), DOCUMENTS_AT_ONCE):
        some = documents[begin : begin + DOCUMENTS_AT_ONCE]
        lines += sum(len(document.spans) for document in some)
        batch = split_lines([document.text for document in some])
        found = glue.candidates(batch, model.labels)
        if not found.cut.size:
            continue
        told = glue.pieces(batch, line_keys(view(batch)), found, model.table)
        scores = bounded(model.line_scores(told.tally))
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
    if not rows or not np.concatenate(truth).any():
        kept = float(model.header["glue_threshold"])
        return model.joint, kept, {"joints": 0, "candidates": 0}
    values, wanted, folds = np.concatenate(rows), np.concatenate(truth), np.concatenate(fold)
    weight = np.where(wanted, np.float32(recipe.joint_weight), np.float32(1))
    score = np.zeros(wanted.size, np.float32)

    def fit(use: Ints) -> Network:
        return fit_network(
            values[use], wanted[use].astype(np.int64), weight[use], recipe, recipe.seed
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
