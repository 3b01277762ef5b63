"""`cleaner train` and `cleaner evaluate`, as a user types them."""

from __future__ import annotations

import copy
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner
from cleaner.document import CATEGORIES, STRIPPED_CATEGORIES
from tests.commands import figures, tree


def test_train_makes_a_model_that_works(
    trained: tuple[Path, Any], invoke: Any, tiny_data: Path
) -> None:
    path, result = trained
    assert result.exit_code == 0
    assert re.search(r"^tiny +\d+ ", result.stdout, re.MULTILINE)  # the scores on the dev split
    assert "documents" in result.stderr
    assert tree(path.parent).keys() == {path.name}
    assert path.stat().st_size < 5_000_000
    words = ["evaluate", tiny_data, "--split", "train", "--json", "--model", path]
    scores = figures(invoke(*words))["sets"]["tiny"]
    assert scores["f1"] > scores["keep_all_f1"]


def test_a_trained_model_tells_what_it_was_made_of(trained: tuple[Path, Any]) -> None:
    header = Cleaner(trained[0]).model.header
    assert header["categories"] == list(CATEGORIES)
    assert header["training"]["digest"]
    assert header["scores"]["sets"]["tiny"]["documents"] >= 1


def test_train_again_gives_the_same_bytes(
    trained: tuple[Path, Any], train_quickly: Callable[..., Any], tiny_data: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.npz"
    assert train_quickly(tiny_data, "--output", again, "--seed", 1).exit_code == 0
    assert again.read_bytes() == trained[0].read_bytes()


def test_train_takes_folders_the_corpora_format_a_seed_and_all(
    train_quickly: Callable[..., Any],
    trained: tuple[Path, Any],
    tiny_data: Path,
    as_corpora: Path,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data" / "deep"
    folder.mkdir(parents=True)
    with gzip.open(folder / "packed.jsonl.gz", "wb") as file:
        file.write(as_corpora.read_bytes())
    (folder / "own.jsonl").write_bytes(tiny_data.read_bytes())
    (folder / "notes.txt").write_text("not labels", encoding="utf-8")
    path = tmp_path / "model.npz"
    result = train_quickly(tmp_path / "data", "-o", path, "--seed", 7, "--all")
    assert result.exit_code == 0
    assert result.stdout == ""  # nothing held out, nothing to report
    assert Cleaner(path).model.header["training"]["documents"] == 48
    assert path.read_bytes() != trained[0].read_bytes()


def test_train_without_an_output_or_data_is_wrong_usage(invoke: Any, tiny_data: Path) -> None:
    for words in ((tiny_data,), ("-o", "model.npz"), (tiny_data, "-o", "m", "--seed", "x")):
        assert invoke("train", *words).exit_code == 2


def test_train_on_too_little_is_told(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "few.jsonl"
    path.write_text('{"fragments": [["article", "One line."]]}\n', encoding="utf-8")
    result = invoke("train", path, "-o", tmp_path / "model.npz")
    assert result.exit_code == 1
    assert "too few" in result.stderr
    assert not (tmp_path / "model.npz").exists()


@pytest.fixture
def train_at_once(
    invoke: Any, cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """`cleaner train` with the learning left out: what is tested is what becomes of the model."""
    training = pytest.importorskip("cleaner.training")
    monkeypatch.setattr(training, "train", lambda *_, **__: (copy.deepcopy(cleaner.model), {}))

    def call(*args: object) -> Any:
        return invoke("train", *args)

    return call


def test_train_into_a_folder_that_is_not_there(
    train_at_once: Callable[..., Any], tiny_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "model.npz"
    result = train_at_once(tiny_data, "-o", path)
    assert (result.exit_code == 0) == path.exists()
    assert result.exit_code in (0, 1, 2)


def test_train_starts_from_the_model_it_is_given(
    train_quickly: Callable[..., Any], trained: tuple[Path, Any], tiny_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "further.npz"
    assert train_quickly(tiny_data, "-o", path, "--model", trained[0]).exit_code == 0
    assert path.read_bytes() != trained[0].read_bytes()
    missing = train_quickly(tiny_data, "-o", tmp_path / "none.npz", "--model", tmp_path / "no.npz")
    assert missing.exit_code != 0
    assert "no such model file" in missing.stderr
    assert not (tmp_path / "none.npz").exists()


def test_train_never_over_its_data(
    train_at_once: Callable[..., Any], tiny_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(tiny_data.read_bytes())
    result = train_at_once(path, "-o", path)
    assert path.read_bytes() == tiny_data.read_bytes()
    assert result.exit_code == 2


def test_train_onto_a_folder_is_told(
    train_at_once: Callable[..., Any], tiny_data: Path, tmp_path: Path
) -> None:
    result = train_at_once(tiny_data, "-o", tmp_path)
    assert result.exit_code in (1, 2)
    assert str(tmp_path) in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_evaluate_prints_tables(invoke: Any, tiny_data: Path, as_corpora: Path) -> None:
    result = invoke("evaluate", tiny_data, as_corpora, "--split", "all")
    assert (result.exit_code, result.stderr) == (0, "")
    head, *rows = result.stdout.splitlines()
    assert head.split()[:5] == ["set", "mode", "docs", "lost", "stripped"]
    assert "F1" in head
    assert "@1%" in head
    modes = ("gentle", "balanced", "thorough")
    assert [row.split()[:3] for row in rows[:9]] == [
        *(["tiny", mode, "24"] for mode in modes),
        *(["tiny-corpus", mode, "24"] for mode in modes),
        *(["all", mode, "48"] for mode in modes),
    ]
    names = [row.split()[0] for row in rows if row]
    assert {"article", "link_list", "author_profile", "other", "scores", "score,"} <= set(names)


def test_evaluate_json_agrees_with_the_tables(invoke: Any, tiny_data: Path) -> None:
    words = ["evaluate", tiny_data, "--split", "all"]
    table = invoke(*words).stdout.splitlines()
    result = invoke(*words, "--json")
    assert list(json.loads(result.stdout)["modes"]) == ["gentle", "balanced", "thorough"]
    for row in table[1:4]:
        cells = row.split()
        report = figures(result, cells[1])
        scores = report["sets"]["tiny"]
        assert cells[2] == str(scores["documents"])
        assert cells[3:6] == [f"{scores[key]:.4f}" for key in ("lost", "stripped", "f1")]
        assert set(scores) >= {"at_1_percent", "mean_f1", "keep_all_f1", "perfect", "category"}
        assert all(0 <= entry["stripped"] <= 1 for entry in report["categories"].values())
        assert 0 <= report["calibration"]["tiny"]["error"] <= 1


def test_evaluate_measures_what_it_says(
    invoke: Any, lax_model: Path, strict_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "set.jsonl"
    record = {
        "fragments": [["article", "One two three four five six."], ["share", "Pin it now please"]]
    }
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    words = ["evaluate", path, "--split", "all", "--json", "--model"]
    lax = figures(invoke(*words, lax_model))
    assert lax["sets"]["set"]["lost"] == lax["sets"]["set"]["stripped"] == 0
    assert lax["sets"]["set"]["f1"] == lax["sets"]["set"]["keep_all_f1"] == pytest.approx(0.75)
    assert lax["confusion"] == {}
    strict = figures(invoke(*words, strict_model))
    assert strict["sets"]["set"]["lost"] == strict["sets"]["set"]["stripped"] == 1
    assert strict["sets"]["set"]["emptied"] == 1
    told = {name: (one["tokens"], one["stripped"]) for name, one in strict["categories"].items()}
    assert told == {"article": (6, 1.0), "share": (4, 1.0)}
    (case,) = strict["worst"]["emptied"]
    assert (case["id"], case["tokens"]) == ("set-1", 6)
    assert case["lines"][0]["text"] == "One two three four five six."


def test_evaluate_heeds_splits_modes_and_keep(
    invoke: Any, tiny_data: Path, strict_model: Path
) -> None:
    def documents(*words: str) -> int:
        report = figures(invoke("evaluate", tiny_data, "--json", *words))
        return int(report["sets"]["tiny"]["documents"])

    dev, train = documents(), documents("--split", "train")
    assert dev == documents("--split", "dev") > 0
    assert dev + train == documents("--split", "all") == 24
    everything = [word for name in STRIPPED_CATEGORIES for word in ("--keep", name)]
    words = ["evaluate", tiny_data, "--json", "--model", strict_model]
    twice = ["--mode", "thorough", "--mode", "gentle", "--mode", "gentle"]
    result = invoke(*words, *twice, *everything)
    assert list(json.loads(result.stdout)["modes"]) == ["thorough", "gentle"]
    for mode in ("thorough", "gentle"):
        scores = figures(result, mode)["sets"]["tiny"]
        assert scores["lost"] == scores["stripped"] == 0


def test_evaluate_scores_snippets(
    invoke: Any, lax_model: Path, strict_model: Path, tmp_path: Path
) -> None:
    record = {"split": "dev", "lines": ["One two.", "", "Pin it"], "labels": []}
    record |= {"must_stay": ["One two"], "must_go": ["Pin it"]}
    path = tmp_path / "checks.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    lax = figures(invoke("evaluate", path, "--json", "--model", lax_model))
    assert lax["sets"] == {}
    assert lax["snippets"]["checks"]["f1"] == lax["snippets"]["checks"]["keep_all_f1"]
    assert lax["snippets"]["checks"]["f1"] == pytest.approx(2 / 3)
    strict = figures(invoke("evaluate", path, "--json", "--model", strict_model))
    assert (strict["snippets"]["checks"]["recall"], strict["snippets"]["checks"]["gone"]) == (0, 1)
    table = invoke("evaluate", path, "--model", strict_model).stdout.splitlines()
    assert table[0].split()[:4] == ["snippets", "of", "mode", "docs"]
    assert table[1].split()[:5] == ["checks", "gentle", "1", "0/1", "1/1"]


def test_evaluate_shows_as_many_of_the_worst_as_asked_for(
    invoke: Any, tiny_data: Path, strict_model: Path
) -> None:
    words = ["evaluate", tiny_data, "--split", "all", "--model", strict_model, "--worst"]
    for most in (0, 1, 3):
        report = figures(invoke(*words, most, "--json"))
        assert len(report["worst"]["lost"]) == len(report["worst"]["emptied"]) == most
        text = invoke(*words, most).stdout
        assert ("Most article tokens lost, balanced" in text) == bool(most)
    assert invoke(*words, -1).exit_code == 2


def test_evaluate_writes_a_page(
    invoke: Any, tiny_data: Path, strict_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "report.html"
    words = ["evaluate", tiny_data, "--split", "all", "--model", strict_model]
    result = invoke(*words, "--html", path)
    assert result.exit_code == 0
    assert result.stdout == invoke(*words).stdout
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert text.count("<svg") == 2
    assert tree(path.parent).keys() == {"report.html"}
    assert invoke(*words, "--html", tmp_path).exit_code == 1
    assert str(tmp_path) in invoke(*words, "--html", tmp_path).stderr


def test_evaluate_never_writes_over_its_inputs(
    invoke: Any, tiny_data: Path, lax_model: Path, tmp_path: Path
) -> None:
    data, model = tmp_path / "labels.jsonl", tmp_path / "model.npz"
    data.write_bytes(tiny_data.read_bytes())
    model.write_bytes(lax_model.read_bytes())
    for target in (data, model):
        before = target.read_bytes()
        result = invoke("evaluate", data, "--split", "all", "--model", model, "--html", target)
        assert result.exit_code == 2
        assert "--html" in result.stderr
        assert target.read_bytes() == before


def test_evaluate_takes_any_text_a_label_file_may_hold(
    run: Any, strict_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "odd.jsonl"
    odd = "\\ud800 \\u001b[2J \\u202e caf\\u00e9"
    line = f'{{"id": "{odd}", "set": "{odd}", "split": "dev", "fragments": [["article", "{odd}"]]}}'
    path.write_text(line + "\n", encoding="utf-8")
    for words in ([], ["--json"], ["--html", tmp_path / "odd.html"]):
        done = run("evaluate", path, "--model", strict_model, *words)
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"\x1b" not in done.stdout
        assert "caf" in done.stdout.decode()
    assert "\x1b" not in (tmp_path / "odd.html").read_text(encoding="utf-8")


def test_the_split_may_be_said_by_the_data(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    record = {"split": "train", "fragments": [["article", "One line."]]}
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    result = invoke("evaluate", path)
    assert result.exit_code == 1
    assert "--split all" in result.stderr
    assert invoke("evaluate", path, "--split", "train").exit_code == 0


BROKEN = {
    "no json": b"{nope",
    "half a line": b'{"fragments": [["article", "One',
    "no object": b"[1, 2]",
    "neither format": b'{"id": "x"}',
    "unknown category": b'{"fragments": [["advert", "Buy"]]}',
    "fragments no list": b'{"fragments": "article"}',
    "fragment no pair": b'{"fragments": [["article"]]}',
    "fragment of two lines": b'{"fragments": [["article", "One\\nTwo"]]}',
    "text no string": b'{"fragments": [["article", 3]]}',
    "unlike lengths": b'{"lines": ["One", "Two"], "labels": [1]}',
    "label no label": b'{"lines": ["One"], "labels": [7]}',
    "label a list": b'{"lines": ["One"], "labels": [[]]}',
    "line no string": b'{"lines": [null], "labels": [1]}',
    "null": b"null",
    "not utf-8": b'{"fragments": [["article", "caf\xe9"]]}',
    "lone surrogate in id": b'{"id": "\\ud800", "fragments": [["article", "One"]]}',
    "nested deep": b"[" * 200_000,
    "long number": b'{"id": ' + b"9" * 10_000 + b', "fragments": []}',
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("which", ["train", "evaluate"])
def test_a_broken_line_is_named(invoke: Any, tmp_path: Path, kind: str, which: str) -> None:
    path = tmp_path / "labels.jsonl"
    good = b'{"fragments": [["article", "A line."], "", ["share", "Pin it"]]}\n'
    path.write_bytes(good + b"\n" + good + BROKEN[kind] + b"\n" + good)
    words = ["-o", tmp_path / "model.npz"] if which == "train" else ["--split", "all"]
    result = invoke(which, path, *words)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"cleaner: {path}, line 4: ")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "model.npz").exists()


@pytest.mark.parametrize("kind", ["missing", "empty folder", "no gzip", "cut gzip", "bad gzip"])
@pytest.mark.parametrize("which", ["train", "evaluate"])
def test_data_that_cannot_be_read_is_named(
    invoke: Any, tiny_data: Path, tmp_path: Path, kind: str, which: str
) -> None:
    path = tmp_path / "labels.jsonl.gz"
    packed = bytearray(gzip.compress(tiny_data.read_bytes()))
    if kind == "empty folder":
        path.mkdir()
    elif kind == "no gzip":
        path.write_bytes(tiny_data.read_bytes())
    elif kind == "cut gzip":
        path.write_bytes(packed[: len(packed) // 2])
    elif kind == "bad gzip":
        packed[len(packed) // 3 : len(packed) // 3 + 50] = b"\xff" * 50
        path.write_bytes(packed)
    words = ["-o", tmp_path / "model.npz"] if which == "train" else ["--split", "all"]
    result = invoke(which, path, *words)
    assert result.exit_code == 1
    assert str(path) in result.stderr
    assert result.stdout == ""
