"""Training: the same scores as scikit-learn's, the same bytes twice, folds by document."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

NEEDS = "scikit-learn is needed here: pip install 'cleaner[train]'"
pytest.importorskip("sklearn", reason=NEEDS)

from cleaner import learners  # noqa: E402
from cleaner.dataset import LabelledDocument, laid_out, read  # noqa: E402
from cleaner.document import ARTICLE, CATEGORIES, STRIPPED_CATEGORIES  # noqa: E402
from cleaner.encoder import Dense  # noqa: E402
from cleaner.errors import DataError  # noqa: E402
from cleaner.examples import batches, examples_of, labelled_batch  # noqa: E402
from cleaner.features import line_keys, view  # noqa: E402
from cleaner.model import Model  # noqa: E402
from cleaner.model_file import FORMAT, feature_names, load, save  # noqa: E402
from cleaner.network import sigmoid, softmax  # noqa: E402
from cleaner.recipe import Recipe  # noqa: E402
from cleaner.training import train  # noqa: E402

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"

SMALL = Recipe(folds=2, hidden=(8,), epochs=2, steps=150, batch=64)

PLACES = ("Tornby", "Skagen", "Löki", "Arvid Bay", "Nore", "Vinter Point", "Elsk", "Marrow")
THINGS = ("ferry", "bakery", "lighthouse", "library", "footbridge", "orchard", "museum", "choir")


def document(number: int) -> LabelledDocument:
    place, thing = PLACES[number % 8], THINGS[number // 8 % 8]
    text, spans = laid_out(
        [
            ("navigation", "Home"),
            ("navigation", "About us"),
            (ARTICLE, f"The {thing} of {place}"),
            ("advertisement", "Advertisement"),
            (
                ARTICLE,
                f"Nobody in {place} had thought much about the {thing} before it closed in May "
                "for repairs, and by June most of the town thought about nothing else at all.",
            ),
            ("", ""),
            (
                ARTICLE,
                f"The mayor, who lives beside the {thing}, said that it would be open again when "
                "the money was found.",
            ),
            ("+link_list", f"- Marlow {place} Leaked Photos What We Know"),
            ("link_list", f"- Who Is {place} Vance Net Worth Revealed"),
            ("notice", "© 2024 All rights reserved."),
            (ARTICLE, f"They found it in the end, {number} weeks later, under the {thing}."),
        ]
    )
    return LabelledDocument(f"town-{number}", "towns", "en", "farm", "train", text, spans)


@pytest.fixture(scope="module")
def documents() -> list[LabelledDocument]:
    return [document(number) for number in range(24)]


@pytest.fixture(scope="module")
def trained(documents: list[LabelledDocument]) -> Model:
    return train(documents, SMALL)[0]


# Heads.


def layer(rng: np.random.Generator, inputs: int, outputs: int) -> Dense:
    weight = rng.normal(size=(inputs, outputs)) / np.sqrt(inputs)
    return Dense(weight.astype(np.float32), rng.normal(size=outputs).astype(np.float32) / 8)


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("outputs", [1, 12])
def test_a_fitted_head_is_scikit_learns(classes: int, outputs: int) -> None:
    rng = np.random.default_rng(classes)
    rows = np.maximum(rng.normal(size=(600, 20)), 0).astype(np.float32)
    base, truth = layer(rng, 20, outputs), layer(rng, 20, classes)
    wanted = truth(rows).argmax(axis=1)
    weight = rng.uniform(0.2, 3, 600).astype(np.float32)
    recipe = replace(SMALL, head_strength=0.05, leaning=3.0)
    learner, head = learners.fit_head(rows, wanted, weight, base, recipe)
    unseen = np.maximum(rng.normal(size=(300, 20)), 0).astype(np.float32)
    # What it was taught with: the rows, and beside them what the base says, made loud.
    stacked = np.concatenate([unseen, base(unseen) * 3], axis=1)
    assert learner.n_features_in_ == 20 + outputs
    theirs = learner.decision_function(stacked).reshape(300, -1)
    ours = head(unseen)
    assert ours.dtype == np.float32
    assert ours.shape == theirs.shape == (300, 1 if classes == 2 else classes)
    assert np.allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    share = learner.predict_proba(stacked)
    if classes == 2:
        assert np.allclose(sigmoid(ours[:, 0]), share[:, 1], atol=1e-5)
    else:
        assert np.allclose(softmax(ours), share, atol=1e-5)
    assert (learner.predict(stacked) == truth(unseen).argmax(axis=1)).mean() > 1.5 / classes


def test_a_head_of_the_shipped_model_is_scikit_learns(documents: list[LabelledDocument]) -> None:
    base = load()
    rows = np.concatenate([base.encoded(batch) for batch in batches(documents)])
    told = examples_of(documents, SMALL)
    wanted = (told.label == 0).astype(np.int64)
    learner, head = learners.fit_head(rows, wanted, told.weight, base.article, SMALL)
    stacked = np.concatenate([rows, base.article(rows) * np.float32(SMALL.leaning)], axis=1)
    assert np.allclose(head(rows)[:, 0], learner.decision_function(stacked), rtol=1e-4, atol=1e-4)
    use = told.label > 0
    learner, head = learners.fit_head(
        rows[use], told.label[use] - 1, told.weight[use], base.category, SMALL
    )
    stacked = np.concatenate([rows, base.category(rows) * np.float32(SMALL.leaning)], axis=1)
    assert np.allclose(head(rows), learner.decision_function(stacked), rtol=1e-4, atol=1e-4)


def test_a_head_leans_on_the_base_where_labels_are_few() -> None:
    rng = np.random.default_rng(3)
    base = layer(rng, 60, 1)
    rows = rng.normal(size=(24, 60)).astype(np.float32)
    wanted = (base(rows)[:, 0] > 0).astype(np.int64)
    wanted[:2] = 1 - wanted[:2]  # some are labelled otherwise than the base has it
    unseen = rng.normal(size=(2000, 60)).astype(np.float32)

    def agreeing(leaning: float) -> float:
        recipe = replace(SMALL, leaning=leaning)
        _, head = learners.fit_head(rows, wanted, np.ones(24, np.float32), base, recipe)
        return float(((head(unseen) > 0) == (base(unseen) > 0)).mean())

    assert agreeing(SMALL.leaning) > 0.9 > agreeing(1e-6)


# Networks.


def test_a_fitted_network_is_scikit_learns() -> None:
    rng = np.random.default_rng(4)
    rows = (rng.normal(size=(400, 5)) * 3 + 1).astype(np.float32)
    rows[:, 4] = 7  # a constant input must do no harm
    wanted = (rows[:, 0] > rows[:, 1]).astype(np.int64)
    weight = np.ones(400, np.float32)
    recipe = replace(SMALL, rate=1e-2, steps=400)
    learner, network = learners.fit_network(rows, wanted, weight, recipe, seed=3)
    unseen = (rng.normal(size=(100, 5)) * 3 + 1).astype(np.float32)
    theirs = learner.predict_proba(network.standardised(unseen))[:, 1]
    assert np.allclose(sigmoid(network.outputs(unseen)[:, 0]), theirs, atol=1e-5)
    assert ((theirs > 0.5) == (unseen[:, 0] > unseen[:, 1])).mean() > 0.85


@pytest.mark.parametrize("present", [[1, 3], [0, 2, 3]])
def test_classes_never_seen_get_no_share(present: list[int]) -> None:
    rng = np.random.default_rng(9)
    rows = rng.normal(size=(300, 4)).astype(np.float32)
    wanted = np.array(present)[rng.integers(0, len(present), 300)]
    base = layer(rng, 4, 5)
    learner, head = learners.fit_head(rows, wanted, np.ones(300, np.float32), base, SMALL)
    wide = learners.spread_outputs(head, np.array(present), 5)
    ours = softmax(wide(rows))
    stacked = np.concatenate([rows, base(rows) * np.float32(SMALL.leaning)], axis=1)
    absent = [number for number in range(5) if number not in present]
    assert ours.shape == (300, 5)
    assert np.allclose(ours[:, present], learner.predict_proba(stacked), atol=1e-5)
    assert ours[:, absent].max() < 1e-4


def test_calibration_rises_and_finds_the_true_odds() -> None:
    rng = np.random.default_rng(8)
    odds = np.sort(rng.normal(size=4000).astype(np.float32) * 2)
    wanted = rng.random(odds.size) < sigmoid(3 * odds)  # the truth is surer than the odds say
    found = learners.calibration_of(odds, wanted, np.ones(odds.size, np.float32))
    assert (np.diff(found, axis=1) > 0).all()
    judged = sigmoid(np.interp([-2, -1, 0, 1, 2], *found).astype(np.float32))
    assert np.allclose(judged, sigmoid(np.array([-6, -3, 0, 3, 6], np.float32)), atol=0.1)


# Examples.


def test_labelled_batch_has_the_spans_as_fragments(documents: list[LabelledDocument]) -> None:
    batch, labels = labelled_batch(documents[:3])
    assert labels == [span.label for document in documents[:3] for span in document.spans]
    for number, document_ in enumerate(documents[:3]):
        here = slice(int(batch.first[number]), int(batch.first[number + 1]))
        offset = int(batch.offsets[number])
        spans = [(span.start, span.end) for span in document_.spans]
        found = list(zip(batch.start[here] - offset, batch.end[here] - offset, strict=True))
        assert found == spans
        lines = [document_.text.count("\n", 0, start) for start, _ in spans]
        assert (batch.line[here] - batch.line[here][0] + lines[0]).tolist() == lines


def test_documents_of_one_id_stay_in_one_fold(documents: list[LabelledDocument]) -> None:
    copies = [replace(document_, origin="copies") for document_ in documents]
    told = examples_of([*documents, *copies], SMALL)
    fold_of_document = {}
    for number, fold in zip(told.document.tolist(), told.fold.tolist(), strict=True):
        name = [*documents, *copies][number].id
        assert fold_of_document.setdefault(name, fold) == fold
    assert set(fold_of_document.values()) == {0, 1}


def test_tokens_labels_and_regions(documents: list[LabelledDocument]) -> None:
    unclear = replace(
        documents[0],
        spans=tuple(
            span._replace(label=label)
            for span, label in zip(
                documents[0].spans,
                [None, "other", ARTICLE, "share", ARTICLE, ARTICLE, "toc", "toc", "toc", "other"],
                strict=True,
            )
        ),
    )
    told = examples_of([unclear], replace(SMALL, folds=1))
    assert told.label.tolist() == [-2, -1, 0, 7, 0, 0, 2, 2, 2, -1]
    assert told.region.tolist() == [-1, 1, 0, 2, 0, 0, 3, 3, 3, 3]
    assert told.tokens.tolist()[:5] == [1, 2, 4, 1, 29]
    assert told.weight[0] == 0
    assert (told.weight[1:] > 0).all()


# The whole run.


def test_training_twice_gives_the_same_bytes(
    documents: list[LabelledDocument], trained: Model, tmp_path: Path
) -> None:
    again, _ = train(documents, SMALL)
    save(trained, tmp_path / "one.npz")
    save(again, tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_another_seed_gives_another_glue_network(
    documents: list[LabelledDocument], trained: Model
) -> None:
    other, _ = train(documents, replace(SMALL, seed=2))
    assert not np.array_equal(other.joint.weights[0], trained.joint.weights[0])
    assert np.array_equal(other.article.weight, trained.article.weight)


LEARNED = {"header", "article", "category", "joint", "labels", "calibration"}


def unlearned(model: Model) -> list[np.ndarray]:
    """All that training with one's own labels leaves as it is."""
    assert {field.name for field in fields(model)} - LEARNED == {
        *("table", "table_scale", "bias", "encoders"),
    }
    parts = [model.table, model.table_scale, model.bias]
    for encoder in model.encoders:
        layers = (encoder.entry, *encoder.convolutions, encoder.document, encoder.top)
        parts += [encoder.mean, encoder.scale, np.array(encoder.dilations)]
        parts += [part for layer in layers for part in (layer.weight, layer.bias)]
    return parts


