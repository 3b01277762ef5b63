"""The shipped model keeps its scores; floors move down only on purpose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("faker", reason="faker is needed here: pip install 'cleaner[dev]'")

from data import build, floors

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"


def _check(name: str, documents: list) -> None:
    floor = floors.pinned()[name]
    found = floors.measured(documents)
    assert found["digest"] == floor["digest"], "other documents: python -m data.floors --write"
    assert not floors.falls(floor, found)


def test_our_own_documents() -> None:
    _check("documents", floors.by_set(build.held_out(None))["documents"])


@pytest.mark.parametrize("name", ["gold-resiliparse-main", "silver-plain"])
def test_public_pages(name: str) -> None:
    if not CORPORA.is_dir():
        pytest.skip("the public corpora are not beside this checkout")
    documents = [
        document
        for document in build.dataset.read([CORPORA / f"{name}.jsonl.gz"])
        if document.split == "dev" and document.spans
    ]
    _check(name, documents)


FLOOR = {"digest": "d", "lost": 0.01, "stripped": 0.9, "f1": 0.95, "at_1_percent": 0.8}


@pytest.mark.parametrize(
    ("figure", "value", "fallen"),
    [
        ("lost", 0.02, True),
        ("lost", 0.001, False),
        ("stripped", 0.89, True),
        ("stripped", 0.99, False),
        ("f1", 0.9, True),
        ("at_1_percent", 0.7, True),
        ("f1", 0.95 - floors.TOLERANCE / 2, False),
    ],
)
def test_what_counts_as_a_fall(figure: str, value: float, fallen: bool) -> None:
    found = floors.falls(FLOOR, {**FLOOR, figure: value})
    assert [line.split()[0] for line in found] == ([figure] if fallen else [])


def _main(monkeypatch: pytest.MonkeyPatch, path: Path, *words: str) -> None:
    monkeypatch.setattr(floors, "FILE", path)
    monkeypatch.setattr(floors, "held_out", lambda _: build.own_documents()[:3])
    monkeypatch.setattr("sys.argv", ["floors", *words])
    floors.main()


def test_pinning_lower_takes_a_flag(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    _main(monkeypatch, path, "--write")
    pinned = json.loads(path.read_text())
    pinned["documents"]["f1"] = 1.5
    path.write_text(json.dumps(pinned))
    with pytest.raises(SystemExit, match="below the floor"):
        _main(monkeypatch, path, "--write")
    assert json.loads(path.read_text()) == pinned
    _main(monkeypatch, path, "--write", "--lower")
    assert json.loads(path.read_text())["documents"]["f1"] <= 1
