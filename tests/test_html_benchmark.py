"""The comparison on pages of HTML: its figures, its parts, its table."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.html.scoring import common, scored
from data.pages import NAME, PARTS, matched, read_pages

ROOT = Path(__file__).parents[1]
PAGES = [
    {
        "id": f"towns/{number}",
        "html": "<nav><a href=/>Home</a></nav><p>The ferry left the old harbour at six.",
        "gold": "The ferry left the old harbour at six.",
    }
    for number in range(12)
]


def by_table(one: str, two: str) -> int:
    """The longest common subsequence as it is taught."""
    row = [0] * (len(two) + 1)
    for a in one:
        new = [0]
        for place, b in enumerate(two):
            new.append(row[place] + 1 if a == b else max(row[place + 1], new[-1]))
        row = new
    return row[-1]


@given(st.text("abc", max_size=20), st.text("abcd", max_size=20))
def test_the_common_part_is_the_longest(one: str, two: str) -> None:
    assert common(list(one), list(two)) == by_table(one, two)


def test_figures_are_of_tokens_in_order() -> None:
    score = scored(["one two three four", ""], ["one three two", ""])
    assert (score.precision, score.recall) == (2 / 4, 2 / 3)
    assert score.f1 == pytest.approx(4 / 7)
    assert score.mean_f1 == pytest.approx((4 / 7 + 1) / 2)


def test_lines_are_matched_in_order_and_not_by_chance() -> None:
    lines = ["Menu", "The ferry left the harbour", "left the", "It came back in the evening", "..."]
    hits, count = matched(lines, "The ferry left the harbour. It came back late in the evening.")
    assert hits.tolist() == [0, 5, 0, 6, 0]
    assert count.tolist() == [1, 5, 2, 6, 0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with gzip.open(tmp_path / NAME, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(page) + "\n" for page in PAGES)
    (tmp_path / "other.jsonl").write_text('{"id": "a", "lines": []}\n', encoding="utf-8")
    return tmp_path


def test_pages_are_read_and_parted_by_their_names(folder: Path) -> None:
    pages = list(read_pages(folder))
    assert pages == list(read_pages(folder / NAME))
    assert [page.id for page in pages] == [page["id"] for page in PAGES]
    assert {page.part for page in pages} == set(PARTS)
    assert {page.origin for page in pages} == {"towns"}


def test_the_table_has_all_of_ours(folder: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.html", str(folder), "--system", "cleaner, blocks"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    reporting = sum(page.part == "reporting" for page in read_pages(folder))
    assert done.stdout.startswith(f"{reporting} pages; part: reporting\n")
    for mode in ("gentle", "balanced", "thorough"):
        for pages in ("all", f"towns ({reporting})"):
            (row,) = (
                r for r in done.stdout.split("\n") if f"| {pages} | cleaner, blocks, {mode}" in r
            )
            f1, precision, recall, mean = map(float, row.split("|")[3:7])
            assert recall == 1
            assert f1 == pytest.approx(2 * precision / (precision + 1), abs=0.001)
            assert mean == f1  # the pages are alike


def test_where_there_are_no_pages_it_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.html", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no pages" in done.stderr
