"""Training: the same scores as scikit-learn's, the same bytes twice, folds by document."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

NEEDS = "scikit-learn is needed here: pip install 'cleaner[train]'"
pytest.importorskip("sklearn", reason=NEEDS)
pytest.importorskip("scipy", reason=NEEDS)
pytest.importorskip("joblib", reason=NEEDS)

from sklearn.linear_model import SGDClassifier  # noqa: E402

from cleaner import learners  # noqa: E402
from cleaner.dataset import LabelledDocument, laid_out  # noqa: E402
from cleaner.document import ARTICLE  # noqa: E402
from cleaner.errors import DataError  # noqa: E402
from cleaner.examples import examples_of, labelled_batch, ngram_matrix  # noqa: E402
from cleaner.features import BUCKETS, gathered, grams, view, words  # noqa: E402
from cleaner.model import LINE_SCORES, Model, load  # noqa: E402
from cleaner.network import sigmoid  # noqa: E402
from cleaner.recipe import Recipe  # noqa: E402
from cleaner.splitting import split_lines  # noqa: E402
from cleaner.training import train  # noqa: E402

SMALL = Recipe(folds=2, networks=1, hidden=(8,), epochs=2, steps=150, batch=64)

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


# Line scores.

LINES = ["One line of words", "• Another, with 12% & an é", "***", "第三行。", "word " * 200, "x"]


def test_gathered_equals_the_sparse_product() -> None:
    batch = split_lines(["\n".join(LINES), LINES[1]])
    table = np.random.default_rng(5).normal(size=(BUCKETS, 3)).astype(np.float32)
    matrix = ngram_matrix(batch)
    assert matrix.shape == (len(batch), BUCKETS)
    seen = view(batch)
    ours = gathered(table, grams(seen, words(seen)))
    # The table's row 0 is for "no n-gram here": the matrix leaves it out, a model's is zero.
    table[0] = 0
    ours = gathered(table, grams(seen, words(seen)))
    assert np.allclose(ours, matrix @ table, atol=2e-5)
    assert np.abs(ours).min() > 1e-6


def test_line_scores_equal_those_of_the_classifier() -> None:
    batch = split_lines(["\n".join(LINES * 3)])
    wanted = np.arange(len(batch)) % 3 == 0
    matrix = ngram_matrix(batch)
    learner = SGDClassifier(loss="log_loss", alpha=1e-4, max_iter=5, tol=None, random_state=0)
    learner.fit(matrix, wanted)
    table = learner.coef_.T.astype(np.float32)
    assert table[0] == 0
    seen = view(batch)
    ours = gathered(table, grams(seen, words(seen)))[:, 0] + np.float32(learner.intercept_[0])
    assert np.allclose(ours, learner.decision_function(matrix), rtol=1e-4, atol=1e-3)


def test_a_line_score_is_learned(documents: list[LabelledDocument]) -> None:
    told = examples_of(documents, SMALL)
    wanted = told.label == 0
    column, bias = learners.fit_line_score(told.ngrams, wanted, told.weight, SMALL)
    assert column.shape == (BUCKETS,)
    assert ((told.ngrams @ column + bias > 0) == wanted).mean() > 0.95


@pytest.mark.parametrize("answer", [False, True])
def test_nothing_to_tell_apart_gives_a_blank_column(answer: bool) -> None:
    matrix = ngram_matrix(split_lines(["a\nb"]))
    column, bias = learners.fit_line_score(matrix, np.full(2, answer), np.ones(2), SMALL)
    assert not column.any()
    assert bias == 0


def test_quantising_errs_by_half_a_step_at_most() -> None:
    weights = np.random.default_rng(2).normal(size=(BUCKETS, 2)).astype(np.float32)
    weights[:, 1] *= 100
    small, scale = learners.quantise(weights)
    assert small.dtype == np.int8
    assert not small[0].any()
    bound = 127 * scale
    expected = np.clip(weights, -bound, bound)
    assert (np.abs(small * scale - expected)[1:] <= scale * 0.5001).all()
    assert (np.abs(weights) <= bound).mean() > 0.9998


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
    from cleaner.network import softmax

    rng = np.random.default_rng(9)
    rows = rng.normal(size=(300, 4)).astype(np.float32)
    wanted = np.array(present)[rng.integers(0, len(present), 300)]
    learner, network = learners.fit_network(rows, wanted, np.ones(300, np.float32), SMALL, 1)
    wide = learners.spread_outputs(network, np.array(present), 5)
    ours = softmax(wide.outputs(rows))
    theirs = learner.predict_proba(network.standardised(rows))
    absent = [number for number in range(5) if number not in present]
    assert np.allclose(ours[:, present], theirs, atol=1e-4)
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
    trained.save(tmp_path / "one.npz")
    again.save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_another_seed_gives_another_model(
    documents: list[LabelledDocument], trained: Model
) -> None:
    other, _ = train(documents, replace(SMALL, seed=2))
    assert not np.array_equal(other.article[0].weights[0], trained.article[0].weights[0])


def test_a_trained_model_is_saved_loaded_and_tells_spam_from_article(
    trained: Model, tmp_path: Path
) -> None:
    trained.save(tmp_path / "model.npz")
    unseen = document(55)
    scores = load(tmp_path / "model.npz").scores([unseen.text])
    assert np.array_equal(scores.article, trained.scores([unseen.text]).article)
    article = [span.start for span in unseen.spans if span.label == ARTICLE]
    is_article = np.isin(scores.batch.start, article)
    assert scores.article[is_article].min() > 0.5 > scores.article[~is_article].max()


def test_the_header_tells_the_story(documents: list[LabelledDocument], trained: Model) -> None:
    story = trained.header["training"]
    assert story["documents"] == len(documents)
    assert story["fragments"] == sum(len(document_.spans) for document_ in documents)
    assert re.fullmatch("[0-9a-f]{32}", story["digest"])
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
    assert len(said) >= len(LINE_SCORES) // 4


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


def test_a_category_that_never_occurs_does_no_harm() -> None:
    plain = []
    for number in range(12):
        text, spans = laid_out([("share", "Pin it"), (ARTICLE, f"Words of an article, {number}.")])
        plain.append(LabelledDocument(f"d{number}", "s", "", "", "train", text, spans))
    model, _ = train(plain, replace(SMALL, steps=60))
    scores = model.scores([plain[0].text])
    share = scores.categories[:, LINE_SCORES[4:].index("share")]
    assert share.min() > 0.99
