"""`--model` on every command, and files that are no model."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.commands import figures


def test_every_command_takes_a_model(
    invoke: Any, texts: Any, tiny_data: Path, lax_model: Path, strict_model: Path
) -> None:
    assert invoke("clean", "--model", lax_model, stdin=texts.page).stdout == texts.page
    assert invoke("clean", "--model", strict_model, stdin=texts.page).stdout == ""
    lines = invoke("inspect", "--model", strict_model, stdin=texts.page).stdout.splitlines()
    assert lines
    assert all(line.startswith("- ") for line in lines)
    words = ["evaluate", tiny_data, "--split", "all", "--json", "--model"]
    assert figures(invoke(*words, lax_model))["sets"]["tiny"]["stripped"] == 0
    assert figures(invoke(*words, strict_model))["sets"]["tiny"]["lost"] == 1


def damaged(kind: str, good: Path, path: Path) -> Path:
    """A file that is no good model, of a kind."""
    data = good.read_bytes()
    if kind == "missing":
        return path
    if kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_bytes(b"This is no model.\n" * 100)
    elif kind == "truncated":
        path.write_bytes(data[: len(data) // 2])
    elif kind == "flipped":
        path.write_bytes(data[:5000] + bytes([data[5000] ^ 0xFF]) + data[5001:])
    elif kind == "pickle":
        path.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "hello")
    elif kind == "npy":
        with path.open("wb") as file:
            np.save(file, np.zeros(3))
    else:
        with np.load(good) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays["header"].tobytes())
        if kind == "objects":
            arrays["bias"] = np.array([print, None], dtype=object)
        elif kind == "other format":
            header["format"] = 999
        elif kind == "other features":
            header["features"] = {**header["features"], "buckets": 7}
        elif kind == "no thresholds":
            header["thresholds"] = {}
        elif kind == "header is a list":
            header = [1, 2]
        elif kind == "part missing":
            del arrays["table"]
        elif kind == "misshapen":
            arrays["table"] = arrays["table"][:100]
        elif kind == "not numbers":
            arrays["bias"] = arrays["bias"] * np.nan
        raw = json.dumps(header).encode() if kind != "header is no json" else b"{"
        arrays["header"] = np.frombuffer(raw, np.uint8)
        with path.open("wb") as file:
            np.savez(file, **arrays)
    return path


KINDS = (
    "missing", "folder", "empty", "text", "truncated", "flipped", "pickle", "zip", "npy",
    "objects", "other format", "other features", "no thresholds", "header is a list",
    "header is no json", "part missing", "misshapen", "not numbers",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore:overflow|invalid value:RuntimeWarning")
def test_a_bad_model_is_one_clear_error(
    invoke: Any, lax_model: Path, tmp_path: Path, kind: str
) -> None:
    path = damaged(kind, lax_model, tmp_path / "bad.npz")
    result = invoke("clean", "--model", path, stdin=b"A line.\n")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"cleaner: {path}: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


@pytest.mark.parametrize("which", ["clean", "inspect", "evaluate"])
def test_a_bad_model_is_told_by_every_command(
    run: Any, tiny_data: Path, tmp_path: Path, which: str
) -> None:
    words = [tiny_data, "--split", "all"] if which == "evaluate" else [tiny_data]
    path = damaged("text", tiny_data, tmp_path / "bad.npz")
    for model in (path, tmp_path / "nowhere.npz"):
        done = run(which, *words, "--model", model)
        assert done.returncode == 1
        assert model.name.encode() in done.stderr
        assert done.stdout == b""


def test_no_damaged_byte_of_a_model_raises_anything_else(lax_model: Path, tmp_path: Path) -> None:
    """The directory of the archive, where its own check sums do not reach, byte by byte."""
    from cleaner import ModelError
    from cleaner.model_file import load

    data = bytearray(lax_model.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    central = int.from_bytes(data[end + 16 : end + 20], "little")
    path = tmp_path / "bad.npz"
    surprises = []
    places = [*range(60), *range(central, central + 120), *range(end, len(data))]
    for place in places:
        for change in (0x01, 0x80):
            data[place] ^= change
            path.write_bytes(data)
            try:
                load(path)
            except ModelError:
                pass
            except Exception as error:
                surprises.append(f"byte {place - central}, {change:#x}: {error!r}")
            data[place] ^= change
    assert surprises == []


def test_a_damaged_compressed_model_is_told(invoke: Any, lax_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "packed.npz"
    with np.load(lax_model) as file, path.open("wb") as target:
        np.savez_compressed(target, **{name: file[name] for name in file.files})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    path.write_bytes(data)
    result = invoke("clean", "--model", path, stdin=b"A line.\n")
    assert result.exit_code == 1
    assert str(path) in result.stderr
