"""Files that are no model: each is refused, with one line that says why."""

from __future__ import annotations

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

from cleaner.errors import ModelError
from cleaner.model import CLARITY, LINE_SCORES, Model
from cleaner.model_file import FORMAT, load

Made = Callable[..., Model]

TEXT = "Home\nThe Bridge\n\nIt was closed on Tuesday.- Who Is Marlow Vance\n© 2024 The Site\n"


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


def test_the_tests_streams_are_what_they_say(good: Path) -> None:
    """The damaged stream is one that zlib itself trips over, not just a wrong checksum."""
    with (
        zipfile.ZipFile(io.BytesIO(damaged_stream(good))) as archive,
        pytest.raises((zlib.error, zipfile.BadZipFile)),
    ):
        archive.read("table.npy")
