"""`cleaner clean` with files and folders: what is written where, and what never is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands import scraped, tree


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
