"""What is no page of HTML, and pages in any encoding."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from cleaner import clean_html
from cleaner.formats.compression import packed
from tests.html_pages import SAID, http, response, written_in
from tests.test_html import PAGE

pytest.importorskip("resiliparse", reason="needs pip install 'cleaner[html]'")


def picture(kind: str) -> bytes:
    """Bytes that begin as files of the kind do, and go on as packed data."""
    begins = {
        "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
        "gif": b"GIF89a",
        "png": b"\x89PNG\r\n\x1a\n",
        "webp": b"RIFF\x10\x27\x00\x00WEBPVP8 ",
        "woff2": b"wOF2\x00\x01\x00\x00",
        "zip": b"PK\x03\x04\x14\x00",
        "pdf": b"%PDF-1.4\n",
        "zstd": b"\x28\xb5\x2f\xfd",
        "noise": b"",
    }
    if kind == "gzip":
        return gzip.compress(PAGE.encode())
    if kind == "comment":  # a picture with much text in it
        return begins["png"] + PAGE.encode() * 9
    return begins[kind] + random.Random(kind).randbytes(9000)


KINDS = ["jpeg", "gif", "png", "webp", "woff2", "zip", "pdf", "zstd", "noise", "gzip", "comment"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["run", "filter", "inspect"])
def test_a_binary_file_is_no_page(invoke: Any, tmp_path: Path, kind: str, way: str) -> None:
    source, out = tmp_path / "a.html", tmp_path / "out"
    source.write_bytes(picture(kind))
    more = {"run": ["-o", f"{out}/"], "filter": [], "inspect": []}[way]
    result = invoke("inspect" if way == "inspect" else "clean", source, *more)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{source}: looks like a binary file, not HTML" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("encoding", SAID)
@pytest.mark.parametrize("way", ["clean", "inspect", "warc"])
def test_a_page_in_any_encoding_is_one(
    invoke: Any, tmp_path: Path, encoding: str, way: str
) -> None:
    html, data = written_in(encoding)
    if way == "warc":
        pytest.importorskip("fastwarc")
        data = response(1, http(data))
    source = tmp_path / ("a.warc" if way == "warc" else "a.html")
    source.write_bytes(data)
    more = ["-o", tmp_path / "a.jsonl"] if way == "warc" else []
    result = invoke("inspect" if way == "inspect" else "clean", source, *more)
    assert (result.exit_code, result.stderr) == (0, "")
    text = clean_html(html)
    if way == "warc":
        assert json.loads((tmp_path / "a.jsonl").read_text("utf-8"))["text"] == text
    elif way == "clean":
        assert result.stdout_bytes.decode() == text
    else:
        assert SAID[encoding] in result.stdout


def test_a_few_stray_controls_do_not_make_a_page_binary(invoke: Any, tmp_path: Path) -> None:
    source = tmp_path / "a.html"
    source.write_bytes(PAGE.encode() + b"<p>\x00\x01\x02\x1b\xff")
    result = invoke("clean", source)
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_page_in_an_encoding_that_nobody_can_tell_is_one(invoke: Any, tmp_path: Path) -> None:
    source = tmp_path / "a.html"
    source.write_bytes(f"<p>{SAID['euc_kr'] * 9}".encode("euc_kr"))
    assert invoke("clean", source).exit_code == 0
    result = invoke("clean", source, "--encoding", "euc_kr")
    assert result.stdout_bytes.decode() == SAID["euc_kr"] * 9


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst"])
def test_a_packed_page_is_inspected(invoke: Any, tmp_path: Path, ending: str) -> None:
    if ending == "zst":
        pytest.importorskip("zstandard")
    source, plain = tmp_path / f"a.html.{ending}", tmp_path / "a.html"
    plain.write_text(PAGE, encoding="utf-8")
    source.write_bytes(packed(PAGE.encode(), ending))
    result = invoke("inspect", "--json", source)
    assert result.exit_code == 0
    assert result.stdout == invoke("inspect", "--json", plain).stdout
    source.write_bytes(source.read_bytes()[:-9])
    result = invoke("inspect", source)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{source}: compressed data is damaged or cut short" in result.stderr


def test_a_packed_text_is_inspected(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"The ferry left.\n"))
    result = invoke("inspect", "--json", tmp_path / "a.txt.gz")
    assert json.loads(result.stdout)["text"] == "The ferry left."
    result = invoke("inspect", "--format", "html", stdin=picture("png"))
    assert result.exit_code == 1
    assert "standard input: looks like a binary file, not HTML" in result.stderr
