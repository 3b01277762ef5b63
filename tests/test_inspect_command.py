"""`cleaner inspect`: for a terminal, for a pipe, for a program."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner
from tests.commands import MODES


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
