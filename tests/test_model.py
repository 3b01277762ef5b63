"""The model file: round trip, the same bytes twice, and every damaged file refused in one line."""

from __future__ import annotations

import dataclasses
import io
import json
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cleaner.document import CATEGORIES, STRIPPED_CATEGORIES
from cleaner.errors import CleanerError, ModelError
from cleaner.features import line_keys, view
from cleaner.model import CLARITY, LINE_SCORES, Model
from cleaner.model_file import FORMAT, SHIPPED, load, save
from cleaner.network import sigmoid
from cleaner.splitting import split_lines

Made = Callable[..., Model]

TEXT = "Home\nThe Bridge\n\nIt was closed on Tuesday.- Who Is Marlow Vance\n© 2024 The Site\n"


@pytest.fixture(scope="module")
def model(chance_model: Made) -> Model:
    return chance_model()


@pytest.fixture(scope="module")
def good(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "good.npz"
    save(model, path)
    return path


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


# What is refused.


def members(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def with_header(path: Path, change: Callable[[dict[str, Any]], Any]) -> bytes:
    arrays = members(path)
    header = json.loads(arrays["header"].tobytes())
    header = change(header) or header
    return packed(arrays | {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)})


def packed(arrays: dict[str, Any], compressed: bool = False) -> bytes:
    buffer = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def array_file(shape: str, descr: str = "'|u1'") -> bytes:
    """An array file whose header promises `shape`, with no data behind it."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def damaged_stream(path: Path) -> bytes:
    """A compressed member whose stream breaks off its code in the middle."""
    data = bytearray(packed(members(path), compressed=True))
    place = data.index(b"table.npy") + 4000
    data[place : place + 64] = b"\xff" * 64
    return bytes(data)


def encrypted(path: Path) -> bytes:
    """The first member marked as encrypted, in both of its headers."""
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


class Witness:
    """Leaves a trace when it is unpickled."""

    seen: list[str] = []  # noqa: RUF012

    def __reduce__(self) -> tuple[Any, ...]:
        return (Witness.seen.append, ("unpickled",))


def pickled_array(value: Any) -> bytes:
    buffer = io.BytesIO()
    array = np.empty(1, object)
    array[0] = value
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def without(path: Path, name: str) -> bytes:
    return packed({key: value for key, value in members(path).items() if key != name})


def replaced(path: Path, name: str, value: Any) -> bytes:
    return packed(members(path) | {name: np.asarray(value)})


def set_key(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda header: header.__setitem__(key, value)


def feature(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda header: header["features"].__setitem__(name, value)


LEVELS = len(CLARITY) + 1
BAD: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "empty": (lambda good: b"", "not a cleaner model, or damaged"),
    "text": (lambda good: b"hello\n" * 99, "not a cleaner model, or damaged"),
    "cut short": (lambda good: good.read_bytes()[:-5000], "not a cleaner model, or damaged"),
    "cut to a few bytes": (lambda good: good.read_bytes()[:10], "not a cleaner model"),
    "a byte changed": (
        lambda good: good.read_bytes()[:50_000] + b"\x7f" + good.read_bytes()[50_001:],
        "damaged",
    ),
    "a zip of other things": (lambda good: zipped({"a.txt": b"hello"}), "not a cleaner model"),
    "an empty zip": (lambda good: zipped({}), "not a cleaner model"),
    "a bare array": (lambda good: array_file("(0,)"), "not a cleaner model"),
    "a pickle": (lambda good: pickle.dumps({"header": 1}), "not a cleaner model"),
    "a member that unpacks too far": (
        lambda good: zipped({"header.npy": bytes(65_000_000)}, zipfile.ZIP_DEFLATED),
        "too large|damaged",
    ),
    "an array header that promises too much": (
        lambda good: zipped({"header.npy": array_file(f"({1 << 55},)")}),
        "damaged|misshapen|too large",
    ),
    "an array header that promises beyond counting": (
        lambda good: zipped({"header.npy": array_file(f"({1 << 40}, {1 << 40})")}),
        "damaged|misshapen|too large",
    ),
    "a damaged stream": (damaged_stream, "damaged"),
    "encrypted": (encrypted, "damaged"),
    "no header": (lambda good: without(good, "header"), "not a cleaner model"),
    "header not JSON": (
        lambda good: replaced(good, "header", np.frombuffer(b"{]", np.uint8)),
        "not a cleaner model",
    ),
    "header not UTF-8": (
        lambda good: replaced(good, "header", np.frombuffer(b'{"a\xff": 1}', np.uint8)),
        "not a cleaner model",
    ),
    "header nested without end": (
        lambda good: replaced(good, "header", np.frombuffer(b"[" * 200_000, np.uint8)),
        "not a cleaner model",
    ),
    "header a list": (lambda good: with_header(good, lambda h: [h]), "not a cleaner model"),
    "header without format": (
        lambda good: with_header(good, lambda h: {"features": h["features"]}),
        "not a cleaner model|model format",
    ),
    "later format": (
        lambda good: with_header(good, set_key("format", FORMAT + 1)),
        f"model format {FORMAT + 1}, this version reads {FORMAT}",
    ),
    "format a word": (lambda good: with_header(good, set_key("format", "x")), "model format x"),
    "other inputs": (
        lambda good: with_header(good, feature("inputs", ["length"])),
        r"made for other features \(inputs\)",
    ),
    "other characters shown": (
        lambda good: with_header(good, feature("shown", [1, 2])),
        r"made for other features \(shown\)",
    ),
    "features a list": (
        lambda good: with_header(good, set_key("features", [])),
        "features|misshapen",
    ),
    "features null": (
        lambda good: with_header(good, set_key("features", None)),
        "features|misshapen",
    ),
    "a feature more": (
        lambda good: with_header(good, feature("colour", 1)),
        "made for other features",
    ),
    "no thresholds": (
        lambda good: with_header(good, set_key("thresholds", {})),
        "missing or misshapen",
    ),
    "thresholds null": (
        lambda good: with_header(good, set_key("thresholds", None)),
        "missing or misshapen",
    ),
    "thresholds of one number": (
        lambda good: with_header(
            good, set_key("thresholds", dict.fromkeys(("gentle", "balanced", "thorough"), 0.5))
        ),
        "missing or misshapen",
    ),
    "thresholds of words": (
        lambda good: with_header(
            good,
            set_key(
                "thresholds", dict.fromkeys(("gentle", "balanced", "thorough"), ["x"] * LEVELS)
            ),
        ),
        "missing or misshapen",
    ),
    "no glue threshold": (
        lambda good: with_header(good, lambda h: h.pop("glue_threshold") and None),
        "missing or misshapen",
    ),
    "glue threshold a word": (
        lambda good: with_header(good, set_key("glue_threshold", "high")),
        "missing or misshapen",
    ),
    "table of another size": (
        lambda good: replaced(good, "table", np.zeros((5, len(LINE_SCORES)), np.int8)),
        "missing or misshapen",
    ),
    "weight of another size": (
        lambda good: replaced(good, "category.weight", np.zeros((5, 4), np.float32)),
        "missing or misshapen",
    ),
    "an article head of two outputs": (
        lambda good: packed(
            members(good)
            | {"article.weight": np.zeros((11, 2), np.float32)}
            | {"article.bias": np.zeros(2, np.float32)}
        ),
        "missing or misshapen",
    ),
    "a category too few": (
        lambda good: packed(
            members(good)
            | {"category.weight": np.zeros((11, 3), np.float32)}
            | {"category.bias": np.zeros(3, np.float32)}
        ),
        "missing or misshapen",
    ),
    "a convolution of another size": (
        lambda good: replaced(good, "encoder0.convolution1.weight", np.zeros((4, 4), np.float32)),
        "missing or misshapen",
    ),
    "a dilation too few": (
        lambda good: replaced(good, "encoder0.dilations", [1]),
        "missing or misshapen",
    ),
    "a dilation of nothing": (
        lambda good: replaced(good, "encoder0.dilations", [1, 0]),
        "missing or misshapen",
    ),
    "a dilation backwards": (
        lambda good: replaced(good, "encoder0.dilations", [-1, 2]),
        "missing or misshapen",
    ),
    "a dilation beyond all memory": (
        lambda good: replaced(good, "encoder0.dilations", [1, 100_000_000]),
        "missing or misshapen",
    ),
    "a dilation that is no whole number": (
        lambda good: replaced(good, "encoder0.dilations", [1.0, 2.0]),
        "missing or misshapen",
    ),
    "no encoders": (
        lambda good: packed({k: v for k, v in members(good).items() if "encoder" not in k}),
        "missing or misshapen",
    ),
    "an encoder number that is none": (
        lambda good: replaced(good, "encoder1.top.bias", np.full(6, np.nan, np.float32)),
        "missing or misshapen",
    ),
    "calibration of another size": (
        lambda good: replaced(good, "calibration", np.zeros((2, 0), np.float32)),
        "missing or misshapen",
    ),
    "a number that is none": (
        lambda good: replaced(good, "bias", np.full(len(LINE_SCORES), np.nan, np.float32)),
        "missing or misshapen",
    ),
    "words for numbers": (
        lambda good: replaced(good, "bias", ["x"] * len(LINE_SCORES)),
        "missing or misshapen",
    ),
    "pickled objects": (
        lambda good: zipped({"header.npy": pickled_array(Witness())}),
        "not a cleaner model",
    ),
}
for _name in (
    "table",
    "table_scale",
    "bias",
    "labels",
    "calibration",
    "article.weight",
    "article.bias",
    "category.bias",
    "encoder0.mean",
    "encoder1.mean",
    "encoder1.scale",
    "encoder0.entry.weight",
    "encoder0.convolution0.weight",
    "encoder0.convolution1.weight",
    "encoder1.convolution0.bias",
    "encoder0.dilations",
    "encoder0.document.bias",
    "encoder1.top.weight",
    "joint.mean",
    "joint.0.weight",
    "joint.1.weight",
    "joint.1.bias",
):
    BAD[f"without {_name}"] = (
        lambda good, name=_name: without(good, name),
        "missing or misshapen",
    )


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gives_one_clear_error(good: Path, tmp_path: Path, name: str) -> None:
    make, message = BAD[name]
    path = tmp_path / "bad.npz"
    path.write_bytes(make(good))
    with pytest.raises(ModelError, match=message) as caught:
        load(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    assert len(text) < len(str(path)) + 200


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.npz: no such"):
        load(tmp_path / "none.npz")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load(tmp_path)


def test_an_unreadable_file(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    with pytest.raises(ModelError, match=r"cannot be read \(Permission denied\)"):
        load(good)


def test_loading_runs_nothing(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = tmp_path / "hostile.npz"
    with zipfile.ZipFile(io.BytesIO(good.read_bytes())) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    hostile.write_bytes(zipped(files | {"bias.npy": pickled_array(Witness())}))
    Witness.seen.clear()
    with pytest.raises(ModelError):
        load(hostile)
    assert Witness.seen == []

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    assert load(good).header["format"] == FORMAT


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


def test_the_tests_streams_are_what_they_say(good: Path) -> None:
    """The damaged stream is one that zlib itself trips over, not just a wrong checksum."""
    with (
        zipfile.ZipFile(io.BytesIO(damaged_stream(good))) as archive,
        pytest.raises((zlib.error, zipfile.BadZipFile)),
    ):
        archive.read("table.npy")


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
