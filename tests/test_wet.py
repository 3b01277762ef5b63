"""WET archives: records through the command, to WET and to JSON lines."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest


def wet_record(kind: str, content: bytes, **more: str) -> bytes:
    lines = {"WARC-Type": kind, "WARC-Record-ID": "<urn:uuid:1>", **more}
    lines["Content-Length"] = str(len(content))
    header = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return header.encode() + b"\r\n" + content + b"\r\n\r\n"


def wet_file(text: str) -> list[bytes]:
    page = {"WARC-Target-URI": "http://a.example/", "WARC-Date": "2024-05-01T00:00:00Z"}
    return [
        wet_record("warcinfo", b"software: none\r\n"),
        wet_record(
            "conversion",
            text.encode(),
            **page,
            **{"WARC-Block-Digest": "sha1:AAAA", "WARC-Identified-Content-Language": "eng"},
        ),
        wet_record("conversion", b"", **page),
        wet_record("conversion", text.encode() * 2, **page),
    ]


@pytest.mark.parametrize("size", [4 << 20, 100])
def test_wet_archives(invoke: Any, texts: Any, tmp_path: Path, size: int) -> None:
    warc = pytest.importorskip("fastwarc.warc")
    source, out = tmp_path / "a.warc.wet.gz", tmp_path / "out"
    source.write_bytes(b"".join(map(gzip.compress, wet_file(texts.page))))
    result = invoke("clean", source, "-o", f"{out}/", "--block-size", size)
    assert (result.exit_code, result.output) == (0, "")
    data = (out / "a.warc.wet.gz").read_bytes()
    plain = gzip.decompress(data)
    expected = wet_file(texts.body)
    assert plain.startswith(expected[0])
    records = list(warc.ArchiveIterator(io.BytesIO(data), parse_http=False))
    assert len(records) == len(expected)
    assert data.count(b"\x1f\x8b\x08") == len(expected)  # a member a record
    contents = [
        record.reader.read() for record in warc.ArchiveIterator(io.BytesIO(plain), parse_http=False)
    ]
    assert contents[1] == texts.body.encode()
    assert contents[2] == b""
    assert b"WARC-Identified-Content-Language: eng\r\n" in plain
    assert b"sha1:AAAA" not in plain


def test_wet_archives_as_json_lines(invoke: Any, texts: Any, tmp_path: Path) -> None:
    pytest.importorskip("fastwarc")
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.warc.wet").write_bytes(b"".join(wet_file(texts.page)))
    words = ["clean", source, "-o", tmp_path / "out", "--output-format", "jsonl", "--annotate"]
    assert invoke(*words).exit_code == 0
    lines = (tmp_path / "out" / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    first = json.loads(lines[0])
    assert list(first) == ["url", "date", "id", "languages", "text", "cleaner"]
    assert (first["url"], first["text"]) == ("http://a.example/", texts.body)
    target = tmp_path / "b.jsonl"
    assert invoke("clean", source / "a.warc.wet", "-o", target).exit_code == 0
    assert json.loads(target.read_text().splitlines()[0])["languages"] == "eng"


def test_wet_archives_in_a_pipe(invoke: Any, texts: Any) -> None:
    pytest.importorskip("fastwarc")
    info, page, *_ = wet_file(texts.page)
    result = invoke("clean", "--format", "wet", stdin=info + page)
    assert result.exit_code == 0
    assert texts.body.encode() in result.stdout_bytes
    assert result.stdout_bytes.startswith(info)


@pytest.mark.parametrize("cut", [10, 400, -3])
def test_a_wet_archive_that_is_none(invoke: Any, texts: Any, cut: int) -> None:
    pytest.importorskip("fastwarc")
    data = b"".join(wet_file(texts.page))
    result = invoke("clean", "--format", "wet", stdin=data[:cut])
    assert result.exit_code == 1
    assert "is cut short" in result.stderr
    result = invoke("clean", "--format", "wet", stdin=b"Plain text\r\n\r\n")
    assert result.exit_code == 1
    assert "record 1: is no WARC record" in result.stderr
