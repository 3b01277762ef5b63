"""Lines counted across files and shards: by `cleaner repeats`, and on the way of a run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cleaner.cli import main
from cleaner.repeats import Counts

SLOGAN = "The Lantern, your window on the harbour"
PROSE = (
    "The ferry to the island leaves twice a day in summer, and in winter only when the captain "
    "has looked at the sky and found nothing in it that he does not like."
)


def page(number: int) -> str:
    return f"{SLOGAN}\nStory number {number} of the harbour\n{PROSE} It is day {number}.\n{SLOGAN}"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """Twenty pages as text, and a shard of forty, every other of another site."""
    folder = tmp_path / "crawl"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}.txt").write_text(page(number), encoding="utf-8")
    with gzip.open(folder / "shard.jsonl.gz", "wt", encoding="utf-8") as file:
        for number in range(40):
            site = ("lantern", "other")[number % 2]
            record = {"url": f"https://{site}.example/{number}", "text": page(number)}
            file.write(json.dumps(record) + "\n")
    return folder


def scores(folder: Path) -> list[float]:
    with gzip.open(folder / "shard.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line)["cleaner"]["score"] for line in file]


def outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file()}


def test_what_is_counted_is_judged_by(crawl: Path, tmp_path: Path) -> None:
    assert run("clean", crawl, "-o", tmp_path / "plain", "--annotate").exit_code == 0
    told = run("clean", crawl, "-o", tmp_path / "told", "--annotate", "--learn-repeats")
    assert told.exit_code == 0, told.output
    pairs = zip(scores(tmp_path / "told"), scores(tmp_path / "plain"), strict=True)
    assert all(after < before for after, before in pairs)


def test_two_passes_are_the_two_commands(crawl: Path, tmp_path: Path) -> None:
    counts = tmp_path / "counts.npz"
    assert run("repeats", crawl, "-o", counts).exit_code == 0
    assert Counts.load(counts).documents == 60
    assert run("clean", crawl, "-o", tmp_path / "one", "--repeats", counts).exit_code == 0
    assert run("clean", crawl, "-o", tmp_path / "two", "--learn-repeats").exit_code == 0
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two")


def test_any_number_of_workers_and_any_size_of_block_counts_alike(
    crawl: Path, tmp_path: Path
) -> None:
    digests = set()
    for number, words in enumerate((["--workers", 1], ["--workers", 2])):
        counts = tmp_path / f"{number}.npz"
        assert run("repeats", crawl, "-o", counts, *words).exit_code == 0
        digests.add(Counts.load(counts).digest)
    words = ("--learn-repeats", "--block-size", 700, "--workers", 2)
    assert run("clean", crawl, "-o", tmp_path / "blocks", *words).exit_code == 0
    digests.add(Counts.load(tmp_path / "blocks" / ".cleaner" / "repeats.npz").digest)
    assert len(digests) == 1


def test_a_second_run_counts_and_cleans_nothing_again(crawl: Path, tmp_path: Path) -> None:
    words = ("clean", crawl, "-o", tmp_path / "out", "--learn-repeats", "--stats")
    assert "21 cleaned" in run(*words).output
    kept = (tmp_path / "out" / ".cleaner" / "repeats.npz").stat().st_mtime_ns
    assert "0 cleaned, 21 as before" in run(*words).output
    assert (tmp_path / "out" / ".cleaner" / "repeats.npz").stat().st_mtime_ns == kept


def test_another_file_changes_the_counts_and_so_all(crawl: Path, tmp_path: Path) -> None:
    words = ("clean", crawl, "-o", tmp_path / "out", "--learn-repeats", "--stats")
    run(*words)
    (crawl / "more.txt").write_text(page(99), encoding="utf-8")
    again = run(*words)
    assert "has changed: repeats" in again.output
    assert "22 cleaned" in again.output


def test_a_file_that_cannot_be_read_is_told_of_and_the_rest_counted(
    crawl: Path, tmp_path: Path
) -> None:
    (crawl / "bad.jsonl.gz").write_bytes(b"\x1f\x8b broken")
    found = run("repeats", crawl, "-o", tmp_path / "counts.npz")
    assert found.exit_code == 1
    assert "bad.jsonl.gz" in found.output
    assert Counts.load(tmp_path / "counts.npz").documents == 60


def test_a_filter_takes_counts_but_learns_none(crawl: Path, tmp_path: Path) -> None:
    counts = tmp_path / "counts.npz"
    run("repeats", crawl, "-o", counts)
    words = ("clean", "--format", "jsonl", "--annotate")
    line = json.dumps({"url": "https://lantern.example/7", "text": page(7)}) + "\n"

    def score(*more: object) -> float:
        found = CliRunner().invoke(main, [*words, *map(str, more)], input=line)
        return float(json.loads(found.stdout)["cleaner"]["score"])

    assert score("--repeats", counts) < score()
    learning = CliRunner().invoke(main, [*words, "--learn-repeats"], input=line)
    assert learning.exit_code == 2
    assert "--output" in learning.output


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("--repeats", "none.npz"), 1, "none.npz"),
        (("--repeats", "none.npz", "--learn-repeats"), 2, "leave out"),
    ],
)
def test_wrong_words(
    crawl: Path, tmp_path: Path, words: tuple[str, ...], code: int, complaint: str
) -> None:
    found = run("clean", crawl, "-o", tmp_path / "out", *words)
    assert found.exit_code == code
    assert complaint in found.output


def test_files_called_alike_in_two_folders_are_counted(tmp_path: Path) -> None:
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.txt").write_text(page(1), encoding="utf-8")
    counts = tmp_path / "counts.npz"
    found = run("repeats", tmp_path / "monday", tmp_path / "tuesday", "-o", counts)
    assert found.exit_code == 0, found.output
    assert Counts.load(counts).documents == 2
