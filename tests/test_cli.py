"""The command: every command, option, error and exit code, as a user types them."""

from __future__ import annotations

import codecs
import copy
import gzip
import json
import os
import pickle
import pty
import re
import shlex
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cleaner import Cleaner, __version__
from cleaner.document import CATEGORIES, STRIPPED_CATEGORIES

COMMANDS = ("clean", "restore", "inspect", "train", "evaluate")
MODES = ("gentle", "balanced", "thorough")


@pytest.fixture
def page(texts: Any, tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_bytes(texts.page.encode())
    return path


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below the folder by its relative path, hidden ones too, but for runs' state."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".cleaner" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# --- clean as a filter


def test_filter_from_stdin_to_stdout(run: Any, texts: Any) -> None:
    done = run("clean", stdin=texts.page.encode())
    assert done.stdout == texts.body.encode()
    assert done.stderr == b""
    assert done.returncode == 0


def test_a_dash_is_stdin(invoke: Any, texts: Any) -> None:
    assert invoke("clean", "-", stdin=texts.page).output == texts.body


def test_empty_input_gives_empty_output(run: Any) -> None:
    done = run("clean", stdin=b"")
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("end", ["", "end"])
def test_an_article_comes_out_byte_for_byte(
    invoke: Any, texts: Any, newline: str, mark: bytes, end: str
) -> None:
    data = mark + (texts.article if end else texts.article.strip()).replace("\n", newline).encode()
    assert invoke("clean", stdin=data).stdout_bytes == data


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_line_ends_and_mark_are_those_of_the_input(
    invoke: Any, texts: Any, newline: str, mark: bytes
) -> None:
    data = mark + texts.page.replace("\n", newline).encode()
    body = mark + texts.body.replace("\n", newline).encode()
    assert invoke("clean", stdin=data).stdout_bytes == body


def test_mixed_line_ends_stay_where_they_are(invoke: Any, texts: Any) -> None:
    one, two, three, four = texts.paragraphs
    data = f"{one}\r\n{two}\r{three}\n\r\n\r\n{four}".encode()
    assert invoke("clean", stdin=data).stdout_bytes == data


def test_a_lone_byte_order_mark_comes_out_as_it_went_in(invoke: Any) -> None:
    assert invoke("clean", stdin=codecs.BOM_UTF8).stdout_bytes == codecs.BOM_UTF8


@pytest.mark.parametrize(
    ("name", "codec", "mark"),
    [
        ("utf-8", "utf-8", b""),
        ("UTF8", "utf-8", codecs.BOM_UTF8),
        ("utf-8-sig", "utf-8", codecs.BOM_UTF8),
        ("utf-8-sig", "utf-8", b""),
        ("utf-16", "utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16", "utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16", "utf-16-le", b""),
        ("utf-16-le", "utf-16-le", b""),
        ("utf-16-be", "utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32", "utf-32-be", codecs.BOM_UTF32_BE),
        ("utf-32", "utf-32-le", codecs.BOM_UTF32_LE),
        ("cp1252", "cp1252", b""),
        ("windows-1252", "cp1252", b""),
        ("latin-1", "latin-1", b""),
        ("mac-roman", "mac-roman", b""),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings(
    invoke: Any, texts: Any, name: str, codec: str, mark: bytes, newline: str
) -> None:
    def encoded(text: str) -> bytes:
        text = text.replace("harbour", "café naïve").replace("\n", newline)
        return mark + text.encode(codec)

    result = invoke("clean", "--encoding", name, stdin=encoded(texts.page))
    assert result.exit_code == 0
    assert result.stdout_bytes == encoded(texts.body)
    article = encoded(texts.article)
    assert invoke("clean", "--encoding", name, stdin=article).stdout_bytes == article


@pytest.mark.parametrize("name", ["utf-8", "utf-16", "utf-32", "cp1252", "utf-16-be"])
def test_empty_input_is_empty_in_every_encoding(invoke: Any, name: str) -> None:
    result = invoke("clean", "--encoding", name, stdin=b"")
    assert (result.exit_code, result.stdout_bytes) == (0, b"")


def test_bytes_that_the_encoding_lacks_survive(invoke: Any, texts: Any) -> None:
    data = texts.article.encode().replace(b"harbour", b"harb\x81\x8dour")
    assert invoke("clean", "--encoding", "cp1252", stdin=data).stdout_bytes == data


@pytest.mark.parametrize("name", ["nonsense", "hex", "rot13", "base64", "", "undefined", "idna"])
@pytest.mark.parametrize("which", ["clean", "inspect"])
def test_what_is_no_text_encoding_is_wrong_usage(invoke: Any, name: str, which: str) -> None:
    result = invoke(which, "--encoding", name, stdin=b"some text\n")
    assert result.exit_code == 2
    assert repr(name) in result.stderr
    assert result.stdout == ""


def test_a_wrong_wide_encoding_is_told(invoke: Any) -> None:
    result = invoke("clean", "--encoding", "utf-16", stdin=b"odd")
    assert result.exit_code == 1
    assert result.stderr.startswith("cleaner: standard input: not utf-16")
    assert result.stdout == ""


def piped(command: list[str], arguments: str, env: dict[str, str]) -> tuple[bytes, bytes]:
    """What the command writes into a pipe that is closed after one byte, and its errors."""
    line = f'{shlex.join(command)} {arguments} | head -c1; echo " ${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", line], env=env, capture_output=True, timeout=60, check=True
    )
    return done.stdout, done.stderr


@pytest.mark.parametrize("which", ["clean", "inspect", "inspect --json", "clean --stats"])
def test_a_closed_pipe_is_no_traceback(
    command: list[str], env: dict[str, str], texts: Any, tmp_path: Path, which: str
) -> None:
    path = tmp_path / "long.txt"
    path.write_text(texts.article * 500, encoding="utf-8")
    out, err = piped(command, f"{which} {path}", env)
    assert re.fullmatch(rb". (0|141)\n", out)
    assert b"Traceback" not in err
    assert b"rror" not in err


def test_a_closed_pipe_is_no_traceback_in_evaluate(
    command: list[str], env: dict[str, str], tiny_data: Path
) -> None:
    out, err = piped(command, f"evaluate --split all {tiny_data}", env)
    assert re.fullmatch(rb"s (0|141)\n", out)
    assert err == b""


def test_in_the_middle_of_a_pipe(
    command: list[str], env: dict[str, str], texts: Any, page: Path
) -> None:
    line = f"cat {page} | {shlex.join(command)} clean | {shlex.join(command)} clean | cat"
    done = subprocess.run(
        ["bash", "-c", line], env=env, capture_output=True, timeout=60, check=True
    )
    assert done.stdout == texts.body.encode()
    assert done.stderr == b""


# --- clean with files


def test_one_file_to_stdout(invoke: Any, texts: Any, page: Path) -> None:
    result = invoke("clean", page)
    assert (result.exit_code, result.stdout, result.stderr) == (0, texts.body, "")
    assert page.read_text(encoding="utf-8") == texts.page


def test_one_file_to_a_file(invoke: Any, texts: Any, page: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "deep" / "body.txt"
    result = invoke("clean", page, "--output", target)
    assert (result.exit_code, result.output) == (0, "")
    assert target.read_text(encoding="utf-8") == texts.body
    assert tree(target.parent) == {"body.txt": texts.body.encode()}


def test_an_older_output_is_replaced(invoke: Any, texts: Any, page: Path, tmp_path: Path) -> None:
    target = tmp_path / "body.txt"
    target.write_text("of yesterday, and longer\n" * 1000, encoding="utf-8")
    assert invoke("clean", page, "-o", target).exit_code == 0
    assert target.read_text(encoding="utf-8") == texts.body


def test_stdin_to_a_file(invoke: Any, texts: Any, tmp_path: Path) -> None:
    for number, words in enumerate(([], ["-"])):
        target = tmp_path / f"{number}.txt"
        assert invoke("clean", *words, "--output", target, stdin=texts.page).output == ""
        assert target.read_text(encoding="utf-8") == texts.body


def test_one_file_into_a_folder_that_is_there(
    invoke: Any, texts: Any, page: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert invoke("clean", page, "--output", folder).exit_code == 0
    assert tree(folder) == {"page.txt": texts.body.encode()}


def test_one_file_into_a_folder_named_with_a_slash(
    invoke: Any, texts: Any, page: Path, tmp_path: Path
) -> None:
    assert invoke("clean", page, "--output", f"{tmp_path}/out/").exit_code == 0
    out = tmp_path / "out"
    assert (out.read_bytes() if out.is_file() else tree(out)["page.txt"]) == texts.body.encode()


def test_several_files_keep_their_relative_paths(
    invoke: Any, texts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a/same.txt", "b/same.txt", "top.txt"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(texts.page, encoding="utf-8")
    result = invoke("clean", "a/same.txt", "b/same.txt", "top.txt", "--output", "out")
    assert result.exit_code == 0
    assert set(tree(Path("out"))) == {"a/same.txt", "b/same.txt", "top.txt"}
    assert set(tree(Path("out")).values()) == {texts.body.encode()}


def scraped(folder: Path, texts: Any) -> Path:
    """A folder of inputs: nested, empty, spammy, clean, and hidden files that are not inputs."""
    files = {
        "one.txt": texts.page,
        "sub/two.txt": texts.article,
        "sub/deeper/three.text": texts.page,
        "empty.txt": "",
        "no suffix": texts.contents,
        ".hidden": texts.page,
        ".git/config": texts.page,
        "sub/.DS_Store": texts.page,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def test_a_folder_to_a_folder(invoke: Any, texts: Any, tmp_path: Path) -> None:
    source, out = scraped(tmp_path / "in", texts), tmp_path / "out"
    before = tree(source)
    result = invoke("clean", source, "--output", out)
    assert (result.exit_code, result.output) == (0, "")
    assert tree(source) == before
    found = tree(out)
    assert set(found) == {name for name in before if "/." not in f"/{name}"}
    assert found["one.txt"] == found["sub/deeper/three.text"] == texts.body.encode()
    assert found["sub/two.txt"] == texts.article.encode()
    assert found["empty.txt"] == b""


def test_a_folder_again_gives_the_same(invoke: Any, texts: Any, tmp_path: Path) -> None:
    source, out = scraped(tmp_path / "in", texts), tmp_path / "out"
    invoke("clean", source, "--output", out)
    first = tree(out)
    assert invoke("clean", source, "--output", out).exit_code == 0
    assert tree(out) == first


def test_outputs_below_the_input_folder_are_no_inputs(
    invoke: Any, texts: Any, tmp_path: Path
) -> None:
    source = scraped(tmp_path / "in", texts)
    for _ in range(2):
        assert invoke("clean", source, "--output", source / "out").exit_code == 0
    assert set(tree(source / "out")) == {
        "one.txt", "sub/two.txt", "sub/deeper/three.text", "empty.txt", "no suffix"
    }  # fmt: skip


def test_a_folder_and_a_file(invoke: Any, texts: Any, page: Path, tmp_path: Path) -> None:
    source, out = scraped(tmp_path / "in", texts), tmp_path / "out"
    assert invoke("clean", source, page, "--output", out).exit_code == 0
    assert {"one.txt", "page.txt", "sub/two.txt"} <= set(tree(out))


def test_an_empty_folder_is_all_well(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert invoke("clean", tmp_path / "in", "--output", tmp_path / "out").exit_code == 0


def test_encoding_holds_for_files(invoke: Any, texts: Any, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "wide.txt").write_bytes(texts.page.encode("utf-16"))
    result = invoke("clean", source, "--output", tmp_path / "out", "--encoding", "utf-16")
    assert result.exit_code == 0
    assert (tmp_path / "out/wide.txt").read_bytes() == texts.body.encode("utf-16")


def test_several_inputs_need_an_output(invoke: Any, page: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("A line.\n", encoding="utf-8")
    for paths in ((page, other), (tmp_path,), (tmp_path, page)):
        result = invoke("clean", *paths)
        assert result.exit_code == 2
        assert "--output" in result.stderr
        assert result.stdout == ""


@pytest.mark.parametrize(
    "way", ["itself", "dotted", "symlink", "folder", "rejects", "stdin rejects"]
)
def test_never_over_an_input_file(
    invoke: Any, texts: Any, page: Path, tmp_path: Path, way: str
) -> None:
    link = tmp_path / "link.txt"
    link.symlink_to(page)
    words = {
        "itself": [page, "--output", page],
        "dotted": [page, "--output", tmp_path / "sub" / ".." / "page.txt"],
        "symlink": [page, "--output", link],
        "folder": [page, "--output", tmp_path],
        "rejects": [page, "--rejects", page],
        "stdin rejects": [link, "--rejects", page],
    }[way]
    (tmp_path / "sub").mkdir()
    result = invoke("clean", *words)
    assert result.exit_code == 2
    assert "over an input" in result.stderr
    assert page.read_text(encoding="utf-8") == texts.page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.txt", "page.txt", "sub"]


@pytest.mark.parametrize("way", ["itself", "symlink", "dotted", "parent of a file"])
def test_never_over_an_input_below_a_folder(
    invoke: Any, texts: Any, tmp_path: Path, way: str
) -> None:
    source = scraped(tmp_path / "in", texts)
    before = tree(source)
    link = tmp_path / "link"
    link.symlink_to(source)
    words = {
        "itself": [source, "--output", source],
        "symlink": [source, "--output", link],
        "dotted": [source, "--output", source / "sub" / ".."],
        "parent of a file": [source / "one.txt", "--output", link],
    }[way]
    result = invoke("clean", *words)
    assert result.exit_code == 2
    assert "over an input" in result.stderr
    assert tree(source) == before


def test_an_output_that_is_a_link_to_an_input_spares_it(
    invoke: Any, texts: Any, tmp_path: Path
) -> None:
    source, out = scraped(tmp_path / "in", texts), tmp_path / "out"
    out.mkdir()
    (out / "sub").symlink_to(source / "sub")
    before = tree(source)
    result = invoke("clean", source, "--output", out)
    assert result.exit_code == 2
    assert tree(source) == before


def test_rejects_never_over_an_input_below_a_folder(
    invoke: Any, texts: Any, tmp_path: Path
) -> None:
    source = scraped(tmp_path / "in", texts)
    before = tree(source)
    result = invoke(
        "clean", source, "--output", tmp_path / "out", "--rejects", source / "sub" / "two.txt"
    )
    assert tree(source) == before
    assert result.exit_code == 2


def test_rejects_never_over_an_output(invoke: Any, texts: Any, page: Path, tmp_path: Path) -> None:
    target = tmp_path / "body.txt"
    result = invoke("clean", page, "--output", target, "--rejects", target)
    assert result.exit_code == 2
    assert not target.exists() or target.read_text(encoding="utf-8") == texts.body


def test_stdin_redirected_from_the_output_is_spared(run: Any, texts: Any, page: Path) -> None:
    with page.open("rb") as file:
        done = run("clean", "--output", page, stdin_file=file)
    assert done.returncode == 2
    assert page.read_text(encoding="utf-8") == texts.page


def test_two_inputs_for_one_output_are_told(invoke: Any, texts: Any, tmp_path: Path) -> None:
    one, two = scraped(tmp_path / "a", texts), scraped(tmp_path / "b", texts)
    for paths in ((one, two), (one / "one.txt", two / "one.txt"), (one, one)):
        result = invoke("clean", *paths, "--output", tmp_path / "out")
        assert result.exit_code == 2
        assert "both" in result.stderr
        assert not (tmp_path / "out").exists()


def test_a_missing_file_is_named(invoke: Any, tmp_path: Path) -> None:
    result = invoke("clean", tmp_path / "nowhere.txt")
    assert result.exit_code == 1
    assert result.stderr == f"cleaner: {tmp_path}/nowhere.txt: No such file or directory\n"


def test_a_failed_file_costs_itself_alone(
    invoke: Any, texts: Any, page: Path, tmp_path: Path
) -> None:
    wide, gone, other = tmp_path / "wide.txt", tmp_path / "gone.txt", tmp_path / "other.txt"
    wide.write_bytes(texts.page.encode("utf-16"))
    other.write_text(texts.page, encoding="utf-8")
    out, rejects = tmp_path / "out", tmp_path / "rejects.jsonl"
    words = [gone, page, wide, other, "--output", out, "--rejects", rejects, "--stats"]
    result = invoke("clean", *words)
    assert result.exit_code == 1
    named = [line for line in result.stderr.splitlines() if line.startswith("cleaner: ")]
    assert [str(gone) in named[0], str(wide) in named[1], len(named)] == [True, True, 2]
    assert tree(out) == {"page.txt": texts.body.encode(), "other.txt": texts.body.encode()}
    documents = {json.loads(line)["document"] for line in rejects.read_text().splitlines()}
    assert documents == {str(page), str(other)}
    assert "documents  2" in result.stderr


# --- options of clean


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


# --- inspect


def test_inspect_shows_every_fragment(invoke: Any, texts: Any, page: Path) -> None:
    result = invoke("inspect", page)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    fragments = Cleaner().inspect(texts.page)
    assert len(lines) == len(fragments)
    for line, fragment in zip(lines, fragments, strict=True):
        mark, score, category, text = line.split(maxsplit=3)
        assert mark == ("+" if fragment.keep else "-")
        assert score == f"{fragment.score:.3f}"
        assert category == fragment.category
        assert text == fragment.text


def test_inspect_reads_stdin(invoke: Any, texts: Any, page: Path) -> None:
    plain = invoke("inspect", page).stdout
    assert invoke("inspect", stdin=texts.page).stdout == plain
    assert invoke("inspect", "-", stdin=texts.page).stdout == plain


def test_inspect_of_nothing_is_nothing(invoke: Any) -> None:
    for words in (["inspect"], ["inspect", "--json"]):
        result = invoke(*words, stdin=b"")
        assert (result.exit_code, result.output) == (0, "")


def test_inspect_json_tells_what_the_library_tells(invoke: Any, texts: Any) -> None:
    for mode in MODES:
        result = invoke("inspect", "--json", "--mode", mode, "--keep", "lorem", stdin=texts.page)
        records = [json.loads(line) for line in result.stdout.splitlines()]
        fragments = Cleaner(mode=mode, keep=("lorem",)).inspect(texts.page)
        assert records == [fragment.as_dict() for fragment in fragments]
        assert set(records[0]) == {
            "text", "start", "end", "category", "score", "keep", "reason"
        }  # fmt: skip


def test_inspect_takes_encodings_and_strange_bytes(invoke: Any) -> None:
    data = "Zażółć gęślą jaźń i coś jeszcze.\n"
    result = invoke("inspect", "--json", "--encoding", "utf-16", stdin=data.encode("utf-16"))
    assert json.loads(result.stdout)["text"] == data.strip()
    for words in (["inspect"], ["inspect", "--json"]):
        result = invoke(*words, stdin=b"caf\xe9 \x00 and so on\n")
        assert result.exit_code == 0
        assert len(result.stdout.splitlines()) == 1


def on_terminal(words: list[str], env: dict[str, str]) -> bytes:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=env
    ) as process:
        os.close(theirs)
        out = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            out += part
        process.wait(60)
    os.close(ours)
    return out


def test_inspect_is_coloured_on_a_terminal_only(
    command: list[str], env: dict[str, str], run: Any, texts: Any, page: Path
) -> None:
    plain = run("inspect", page).stdout
    assert b"\x1b" not in plain
    coloured = on_terminal([*command, "inspect", str(page)], env)
    assert re.search(rb"\x1b\[\d+m- [^\n]*" + re.escape(texts.links[1].encode()), coloured)
    bare = re.sub(rb"\x1b\[[\d;]*m", b"", coloured).replace(b"\r\n", b"\n")
    assert bare == plain
    quiet = on_terminal([*command, "inspect", str(page)], {**env, "NO_COLOR": "1"})
    assert quiet.replace(b"\r\n", b"\n") == plain
    as_json = on_terminal([*command, "inspect", "--json", str(page)], env)
    assert b"\x1b" not in as_json


def test_inspect_sends_no_control_characters_to_a_terminal(
    command: list[str], env: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "hostile.txt"
    path.write_bytes(b"An ordinary line \x1b]0;owned\x07 with an escape \x1b[2J in it.\n")
    out = on_terminal([*command, "inspect", str(path)], env)
    assert b"\x1b]0;" not in out
    assert b"\x1b[2J" not in out


@pytest.mark.parametrize("which", ["clean", "inspect"])
def test_a_missing_or_unfit_input_is_told(invoke: Any, tmp_path: Path, which: str) -> None:
    result = invoke(which, tmp_path / "nowhere.txt")
    assert result.exit_code == 1
    assert "nowhere.txt" in result.stderr
    result = invoke(which, tmp_path)
    assert result.exit_code in (1, 2)
    assert result.stderr != ""
    assert result.stdout == ""


# --- the model file


def figures(result: Any, mode: str = "balanced") -> Any:
    """What `evaluate --json` told of a mode."""
    return json.loads(result.stdout)["modes"][mode]


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


# --- train and evaluate


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


# --- the command itself


def test_version(run: Any) -> None:
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.decode().split()[-1] == __version__


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_command(invoke: Any, option: str) -> None:
    result = invoke(option)
    assert result.exit_code == 0
    assert all(re.search(rf"^  {name} ", result.stdout, re.MULTILINE) for name in COMMANDS)
    assert "Example" in result.stdout
    assert re.search(r"0 all well.*1 some input failed.*2 wrong usage", result.stdout, re.DOTALL)


@pytest.mark.parametrize("which", COMMANDS)
def test_help_of_every_command_holds_an_example(invoke: Any, which: str) -> None:
    result = invoke(which, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert f"cleaner {which} " in result.stdout


def test_help_names_every_option(invoke: Any) -> None:
    shared = {"--model", "--mode", "--keep"}
    options = {
        "clean": shared
        | {"--output", "--encoding", "--rejects", "--stats", "--format", "--field", "--workers"}
        | {"--keep-original", "--annotate", "--force", "--progress", "--report", "--sample"},
        "restore": {"--rejects", "--output", "--field", "--encoding", "--format"},
        "inspect": shared | {"--json", "--encoding"},
        "train": {"--output", "--seed", "--all"},
        "evaluate": shared | {"--json", "--split", "--html", "--worst"},
    }
    for which, names in options.items():
        said = invoke(which, "--help").stdout
        assert {name for name in names if name not in said} == set()


@pytest.mark.parametrize(
    "words", [["frobnicate"], ["clean", "--frobnicate"], ["--frobnicate"], ["inspect", "a", "b"]]
)
def test_wrong_usage(invoke: Any, words: list[str]) -> None:
    result = invoke(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage" in result.stderr


def test_shell_completion(run: Any, env: dict[str, str], command: list[str]) -> None:
    done = subprocess.run(
        command,
        env={**env, "_CLEANER_COMPLETE": "fish_source"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"_cleaner_completion" in done.stdout
    asked = {"COMP_WORDS": "cleaner ", "COMP_CWORD": "1", "_CLEANER_COMPLETE": "bash_complete"}
    done = subprocess.run(
        command, env={**env, **asked}, capture_output=True, timeout=60, check=False
    )
    assert all(name.encode() in done.stdout for name in COMMANDS)


def test_python_m_cleaner_calls_itself_cleaner(run: Any) -> None:
    assert b"Usage: cleaner " in run("--help").stdout
