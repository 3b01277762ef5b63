"""`cleaner clean` as a filter: bytes in, bytes out, pipes that close."""

from __future__ import annotations

import codecs
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest


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