def test_line_scores_and_encoders_stay_the_bases(
    documents: list[LabelledDocument], trained: Model, chance_model: Callable[..., Model]
) -> None:
    base = chance_model()
    before = [part.copy() for part in unlearned(base)]
    other, _ = train(documents, SMALL, base=base)
    for model, parts in ((trained, unlearned(load())), (other, before), (base, before)):
        found = unlearned(model)
        assert len(found) == len(parts)
        assert all(np.array_equal(a, b) for a, b in zip(found, parts, strict=True))
    assert other.article.weight.shape == base.article.weight.shape
    assert other.header["training"]["digest"] == trained.header["training"]["digest"]
    assert set(base.labels.tolist()) < set(other.labels.tolist())


def test_the_shipped_model_is_the_base_where_none_is_named(
    documents: list[LabelledDocument], trained: Model, tmp_path: Path
) -> None:
    named, _ = train(documents, SMALL, base=load())
    save(named, tmp_path / "named.npz")
    save(trained, tmp_path / "trained.npz")
    assert (tmp_path / "named.npz").read_bytes() == (tmp_path / "trained.npz").read_bytes()


def test_few_labels_change_little_elsewhere(trained: Model) -> None:
    base = load()
    elsewhere = [document for document in read([DOCUMENTS]) if document.split == "dev"][:60]
    rows = np.concatenate([base.encoded(batch) for batch in batches(elsewhere)])
    before, after = base.article(rows)[:, 0], trained.article(rows)[:, 0]
    assert before.size > 500
    assert np.corrcoef(before, after)[0, 1] > 0.9
    assert not np.array_equal(before, after)


