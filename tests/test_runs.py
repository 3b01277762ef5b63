"""Runs over many files: what is skipped, what is done again, and what is told."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import subprocess
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner
from cleaner.formats.choosing import kind, opened
from cleaner.formats.record import Cut, Layout
from cleaner.repeats import Counts
from cleaner.runs.judged import Piece, judged
from cleaner.runs.settings import Settings
from tests.commands import tree

#: Small enough that the shards below are several blocks.
BLOCK = 8000


def line(text: str, **more: object) -> bytes:
    return json.dumps({"text": text, **more}).encode() + b"\n"


def corpus(folder: Path, texts: Any) -> Path:
    """Texts and shards, small ones and such of several blocks."""
    (folder / "sub").mkdir(parents=True)
    for number in range(6):
        (folder / f"{number}.txt").write_text(texts.page + f"{number}\n", encoding="utf-8")
    shard = b"".join(line(texts.page, id=number) for number in range(24))
    (folder / "big.jsonl").write_bytes(shard)
    (folder / "sub" / "big.jsonl.gz").write_bytes(os.urandom(0) + gzip.compress(shard, 0))
    (folder / "sub" / "small.jsonl").write_bytes(line(texts.article))
    return folder


@pytest.fixture
def source(texts: Any, tmp_path: Path) -> Path:
    return corpus(tmp_path / "in", texts)


@pytest.fixture
def clean(invoke: Any, source: Path, tmp_path: Path) -> Callable[..., Any]:
    """The corpus to `out`, with small blocks, and a summary on standard error."""

    def call(*words: object) -> Any:
        return invoke(
            "clean", source, "-o", tmp_path / "out", "--block-size", BLOCK, "--stats", *words
        )

    return call


def files(result: Any) -> tuple[int, ...]:
    """How many files were cleaned, as before, failed."""
    found = re.search(r"files +(\d+) cleaned, (\d+) as before, (\d+) failed", result.stderr)
    assert found, result.stderr
    return tuple(map(int, found.groups()))


def test_any_number_of_workers_gives_the_same_bytes(clean: Any, texts: Any, tmp_path: Path) -> None:
    seen = []
    for workers in (1, 2, 3):
        rejects, page = tmp_path / f"{workers}.jsonl", tmp_path / f"{workers}.html"
        words = ["--rejects", rejects, "--sample", 9, "--sample-page", page]
        result = clean("--workers", workers, "--force", *words)
        assert (result.exit_code, files(result)) == (0, (9, 0, 0))
        seen.append((tree(tmp_path / "out"), rejects.read_bytes(), page.read_bytes()))
    assert seen[0] == seen[1] == seen[2]
    out = seen[0][0]
    shard = b"".join(line(texts.body, id=number) for number in range(24))
    assert out["big.jsonl"] == gzip.decompress(out["sub/big.jsonl.gz"]) == shard
    assert out["3.txt"].decode() == Cleaner().clean(texts.page + "3\n")


def test_a_second_run_skips_what_agrees(clean: Any, source: Path, tmp_path: Path) -> None:
    assert files(clean()) == (9, 0, 0)
    before = tree(tmp_path / "out")
    stats = clean()
    assert (stats.exit_code, files(stats)) == (0, (0, 9, 0))
    assert "documents  55" in stats.stderr  # of the corpus, not of the run alone
    (source / "0.txt").write_text("Another text of which nothing is to go.\n", encoding="utf-8")
    (source / "new.txt").write_text("", encoding="utf-8")
    assert files(clean()) == (2, 8, 0)
    assert tree(tmp_path / "out") != before
    assert files(clean("--force")) == (10, 0, 0)


def test_a_file_that_was_only_touched_is_as_before(clean: Any, source: Path) -> None:
    clean()
    for path in source.glob("*.*"):
        os.utime(path, (1, 1))
    assert files(clean()) == (0, 9, 0)


def test_an_output_that_is_gone_is_made_again(clean: Any, tmp_path: Path) -> None:
    clean()
    before = tree(tmp_path / "out")
    (tmp_path / "out" / "big.jsonl").unlink()
    (tmp_path / "out" / "1.txt").write_text("cut sho", encoding="utf-8")
    result = clean()
    assert files(result) == (2, 7, 0)
    assert "the output; 2 files are done again" in result.stderr
    assert tree(tmp_path / "out") == before


def test_what_changes_outputs_is_said_and_done_again(clean: Any, strict_model: Path) -> None:
    clean()
    result = clean("--mode", "thorough")
    assert files(result) == (9, 0, 0)
    assert (
        "since the last run has changed: mode (balanced, now thorough); 9 files are done again"
        in result.stderr
    )
    result = clean("--mode", "thorough", "--model", strict_model)
    assert files(result) == (9, 0, 0)
    assert "changed: model; 9 files" in result.stderr
    assert files(clean("--mode", "thorough", "--model", strict_model, "--workers", 2)) == (0, 9, 0)


def test_rejects_of_what_was_done_before(clean: Any, source: Path, tmp_path: Path) -> None:
    """They are told again whole, with those of new files in their places."""
    rejects = tmp_path / "rejects.jsonl"
    clean("--rejects", rejects)
    whole = rejects.read_bytes()
    for path in (source / "1.txt", source / "big.jsonl"):
        (tmp_path / "out" / path.name).unlink()
    rejects.unlink()
    assert files(clean("--rejects", rejects)) == (2, 7, 0)
    assert rejects.read_bytes() == whole
    # Without them nothing more is kept than is needed.
    state = tmp_path / "out" / ".cleaner"
    assert len(list((state / "rejects").iterdir())) <= 9
    assert list((state / "parts").iterdir()) == []


def test_a_failed_file_is_tried_again(clean: Any, source: Path, tmp_path: Path) -> None:
    bad = source / "sub" / "big.jsonl.gz"
    data = bad.read_bytes()
    bad.write_bytes(data[:-9])
    result = clean()
    assert (result.exit_code, files(result)) == (1, (8, 0, 1))
    assert f"cleaner: {bad}: compressed data is damaged or cut short" in result.stderr
    assert not (tmp_path / "out" / "sub" / "big.jsonl.gz").exists()
    bad.write_bytes(data)
    result = clean()
    assert (result.exit_code, files(result)) == (0, (1, 8, 0))


def test_a_torn_manifest_costs_one_row(clean: Any, tmp_path: Path) -> None:
    clean()
    path = tmp_path / "out" / ".cleaner" / "manifest.jsonl"
    data = path.read_bytes()
    for torn in (data[:-1], data[:-30], b"\0\0\n" + data, data + b'{"output"'):
        path.write_bytes(torn)
        done, skipped, failed = files(clean())
        assert (done + skipped, failed) == (9, 0)
        assert done <= 1
        assert files(clean()) == (0, 9, 0)
        path.write_bytes(data)


def test_the_report(clean: Any, source: Path, texts: Any, tmp_path: Path) -> None:
    (source / "bad.jsonl").write_bytes(b"no\n" + line(texts.page))
    (source / "zeros.txt").write_bytes(bytes(500))
    report = tmp_path / "report.json"
    result = clean("--report", report, "--sample", 5)
    assert result.exit_code == 1
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["documents"] == 56
    assert told["files"] == {"cleaned": 10, "as_before": 0, "failed": 1}
    assert told["failures"]["count"] == 2
    assert [line.partition(": ")[2] for line in result.stderr.splitlines() if "cleaner: " in line]
    assert "bad.jsonl: line 1" in told["failures"]["told"][0]
    assert "zeros.txt: looks like a binary file" in told["failures"]["told"][1]
    assert told["slowest"][0]["seconds"] >= told["slowest"][-1]["seconds"]
    stripped = sum(entry["lines"] for entry in told["stripped"].values())
    assert stripped == told["lines"]["read"] - told["lines"]["kept"] > 1000
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<article>") == 5
    assert f"5 of {stripped} stripped lines" in page


def test_a_sample_depends_on_its_seed_alone(clean: Any, tmp_path: Path) -> None:
    pages = []
    for number, seed in enumerate((1, 1, 2)):
        page = tmp_path / f"{number}.html"
        clean("--sample", 7, "--seed", seed, "--sample-page", page)
        pages.append(page.read_bytes())
    assert pages[0] == pages[1] != pages[2]


def test_a_sample_needs_a_page(clean: Any) -> None:
    result = clean("--sample", 7)
    assert result.exit_code == 2
    assert "--sample-page" in result.stderr


def test_a_page_shows_what_it_is_given_as_text(
    invoke: Any, strict_model: Path, tmp_path: Path
) -> None:
    page = tmp_path / "sample.html"
    words = ["--model", strict_model, "--sample", 3, "--sample-page", page]
    data = b"<script>alert(1)</script>\n\xff stray\n"
    assert invoke("clean", *words, stdin=data).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_patterns(invoke: Any, source: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(source)
    assert invoke("clean", "[0-2].txt", "**/*.jsonl", "-o", tmp_path / "out").exit_code == 0
    assert set(tree(tmp_path / "out")) == {
        "0.txt", "1.txt", "2.txt", "big.jsonl", "sub/small.jsonl"
    }  # fmt: skip
    result = invoke("clean", "*.none", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr == "cleaner: *.none: no file is called so\n"
    (source / "[0].txt").write_text("A file of that very name.\n", encoding="utf-8")
    assert invoke("clean", "[0].txt").stdout == "A file of that very name.\n"


def test_one_shard_to_one_file_leaves_nothing_else(
    invoke: Any, source: Path, texts: Any, tmp_path: Path
) -> None:
    target = tmp_path / "new" / "clean.jsonl"
    words = ["-o", target, "--block-size", BLOCK, "--workers", 2]
    result = invoke("clean", source / "sub" / "big.jsonl.gz", *words)
    assert (result.exit_code, result.output) == (0, "")
    assert target.read_bytes() == b"".join(line(texts.body, id=n) for n in range(24))
    assert [path.name for path in target.parent.iterdir()] == ["clean.jsonl"]


def test_a_state_elsewhere(clean: Any, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert files(clean("--state", state)) == (9, 0, 0)
    assert not (tmp_path / "out" / ".cleaner").exists()
    assert files(clean("--state", state)) == (0, 9, 0)
    assert files(clean()) == (9, 0, 0)


def test_files_beside_the_outputs_are_no_inputs_nor_outputs(clean: Any, source: Path) -> None:
    for option in ("--rejects", "--report", "--sample-page"):
        page = ["--sample", 1] if option == "--sample-page" else []
        result = clean(option, source / "0.txt", *page)
        assert result.exit_code == 2
        assert "over an input" in result.stderr
    result = clean("--rejects", source.parent / "x", "--report", source.parent / "x")
    assert result.exit_code == 2


def test_a_new_users_folder(invoke: Any, texts: Any, tmp_path: Path) -> None:
    """Nothing but what the help's first lines say."""
    source = tmp_path / "shards"
    source.mkdir()
    for number in range(3):
        data = gzip.compress(line(texts.page) * 5)
        (source / f"part-{number}.jsonl.gz").write_bytes(data)
    result = invoke("clean", source, "--output", tmp_path / "cleaned")
    assert (result.exit_code, result.output) == (0, "")
    for path in (tmp_path / "cleaned").glob("*.gz"):
        assert gzip.decompress(path.read_bytes()) == line(texts.body) * 5


