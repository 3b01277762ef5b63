"""The model: its file there and back, the same bytes twice, and the one that is shipped."""

from __future__ import annotations

import dataclasses
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cleaner.document import CATEGORIES, STRIPPED_CATEGORIES
from cleaner.errors import CleanerError
from cleaner.features import line_keys, view
from cleaner.model import Model
from cleaner.model_file import FORMAT, SHIPPED, load, save
from cleaner.network import sigmoid
from cleaner.splitting import split_lines

Made = Callable[..., Model]

TEXT = "Home\nThe Bridge\n\nIt was closed on Tuesday.- Who Is Marlow Vance\n© 2024 The Site\n"


@pytest.fixture(scope="module")
def model(chance_model: Made) -> Model:
    return chance_model()


def same(one: Any, two: Any) -> bool:
    """Whether all arrays in the two parts of a model are alike, and so are the numbers."""
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, two) and one.dtype == two.dtype)
    if isinstance(one, tuple):
        return len(one) == len(two) and all(map(same, one, two))
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one)]
        return type(one) is type(two) and all(
            same(getattr(one, name), getattr(two, name)) for name in names
        )
    return bool(one == two)


# What goes in comes out.


def test_round_trip(model: Model, good: Path) -> None:
    read = load(good)
    assert read.header == model.header
    for field in dataclasses.fields(Model):
        assert same(getattr(read, field.name), getattr(model, field.name)), field.name
    assert len(read.encoders) == 2
    assert np.array_equal(read.scores([TEXT]).article, model.scores([TEXT]).article)
    assert np.array_equal(read.scores([TEXT]).categories, model.scores([TEXT]).categories)


def test_scores_are_probabilities(model: Model) -> None:
    scores = model.scores([TEXT, "", "One line"])
    assert scores.article.shape == (len(scores.batch),)
    assert ((scores.article >= 0) & (scores.article <= 1)).all()
    assert scores.categories.shape == (len(scores.batch), len(STRIPPED_CATEGORIES))
    assert np.allclose(scores.categories.sum(axis=1), 1, atol=1e-5)


def test_the_heads_see_all_encoders_side_by_side(model: Model) -> None:
    batch = split_lines([TEXT, "", "One line"])
    encoded = model.encoded(batch)
    sizes = [encoder.top.bias.size for encoder in model.encoders]
    assert encoded.shape == (len(batch), sum(sizes))
    for number, columns in enumerate(np.split(encoded, np.cumsum(sizes)[:-1], axis=1)):
        alone = dataclasses.replace(model, encoders=(model.encoders[number],))
        assert np.array_equal(alone.encoded(batch), columns)


def test_a_document_is_judged_alike_in_any_company(model: Model) -> None:
    alone = model.scores([TEXT])
    among = model.scores(["Some other\n\npage", TEXT, "", TEXT])
    for number in (1, 3):
        here = slice(int(among.batch.first[number]), int(among.batch.first[number + 1]))
        assert np.allclose(among.article[here], alone.article, atol=2e-5)
        assert np.allclose(among.categories[here], alone.categories, atol=1e-5)


def test_calibration_bends_the_odds(model: Model) -> None:
    batch = split_lines([TEXT])
    encoded, keys = model.encoded(batch), line_keys(view(batch))
    odds = model.article(encoded)[:, 0]
    flat = dataclasses.replace(model, calibration=np.array([[-9, 9], [-9, 9]], np.float32))
    steep = dataclasses.replace(model, calibration=np.array([[-9, 9], [-27, 27]], np.float32))
    assert np.abs(odds).max() < 9
    assert np.allclose(flat.judged(batch, encoded, keys).article, sigmoid(odds), atol=1e-5)
    assert np.allclose(steep.judged(batch, encoded, keys).article, sigmoid(3 * odds), atol=1e-5)


@pytest.mark.parametrize("texts", [[], [""], ["\n", " "]])
def test_no_text_no_scores(model: Model, texts: list[str]) -> None:
    assert model.scores(texts).article.shape == (0,)
    assert model.scores(texts).batch.documents == len(texts)


def test_saving_twice_gives_the_same_bytes(model: Model, good: Path, tmp_path: Path) -> None:
    save(model, tmp_path / "again.npz")
    save(load(good), tmp_path / "loaded.npz")
    assert (tmp_path / "again.npz").read_bytes() == good.read_bytes()
    assert (tmp_path / "loaded.npz").read_bytes() == good.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.npz", "loaded.npz"]


def test_another_model_gives_other_bytes(chance_model: Made, good: Path, tmp_path: Path) -> None:
    save(chance_model(2), tmp_path / "other.npz")
    assert (tmp_path / "other.npz").read_bytes() != good.read_bytes()


def test_saving_replaces_a_file_or_leaves_it(
    model: Model, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "model.npz"
    target.write_bytes(b"old")

    def full(path: Path, other: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(CleanerError, match="No space left"):
            save(model, target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
    save(model, target)
    assert target.read_bytes() == good.read_bytes()


def test_a_model_can_be_pickled(model: Model) -> None:
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.scores([TEXT]).article, model.scores([TEXT]).article)


# The shipped model.


def test_the_shipped_model_is_small_and_loads() -> None:
    assert SHIPPED.stat().st_size < 5_000_000
    model = load()
    assert model.header["format"] == FORMAT
    assert model.header["categories"] == list(CATEGORIES)
    assert model.header["training"]["digest"]
    assert (model.scores([TEXT]).article > 0).any()


def test_the_shipped_model_holds_plain_numbers_only() -> None:
    with zipfile.ZipFile(SHIPPED) as archive:
        assert archive.testzip() is None
        for member in archive.namelist():
            with archive.open(member) as file:
                version = np.lib.format.read_magic(file)
                assert version == (1, 0)
                _, _, kind = np.lib.format.read_array_header_1_0(file)
                assert kind.kind in "uif", member


def test_the_shipped_thresholds_rise_with_the_mode() -> None:
    found = load().thresholds.bands
    for gentle, balanced, thorough in zip(
        found["gentle"], found["balanced"], found["thorough"], strict=True
    ):
        assert 0 <= gentle <= balanced <= thorough < 1


@pytest.mark.parametrize(
    "label", ["Advertisement", "ADVERTISEMENT", "- Advertisement -", "Anzeige"]
)
def test_an_advertisement_label_between_paragraphs_is_one(label: str) -> None:
    text = (
        "The mayor opened the new bridge on Monday, and three hundred people walked over it before "
        f"lunch.\n\n{label}\n\nThe old bridge, closed since a flood in 2019, goes in the spring.\n"
    )
    said = load().scores([text])
    assert said.article[1] <= 0.002 < said.article[[0, 2]].min()
    assert STRIPPED_CATEGORIES[int(said.categories[1].argmax())] == "advertisement"


def test_a_sentence_that_names_a_label_is_none() -> None:
    batch = split_lines(["Advertisement spending fell\nThe advertisement\nAd\nAdvertisement\n"])
    assert load().is_label(batch, line_keys(view(batch))).tolist() == [False, False, False, True]
