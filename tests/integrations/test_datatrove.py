"""datatrove: pipelines over compressed JSON lines, run by the local executor."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

import cleaner

pytest.importorskip("datatrove", reason="datatrove is not installed")


@pytest.fixture
def scraped(pages: list[dict[str, str]], tmp_path: Path) -> Path:
    """A folder with the sample pages in two .jsonl.gz."""
    folder = tmp_path / "scraped"
    folder.mkdir()
    for number, some in enumerate((pages[:1], pages[1:])):
        with gzip.open(folder / f"{number}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(page) + "\n" for page in some)
    return folder


def run(scraped: Path, *steps: Any) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """The records that the steps leave, by url, and the stats of every step."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    out = scraped.parent / "out"
    pipeline = [JsonlReader(str(scraped)), *steps, JsonlWriter(str(out))]
    logs = scraped.parent / "logs"
    LocalPipelineExecutor(pipeline=pipeline, tasks=2, workers=1, logging_dir=str(logs)).run()
    return records(out), json.loads((logs / "stats.json").read_text())


def records(folder: Path) -> dict[str, dict[str, Any]]:
    contents = (path.read_bytes() for path in sorted(folder.glob("*.jsonl*")))
    plain = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data for data in contents)
    found = [json.loads(line) for data in plain for line in data.splitlines()]
    return {record["metadata"]["url"]: record for record in found}


def total(stats: list[dict[str, Any]], name: str) -> int:
    """A count of the second step, which is ours."""
    count = stats[1]["stats"][name]
    return count if isinstance(count, int) else int(count["total"])


def test_the_formatter_cleans_and_counts_by_category(
    scraped: Path, pages: list[dict[str, str]]
) -> None:
    from cleaner.integrations.datatrove import CleanerFormatter

    found, stats = run(scraped, CleanerFormatter())
    assert {url: record["text"] for url, record in found.items()} == {
        page["url"]: cleaner.clean(page["text"]) for page in pages
    }
    assert total(stats, "total") == 3
    assert total(stats, "stripped_link_list") == 2


def test_the_filter_drops_with_a_reason_and_writes_what_it_drops(
    scraped: Path, pages: list[dict[str, str]], tmp_path: Path
) -> None:
    from datatrove.pipeline.writers import JsonlWriter

    from cleaner.integrations.datatrove import CleanerFilter

    dropped = JsonlWriter(str(tmp_path / "dropped"))
    found, stats = run(
        scraped, CleanerFilter(min_characters=100, min_share=0.9, exclusion_writer=dropped)
    )
    assert {url: record["text"] for url, record in found.items()} == {"/ferry": pages[1]["text"]}
    left = records(tmp_path / "dropped")
    assert {url: record["metadata"]["filter_reason"] for url, record in left.items()} == {
        "/garden": "article_share_too_small",
        "/login": "article_too_short",
    }
    assert left["/garden"]["text"] == pages[0]["text"]
    assert total(stats, "dropped_article_too_short") == 1
    assert total(stats, "stripped_link_list") == 2


def test_the_filter_cleans_on_request(scraped: Path, pages: list[dict[str, str]]) -> None:
    from cleaner.integrations.datatrove import CleanerFilter

    found, _ = run(scraped, CleanerFilter(clean=True, mode="thorough", keep=("toc",)))
    wanted = cleaner.Cleaner(mode="thorough", keep=("toc",))
    assert {url: record["text"] for url, record in found.items()} == {
        page["url"]: wanted.clean(page["text"]) for page in pages[:2]
    }


def test_the_example_runs(example: Any, tmp_path: Path, pages: list[dict[str, str]]) -> None:
    example("datatrove.md")
    assert {url: record["text"] for url, record in records(tmp_path / "articles").items()} == {
        page["url"]: cleaner.clean(page["text"]) for page in pages[:2]
    }
    (left,) = records(tmp_path / "dropped").values()
    assert left["metadata"]["filter_reason"] == "article_too_short"
    assert "stripped_link_list" in (tmp_path / "logs" / "stats.json").read_text()