# --- progress


def on_a_terminal(words: list[str], env: dict[str, str]) -> str:
    """What the command says on standard error, when that is a terminal."""
    leader, follower = pty.openpty()
    with subprocess.Popen(words, env=env, stderr=follower) as process:
        os.close(follower)
        said = b""
        while True:
            try:
                data = os.read(leader, 1 << 16)
            except OSError:
                break
            if not data:
                break
            said += data
        process.wait(60)
    os.close(leader)
    assert process.returncode == 0
    return said.decode()


def test_progress_is_shown_on_a_terminal_only(
    command: list[str], env: dict[str, str], run: Any, source: Path, tmp_path: Path
) -> None:
    words = ["clean", str(source), "-o", str(tmp_path / "out"), "--block-size", str(BLOCK)]
    said = on_a_terminal([*command, *words], env)
    assert re.search(r"\[[#-]+\] +\d+%  \d+ documents  [\d.]+ MB/s  [\d.]+% stripped", said)
    assert said.rstrip(" ").endswith("\r")  # the line is wiped
    assert on_a_terminal([*command, *words, "--force", "--no-progress"], env) == ""
    done = run(*words, "--force")
    assert (done.returncode, done.stderr) == (0, b"")
    done = run(*words, "--force", "--progress")
    assert b"documents" in done.stderr


class _Text(str):
    """A text of which one can ask whether it is still held."""


@pytest.mark.parametrize("counts", [None, Counts()])
def test_texts_that_are_done_are_let_go(counts: Counts | None) -> None:
    format_ = opened(kind("a.jsonl"), Layout(), "a.jsonl")
    held: weakref.WeakSet[_Text] = weakref.WeakSet()

    def pieces() -> Iterator[Piece]:
        for number in range(1, 3000):
            text = _Text(f"The ferry left at {number}.")
            held.add(text)
            line = json.dumps({"text": text}).encode() + b"\n"
            records = format_.records(Cut(line, number))
            records[0].text = text
            yield Piece(format_, Cut(line, number), records, "a.jsonl", "b.jsonl")

    most = max(len(held) for _ in judged({"text": Cleaner(repeats=counts)}, Settings(), pieces()))
    assert most < 1000
