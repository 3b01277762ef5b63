"""Hugging Face datasets: mapped by several processes, found in the cache again, and streamed."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cleaner

pytest.importorskip("datasets", reason="datasets is not installed")

MAPPED = """
import json, sys
import datasets
from cleaner.integrations.datasets import clean_batch
datasets.disable_progress_bars()
pages = datasets.Dataset.from_json("pages.jsonl", cache_dir="cache")
mapped = pages.map(clean_batch(**json.loads(sys.argv[1])), batched=True, batch_size=2, num_proc=2)
made = {file["filename"]: __import__("os").stat(file["filename"]).st_mtime_ns
        for file in mapped.cache_files}
print(json.dumps([mapped.to_list(), made]))
"""


@pytest.fixture
def mapped(pages_file: Path, tmp_path: Path, env: dict[str, str]) -> Any:
    """The sample pages mapped in a process of its own: the records, cache files and their times."""
    (tmp_path / "pages.jsonl").write_bytes(pages_file.read_bytes())

    def run(**options: object) -> Any:
        done = subprocess.run(
            [sys.executable, "-c", MAPPED, json.dumps(options)],
            cwd=tmp_path,
            env={**env, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_two_processes_map_and_a_later_run_finds_it_in_the_cache(
    mapped: Any, pages: list[dict[str, str]]
) -> None:
    records, made = mapped()
    assert records == [{"url": page["url"], "text": cleaner.clean(page["text"])} for page in pages]
    assert made
    assert mapped() == [records, made]
    assert mapped(mode="thorough")[1].keys().isdisjoint(made)


def test_the_fingerprint_tells_options_and_models_apart(
    strict_model: Path, tmp_path: Path, lax_model: Path
) -> None:
    from datasets.fingerprint import Hasher

    from cleaner.integrations.datasets import clean_batch

    ways: list[dict[str, Any]] = [
        {},
        {"field": "body"},
        {"mode": "gentle"},
        {"keep": ("toc",)},
        {"model": strict_model},
    ]
    prints = [Hasher.hash(clean_batch(**way)) for way in ways]
    assert len(set(prints)) == len(ways)
    assert prints == [Hasher.hash(clean_batch(**way)) for way in ways]
    changing = tmp_path / "model.npz"
    changing.write_bytes(strict_model.read_bytes())
    before = Hasher.hash(clean_batch(model=changing))
    changing.write_bytes(lax_model.read_bytes())
    assert Hasher.hash(clean_batch(model=changing)) != before


def test_it_pickles_small() -> None:
    from cleaner.integrations.datasets import clean_batch

    clean = clean_batch(keep=("toc",))
    packed = pickle.dumps(clean)
    assert len(packed) < 500
    assert pickle.loads(packed)({"text": ["One line.", None]}) == {"text": ["One line.", None]}


def test_streaming(pages_file: Path, pages: list[dict[str, str]], tmp_path: Path) -> None:
    from datasets import IterableDataset

    from cleaner.integrations.datasets import clean_batch

    def records() -> Any:
        yield from pages
        yield {"url": "/missing", "text": None}

    streamed = IterableDataset.from_generator(records).map(clean_batch(), batched=True)
    wanted: list[str | None] = [cleaner.clean(page["text"]) for page in pages]
    assert [record["text"] for record in streamed] == [*wanted, None]


def test_what_is_asked_wrongly_is_named() -> None:
    from datasets import Dataset

    from cleaner.integrations.datasets import clean_batch

    pages = Dataset.from_dict({"body": ["One line."]})
    with pytest.raises(cleaner.OptionError, match="no column 'text'; choose one of body"):
        pages.map(clean_batch(), batched=True)
    with pytest.raises(cleaner.OptionError, match="batched=True"):
        pages.map(clean_batch("body"))
    with pytest.raises(cleaner.OptionError, match="no mode 'brutal'"):
        clean_batch(mode="brutal")
    with pytest.raises(cleaner.ModelError, match=r"nowhere\.npz"):
        clean_batch(model="nowhere.npz")


def test_the_example_runs(example: Any) -> None:
    assert "/garden 14 -> 3" in example("datasets.md")
