"""The shipped model's training: what PyTorch learned is what numpy says, and twice the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

NEEDS = "PyTorch and scikit-learn are needed here: pip install 'cleaner[build]'"
torch = pytest.importorskip("torch", reason=NEEDS)
pytest.importorskip("sklearn", reason=NEEDS)

from cleaner.dataset import LabelledDocument, laid_out  # noqa: E402
from cleaner.document import ARTICLE, STRIPPED_CATEGORIES  # noqa: E402
from cleaner.examples import batches, examples_of  # noqa: E402
from cleaner.features import BUCKETS, grams, summed, view, words  # noqa: E402
from cleaner.model import LINE_SCORES, Model, bounded  # noqa: E402
from cleaner.model_file import load, save  # noqa: E402
from cleaner.recipe import Recipe  # noqa: E402
from cleaner.setting import SHAPE_NAMES  # noqa: E402
from data.learning import nets, tables  # noqa: E402
from data.learning.pages import Page, pages_of, steps, targets  # noqa: E402
from data.learning.plan import Plan  # noqa: E402
from data.learning.shipped import learned_model  # noqa: E402

#: From Python 3.12 on, forking beside torch's threads is warned of.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

PLAN = Plan(
    folds=2, table_epochs=2, encoders=2, units=6, dilations=(1, 3), epochs=2, lines_a_step=60
)
RECIPE = Recipe(folds=2, hidden=(8,), epochs=1, steps=20, batch=64)

PLACES = ("Tornby", "Skagen", "Löki", "Arvid Bay", "Nore", "Vinter Point", "Elsk", "Marrow")
THINGS = ("ferry", "bakery", "lighthouse")


def document(number: int) -> LabelledDocument:
    place, thing = PLACES[number % 8], THINGS[number // 8 % 3]
    text, spans = laid_out(
        [
            ("navigation", "Home"),
            ("other", "About us"),
            (ARTICLE, f"The {thing} of {place}"),
            ("", ""),
            (
                ARTICLE,
                f"Nobody in {place} had thought much about the {thing} before it closed in May "
                "for repairs, and by June most of the town thought about nothing else at all.",
            ),
            *[("advertisement", "Advertisement")] * (number % 3),
            (ARTICLE, f"The mayor, who lives beside the {thing}, said so on day {number}."),
            ("+link_list", f"- Marlow {place} Leaked Photos What We Know"),
            ("link_list", f"- Who Is {place} Vance Net Worth Revealed"),
            ("notice", "© 2024 All rights reserved. 第三行。"),
        ]
    )
    return LabelledDocument(f"town-{number}", "towns", "en", "farm", "train", text, spans)


@pytest.fixture(scope="module")
def documents() -> list[LabelledDocument]:
    return [document(number) for number in range(24)]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def pages(documents: list[LabelledDocument]) -> list[Page]:
    """The documents as pages, with line scores of chance."""
    rng = np.random.default_rng(4)
    found = pages_of(documents, examples_of(documents, RECIPE))
    for page in found:
        page.scores = rng.uniform(-1, 1, (len(page), len(LINE_SCORES))).astype(np.float32)
    return found


def together(pages: list[Page], name: str) -> np.ndarray:
    return np.concatenate([getattr(page, name) for page in pages])


def alike(one: Any, two: Any) -> bool:
    """Whether two parts of what was learned are the same to the bit."""
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, two) and one.dtype == two.dtype)
    if isinstance(one, tuple):
        return len(one) == len(two) and all(map(alike, one, two))
    if is_dataclass(one):
        return all(alike(getattr(one, f.name), getattr(two, f.name)) for f in fields(one))
    return bool(one == two)


# Pages.


def test_pages_hold_what_is_known_of_their_documents(
    documents: list[LabelledDocument], pages: list[Page]
) -> None:
    told = examples_of(documents, RECIPE)
    assert [len(page) for page in pages] == [len(document_.spans) for document_ in documents]
    for name in ("label", "region", "weight", "length"):
        assert np.array_equal(together(pages, name), getattr(told, name))
    assert np.array_equal(
        np.repeat([page.fold for page in pages], list(map(len, pages))), told.fold
    )
    assert {page.fold for page in pages} == {0, 1}
    assert together(pages, "shape").shape == (told.label.size, len(SHAPE_NAMES))
    for page in pages:
        assert page.buckets.size == page.counts.sum()
        assert page.counts.size == page.scale.size == len(page)
        assert page.buckets.min() > 0
        assert page.buckets.max() < BUCKETS


def test_a_document_without_fragments_is_an_empty_page() -> None:
    empty = replace(document(0), text="", spans=())
    some = [document(1), empty, document(2)]
    found = pages_of(some, examples_of(some, RECIPE))
    assert list(map(len, found)) == [len(some[0].spans), 0, len(some[2].spans)]
    assert found[1].buckets.size == found[1].counts.size == 0


def test_steps_hold_every_chosen_page_once(pages: list[Page]) -> None:
    chosen = np.arange(0, len(pages), 2)
    found = list(steps(np.random.default_rng(1), pages, chosen, 30))
    assert len(found) > 2
    assert all(sum(map(len, some)) >= 30 for some in found[:-1])
    seen = [id(page) for some in found for page in some]
    assert sorted(seen) == sorted(id(pages[number]) for number in chosen)
    assert seen != [id(pages[number]) for number in chosen]


def test_targets_by_hand() -> None:
    label = np.array([-2, -1, 0, 1, len(STRIPPED_CATEGORIES)])
    region = np.array([-1, 1, 0, 2, 3])
    wanted, known = targets(label, region)
    column = {name: number for number, name in enumerate(LINE_SCORES)}
    assert wanted.shape == known.shape == (5, len(LINE_SCORES))
    assert wanted[:, column["article"]].tolist() == [False, False, True, False, False]
    assert known[:, column["article"]].tolist() == [False, True, True, True, True]
    for name, right in {"before": 1, "within": 3, "after": 4}.items():
        assert np.flatnonzero(wanted[:, column[name]]).tolist() == [right]
        assert known[:, column[name]].tolist() == [False, True, True, True, True]
    for number, name in enumerate(STRIPPED_CATEGORIES):
        right = [at for at in range(5) if label[at] == number + 1]
        assert np.flatnonzero(wanted[:, column[name]]).tolist() == right
        # Of which category a line is that only is no article, is not known.
        assert known[:, column[name]].tolist() == [False, False, True, True, True]


# Line scores.


def chance_table(seed: int = 3) -> tables.Table:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(BUCKETS, len(LINE_SCORES))).astype(np.float32)
    weights[0] = 0
    return weights, rng.normal(size=len(LINE_SCORES)).astype(np.float32)


def test_line_scores_of_a_table_are_those_of_numpy(
    documents: list[LabelledDocument], pages: list[Page]
) -> None:
    weights, bias = chance_table()
    theirs = np.concatenate([tables.scores((weights, bias), page) for page in pages])
    ours = []
    for batch in batches(documents):
        seen = view(batch)
        found = grams(seen, words(seen))
        ours.append(summed(weights, found) * found.scale[:, None] + bias)
    assert np.allclose(bounded(np.concatenate(ours)), theirs, atol=1e-5)
    assert theirs.std() > 0.1


def test_a_models_line_scores_are_the_quantised_tables(
    documents: list[LabelledDocument], pages: list[Page], chance_model: Any
) -> None:
    weights, bias = chance_table()
    table, scale = tables.quantise(weights)
    model: Model = replace(chance_model(), table=table, table_scale=scale, bias=bias)
    theirs = np.concatenate([tables.scores((table * scale, bias), page) for page in pages])
    ours = []
    for batch in batches(documents):
        seen = view(batch)
        ours.append(model.line_scores(grams(seen, words(seen))))
    assert np.allclose(bounded(np.concatenate(ours)), theirs, atol=1e-5)


def test_quantising_errs_by_half_a_step_at_most() -> None:
    weights = np.random.default_rng(2).normal(size=(BUCKETS, 2)).astype(np.float32)
    weights[:, 1] *= 100
    before = weights.copy()
    small, scale = tables.quantise(weights)
    assert np.array_equal(weights, before)
    assert small.dtype == np.int8
    assert scale.dtype == np.float32
    assert not small[0].any()
    bound = 127 * scale
    expected = np.clip(weights, -bound, bound)
    assert (np.abs(small * scale - expected)[1:] <= scale * 0.5001).all()
    assert (np.abs(weights) <= bound).mean() > 0.9998


def test_a_table_learns_what_lines_are(pages: list[Page]) -> None:
    plan = replace(PLAN, table_epochs=40)
    weights, bias = tables.fit(pages, plan)
    assert weights.shape == (BUCKETS, len(LINE_SCORES))
    assert alike((weights, bias), tables.fit(pages, plan))
    said = np.concatenate([tables.scores((weights, bias), page) for page in pages])
    label = together(pages, "label")
    assert ((said[:, 0] > 0) == (label == 0)).mean() > 0.95
    column = LINE_SCORES.index("link_list")
    link = label == 1 + STRIPPED_CATEGORIES.index("link_list")
    assert said[link, column].min() > said[~link, column].max()


# Encoders.


def both_ways(net: Any, pages: list[Page], standard: Any) -> tuple[list[Any], list[Any]]:
    """What the net says of the pages, and what numpy says with the net's numbers."""
    room = 2 * max(net.plan.dilations)
    with torch.no_grad():
        article, category, _ = net.eval()(nets._step(pages, standard, room))
    learned = nets._exported(net, standard)
    first = np.concatenate([[0], np.cumsum([len(page) for page in pages])])
    told = [together(pages, name) for name in ("scores", "shape", "length")]
    rows = learned.encoder(*told, first)
    ours = [learned.article(rows)[:, 0], learned.category(rows)]
    return [article.numpy(), category.numpy()], ours