def test_documents_without_joints_leave_the_glue_network_alone() -> None:
    plain = []
    for number in range(12):
        text, spans = laid_out([("share", "Pin it"), (ARTICLE, f"Words of an article, {number}.")])
        plain.append(LabelledDocument(f"d{number}", "s", "", "", "train", text, spans))
    base = load()
    model, _ = train(plain, SMALL, base=base)
    assert all(map(np.array_equal, model.joint.weights, base.joint.weights))
    assert model.header["glue_threshold"] == base.header["glue_threshold"]
    assert model.header["training"]["glue"] == {"joints": 0, "candidates": 0}


def test_a_trained_model_is_saved_and_loaded(trained: Model, tmp_path: Path) -> None:
    save(trained, tmp_path / "model.npz")
    unseen = document(55)
    scores = load(tmp_path / "model.npz").scores([unseen.text])
    assert np.array_equal(scores.article, trained.scores([unseen.text]).article)


def test_a_trained_model_tells_spam_from_article_better_than_its_base(trained: Model) -> None:
    unseen = [document(number) for number in range(24, 64)]
    told = examples_of(unseen, SMALL)
    base = load()

    def right(model: Model) -> tuple[float, float]:
        said = [
            model.judged(batch, model.encoded(batch), line_keys(view(batch)))
            for batch in batches(unseen)
        ]
        article = np.concatenate([one.article for one in said]) > 0.5
        category = np.concatenate([one.categories for one in said]).argmax(axis=1)
        article = article == (told.label == 0)
        category = (category == told.label - 1)[told.label > 0]
        return float(article.mean()), float(category.mean())

    for before, after in zip(right(base), right(trained), strict=True):
        assert after >= before
    assert right(trained)[0] > 0.85


