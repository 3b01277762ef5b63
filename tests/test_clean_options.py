"""The options of `cleaner clean`: modes, categories, rejects, figures, encodings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner
from cleaner.document import STRIPPED_CATEGORIES
from tests.commands import MODES, scraped, tree


@pytest.mark.parametrize("mode", MODES)
def test_modes(invoke: Any, texts: Any, mode: str) -> None:
    result = invoke("clean", "--mode", mode, stdin=texts.page)
    assert result.exit_code == 0
    assert result.stdout == Cleaner(mode=mode).clean(texts.page)
    assert all(paragraph in result.stdout for paragraph in texts.paragraphs)


def test_balanced_is_the_default(invoke: Any, texts: Any) -> None:
    for text in (texts.page, texts.contents, texts.links[0]):
        balanced = invoke("clean", "--mode", "balanced", stdin=text)
        assert invoke("clean", stdin=text).stdout == balanced.stdout


def test_keep_is_repeatable(invoke: Any, texts: Any) -> None:
    one = invoke("clean", "--keep", "link_list", stdin=texts.page).stdout
    assert one == Cleaner(keep=("link_list",)).clean(texts.page) != texts.body
    words = [word for name in STRIPPED_CATEGORIES for word in ("--keep", name)]
    assert invoke("clean", *words, stdin=texts.page).stdout == texts.page


@pytest.mark.parametrize("which", ["clean", "inspect", "evaluate"])
@pytest.mark.parametrize("option", ["--mode", "--keep"])
def test_an_unknown_choice_is_wrong_usage(
    invoke: Any, tiny_data: Path, which: str, option: str
) -> None:
    result = invoke(which, option, "nonsense", tiny_data)
    assert result.exit_code == 2
    assert "nonsense" in result.stderr
    assert ("thorough" if option == "--mode" else "link_list") in result.stderr


def test_rejects_tell_all_that_was_stripped(
    invoke: Any, texts: Any, page: Path, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "rejects.jsonl"
    result = invoke("clean", page, "--rejects", path)
    assert (result.exit_code, result.stdout, result.stderr) == (0, texts.body, "")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [record["text"] for record in records] == list(texts.spam)
    for record in records:
        assert record["document"] == str(page)
        assert texts.page[record["start"] : record["end"]] == record["text"]
        assert record["category"] in STRIPPED_CATEGORIES
        assert 0 <= record["score"] < 0.5
    assert tree(path.parent).keys() == {"rejects.jsonl"}


def test_rejects_and_body_make_up_the_input(invoke: Any, texts: Any, tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    body = invoke("clean", "--rejects", path, stdin=texts.page.encode()).stdout
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert {record["document"] for record in records} == {"-"}
    lines = body.split() + [word for record in records for word in record["text"].split()]
    assert sorted(lines) == sorted(texts.page.split())


def test_rejects_of_nothing_are_an_empty_file(invoke: Any, texts: Any, tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    path.write_text("of yesterday\n", encoding="utf-8")
    assert invoke("clean", "--rejects", path, stdin=texts.article).stdout == texts.article
    assert path.read_bytes() == b""


def test_rejects_of_a_folder_name_each_document(invoke: Any, texts: Any, tmp_path: Path) -> None:
    source, path = scraped(tmp_path / "in", texts), tmp_path / "rejects.jsonl"
    invoke("clean", source, "--output", tmp_path / "out", "--rejects", path)
    documents = [json.loads(line)["document"] for line in path.read_text().splitlines()]
    for name in ("one.txt", "sub/deeper/three.text"):
        assert documents.count(str(source / name)) == len(texts.spam)


def test_rejects_may_hold_any_text(invoke: Any, strict_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    data = 'sub\x85scribe \u2028 \x0b now "é" \x00'.encode() + b" \xff\xfe\nnext\n"
    result = invoke("clean", "--model", strict_model, "--rejects", path, stdin=data)
    assert result.exit_code == 0
    lines = path.read_bytes().rstrip(b"\n").split(b"\n")
    assert len(lines) == 2
    text = json.loads(lines[0])["text"]
    assert text.encode("utf-8", "surrogateescape") == data.splitlines()[0]


def test_stats_count_what_went_and_stayed(invoke: Any, texts: Any) -> None:
    result = invoke("clean", "--stats", stdin=texts.page)
    assert result.stdout == texts.body
    fragments = Cleaner().inspect(texts.page)
    kept = sum(f.end - f.start for f in fragments if f.keep)
    gone = sum(f.end - f.start for f in fragments if not f.keep)
    lines = {" ".join(line.split()) for line in result.stderr.splitlines()}
    assert f"read {len(fragments)} lines, {kept + gone} characters" in lines
    share = f"{kept / (kept + gone):.1%}"
    assert f"kept {len(texts.paragraphs)} lines, {kept} characters ({share})" in lines
    assert f"stripped {len(texts.spam)} lines, {gone} characters" in lines
    for category in {f.category for f in fragments if not f.keep}:
        some = [f for f in fragments if f.category == category]
        size = sum(f.end - f.start for f in some)
        assert f"{category} {len(some)} lines, {size} characters" in lines


def test_stats_of_nothing(invoke: Any) -> None:
    result = invoke("clean", "--stats", stdin=b"")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "0 lines, 0 characters" in result.stderr


def test_stats_of_a_folder_add_up(invoke: Any, texts: Any, tmp_path: Path) -> None:
    source = scraped(tmp_path / "in", texts)
    result = invoke("clean", source, "--output", tmp_path / "out", "--stats")
    assert result.stdout == ""
    assert "documents  5" in result.stderr
    alone = Cleaner()
    count = sum(
        len(alone.inspect(text)) for text in (texts.page, texts.article, texts.page, texts.contents)
    )
    assert f"{count} lines" in result.stderr


def test_an_emptied_document_is_not_emptied_silently(
    invoke: Any, strict_model: Path, page: Path
) -> None:
    result = invoke("clean", page, "--model", strict_model, "--stats")
    assert (result.exit_code, result.stdout) == (0, "")
    told = [line for line in result.stderr.splitlines() if line.startswith(str(page))]
    assert len(told) == 1
    assert "nothing" in told[0]


def test_a_document_of_which_something_stays_is_not_called_empty(
    invoke: Any, strict_model: Path, page: Path
) -> None:
    shown = invoke("inspect", "--json", "--model", strict_model, page).stdout
    named = [json.loads(line)["category"] for line in shown.splitlines()]
    kept = next(category for category in named if category != named[0])
    result = invoke("clean", page, "--model", strict_model, "--stats", "--keep", kept)
    assert result.stdout != ""
    assert "nothing is left" not in result.stderr