@pytest.mark.parametrize("dilations", [(1,), (1, 2, 4, 8), (3, 1)])
def test_an_exported_encoder_is_the_net(
    pages: list[Page], dilations: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    standard = nets.standard_of(pages)
    plan = replace(PLAN, dilations=dilations, units=16)
    trained: list[Any] = []
    with monkeypatch.context() as patched:
        patched.setattr(nets, "_exported", lambda net, _: trained.append(net))
        nets.fit(pages, standard, plan, 5)
    (net,) = trained
    theirs, ours = both_ways(net, pages, standard)
    for one, two in zip(theirs, ours, strict=True):
        assert one.shape == two.shape
        assert np.allclose(one, two, atol=1e-4)
        assert one.std() > 1e-2
    # Without dropout a page is judged as if it were alone.
    alone, _ = both_ways(net, pages[3:4], standard)
    begin = sum(map(len, pages[:3]))
    assert np.allclose(theirs[0][begin : begin + len(pages[3])], alone[0], atol=1e-5)


def test_looks_are_standardised(pages: list[Page]) -> None:
    mean, scale = nets.standard_of(pages)
    shape = (together(pages, "shape") - mean) * scale
    assert mean.dtype == scale.dtype == np.float32
    assert np.allclose(shape.mean(axis=0), 0, atol=1e-3)
    spread = shape.std(axis=0)
    assert np.isclose(spread, 1, atol=1e-3).sum() > len(SHAPE_NAMES) // 2
    assert (np.isclose(spread, 1, atol=1e-3) | (scale == 0)).all()


def test_an_encoder_learned_twice_is_the_same(pages: list[Page]) -> None:
    standard = nets.standard_of(pages)
    said: list[str] = []
    one = nets.fit(pages, standard, PLAN, 7, said.append)
    two = nets.fit(pages, standard, PLAN, 7)
    other = nets.fit(pages, standard, PLAN, 8)
    assert alike(one, two)
    assert not alike(one, other)
    assert [text.partition(":")[0] for text in said] == ["epoch 1 of 2", "epoch 2 of 2"]


def test_an_encoder_learns_what_lines_are(pages: list[Page]) -> None:
    plan = replace(PLAN, epochs=60, seen=1.0, rate=1e-2, units=16)
    learned = nets.fit(pages, nets.standard_of(pages), plan, 1)
    first = np.concatenate([[0], np.cumsum([len(page) for page in pages])])
    told = [together(pages, name) for name in ("scores", "shape", "length")]
    odds = learned.article(learned.encoder(*told, first))[:, 0]
    # The line scores here are chance: what it knows, it knows from looks and settings.
    assert ((odds > 0) == (together(pages, "label") == 0)).mean() > 0.9


# The whole run.


@pytest.fixture(scope="module")
def model(documents: list[LabelledDocument]) -> Model:
    return learned_model(documents, PLAN, RECIPE)[0]


def test_learning_twice_gives_the_same_bytes(
    documents: list[LabelledDocument], model: Model, tmp_path: Path
) -> None:
    again, judged = learned_model(documents, PLAN, RECIPE)
    save(model, tmp_path / "one.npz")
    save(again, tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert judged.score.size == sum(len(document_.spans) for document_ in documents)


def test_a_learned_model_is_saved_loaded_and_gives_scores(
    documents: list[LabelledDocument], model: Model, tmp_path: Path
) -> None:
    save(model, tmp_path / "model.npz")
    read = load(tmp_path / "model.npz")
    texts = [document_.text for document_ in documents[:3]]
    found = read.scores(texts)
    assert np.array_equal(found.article, model.scores(texts).article)
    assert found.article.size >= sum(len(document_.spans) for document_ in documents[:3]) - 3
    assert read.header["training"]["documents"] == len(documents)
    assert len(read.encoders) == PLAN.encoders
    assert not alike(*read.encoders)


def test_the_heads_say_the_mean_of_what_each_encoders_says(pages: list[Page]) -> None:
    from data.learning.shipped import _mean

    standard = nets.standard_of(pages)
    found = [nets.fit(pages, standard, replace(PLAN, epochs=1), seed) for seed in (1, 2, 3)]
    first = np.concatenate([[0], np.cumsum([len(page) for page in pages])])
    told = [together(pages, name) for name in ("scores", "shape", "length")]
    rows = [one.encoder(*told, first) for one in found]
    for name in ("article", "category"):
        heads = [getattr(one, name) for one in found]
        each = [head(values) for head, values in zip(heads, rows, strict=True)]
        said = _mean(heads)(np.concatenate(rows, axis=1))
        assert np.allclose(said, np.mean(each, axis=0), atol=1e-5)
        assert said.dtype == np.float32


def test_learning_leaves_no_memory_of_chance_behind(documents: list[LabelledDocument]) -> None:
    """Neither Python's own random numbers nor torch's state before tell on the model."""
    torch.manual_seed(99)
    random.seed(5)
    one = learned_model(documents, PLAN, RECIPE)[0]
    torch.manual_seed(1)
    random.seed(6)
    two = learned_model(documents, PLAN, RECIPE)[0]
    assert alike(one.encoders, two.encoders)
    assert alike(one.table, two.table)