def test_the_header_tells_the_story(documents: list[LabelledDocument], trained: Model) -> None:
    story = trained.header["training"]
    assert story["documents"] == len(documents)
    assert story["fragments"] == sum(len(document_.spans) for document_ in documents)
    assert re.fullmatch("[0-9a-f]{32}", story["digest"])
    assert story["recipe"]["leaning"] == repr(SMALL.leaning)
    assert set(story["recipe"]) == {field.name for field in fields(Recipe)}
    assert story["glue"]["joints"] == len(documents)
    assert trained.header["format"] == FORMAT
    assert trained.header["features"] == feature_names()
    assert trained.header["categories"] == list(CATEGORIES)
    assert trained.header["scores"] == {}
    changed = [replace(documents[0], text=documents[0].text.replace("T", "t")), *documents[1:]]
    other, _ = train(changed, SMALL)
    assert other.header["training"]["digest"] != story["digest"]


def test_thresholds_rise_from_gentle_to_thorough(trained: Model) -> None:
    found = trained.thresholds.bands
    for gentle, balanced, thorough in zip(
        found["gentle"], found["balanced"], found["thorough"], strict=True
    ):
        assert 0 <= gentle <= balanced <= thorough <= 1


def test_training_says_what_it_does(documents: list[LabelledDocument]) -> None:
    said: list[str] = []
    train(documents, replace(SMALL, steps=20), said.append)
    assert said[0] == f"{len(documents)} documents, {10 * len(documents)} fragments"
    assert said[1] == "heads learned"
    assert said[2].startswith("glue learned (")


def test_training_leaves_the_warning_filters_alone(documents: list[LabelledDocument]) -> None:
    before = list(warnings.filters)
    train(documents, replace(SMALL, steps=20))
    assert list(warnings.filters) == before


ONLY_ARTICLE, ONLY_SPAM = (
    LabelledDocument("x", "s", "en", "", "train", *laid_out([(label, "Some words here")]))
    for label in (ARTICLE, "share")
)
TOO_FEW = {
    "none": [],
    "one": [document(0)],
    "of one id": [document(0)] * 9,
    "article only": [replace(ONLY_ARTICLE, id=str(number)) for number in range(20)],
    "spam only": [replace(ONLY_SPAM, id=str(number)) for number in range(20)],
    "unlabelled": [
        replace(ONLY_SPAM, id=str(number), spans=(ONLY_SPAM.spans[0]._replace(label=None),))
        for number in range(20)
    ],
    "empty": [LabelledDocument("x", "s", "en", "", "train", "", ())] * 3,
}


@pytest.mark.parametrize("name", TOO_FEW)
def test_too_few_documents(name: str) -> None:
    with pytest.raises(DataError, match="too few labelled documents"):
        train(TOO_FEW[name], SMALL)


def test_categories_that_never_occur_do_no_harm() -> None:
    plain = []
    for number in range(12):
        lines = [("share", "Pin it"), (ARTICLE, f"Words, {number}."), ("notice", "© 2024 Us")]
        text, spans = laid_out(lines)
        plain.append(LabelledDocument(f"d{number}", "s", "", "", "train", text, spans))
    model, _ = train(plain, replace(SMALL, steps=60))
    present = [STRIPPED_CATEGORIES.index(name) for name in ("share", "notice")]
    assert model.scores([plain[0].text]).categories[:, present].sum(axis=1).min() > 0.99
    # Of one category alone nothing is learned: the base model goes on telling them apart.
    pairs = [replace(document_, spans=document_.spans[:2]) for document_ in plain]
    model, _ = train(pairs, replace(SMALL, steps=60))
    assert np.array_equal(model.category.weight, load().category.weight)
