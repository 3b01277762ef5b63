"""Files of records, in and out by the command: what is cleaned, and that nothing else changes."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner

CODECS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "gz": (gzip.compress, gzip.decompress),
    "bz2": (bz2.compress, bz2.decompress),
    "xz": (lzma.compress, lzma.decompress),
}


def codec(name: str) -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
    """How to compress and decompress, or a skip where there is no library for it."""
    if name == "zst":
        zstandard = pytest.importorskip("zstandard")

        def unpack(data: bytes) -> bytes:
            reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
            return bytes(reader.read())

        return zstandard.ZstdCompressor().compress, unpack
    return CODECS[name]


# --- JSON lines


def test_only_the_text_of_a_line_changes(invoke: Any, texts: Any, tmp_path: Path) -> None:
    """Numbers, spaces, escapes, the order of fields, line ends: all as they were typed."""
    before, after = json.dumps(texts.page), json.dumps(texts.body)
    lines = (
        '{"id": 1.50e3, "text": %s, "n": 12345678901234567890, "é": "\\u00e9\\/"}\n'
        '{ "text" : %s ,"id":null }\r\n'
        "\n"
        '{"deep": {"text": "no", "a": [1, {"text": 2}]}, "text": %s, "x": NaN}'
    )
    source, target = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_bytes((lines % (before, before, before)).encode())
    result = invoke("clean", source, "-o", target)
    assert (result.exit_code, result.output) == (0, "")
    assert target.read_bytes() == (lines % (after, after, after)).encode()


def test_clean_lines_come_out_byte_for_byte(invoke: Any, texts: Any, tmp_path: Path) -> None:
    escaped = json.dumps(texts.article).replace("e", "\\u0065")
    line = f'\ufeff{{"text":{escaped}}}\n{{"text":"", "text": {escaped}}}\n{{"text":null}}\n'
    (tmp_path / "a.jsonl").write_text(line, encoding="utf-8")
    result = invoke("clean", tmp_path / "a.jsonl")
    assert (result.exit_code, result.stdout_bytes) == (0, line.encode())


@pytest.mark.parametrize("escaped", [True, False])
def test_escapes_stay_escapes(invoke: Any, texts: Any, tmp_path: Path, escaped: bool) -> None:
    def line(text: str) -> str:
        return json.dumps({"text": f"Où ça ? {text}"}, ensure_ascii=escaped) + "\n"

    (tmp_path / "a.jsonl").write_text(line(texts.page), encoding="utf-8")
    assert invoke("clean", tmp_path / "a.jsonl").stdout == line(texts.body)


BAD = {
    "no JSON": (b'{"text": "a', "line 2: not JSON"),
    "a list": (b'["text"]', "line 2: not a JSON object"),
    "more": (b'{"text": "a"} {}', "line 2: not JSON (more after the object"),
    "no field": (b'{"id": 1, "body": "a"}', "line 2: no field 'text' (fields: id, body)"),
    "a number": (b'{"text": 5}', "line 2: field 'text' is a number, not text"),
    "a list as text": (b'{"text": ["a"]}', "line 2: field 'text' is a list, not text"),
    "no UTF-8": (b'{"text": "\xff"}', "line 2: not UTF-8"),
    "deep": (b"[" * 100_000, "line 2: not"),
    "deep value": (b'{"a": ' + b"[" * 100_000, "line 2: JSON that is nested too deeply"),
    "a long number": (b'{"a": ' + b"9" * 5000 + b"}", "line 2: no field 'text'"),
    "a control character": (b'{"text": "a\tb"}', "line 2: not JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_record_stays_and_is_told(invoke: Any, texts: Any, tmp_path: Path, name: str) -> None:
    bad, message = BAD[name]
    good, clean = (json.dumps({"text": text}).encode() for text in (texts.page, texts.body))
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    source.write_bytes(b"\n".join((good, bad, good, b"")))
    for _ in range(2):  # what an earlier run has found is told again
        result = invoke("clean", source, "-o", f"{out}/")
        assert result.exit_code == 1
        (line,) = result.stderr.splitlines()
        assert line.startswith(f"cleaner: {source}: {message}")
        assert line.endswith("; kept as it is")
        assert (out / "a.jsonl").read_bytes() == b"\n".join((clean, bad, clean, b""))


def test_another_field_and_the_original_beside_it(invoke: Any, texts: Any, tmp_path: Path) -> None:
    record = {"text": 1, "body": texts.page, "url": "x"}
    (tmp_path / "a.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    words = ["--field", "body", "--keep-original", "raw", "--annotate"]
    result = invoke("clean", tmp_path / "a.jsonl", *words)
    assert result.exit_code == 0
    out = json.loads(result.stdout)
    assert list(out) == ["text", "body", "url", "raw", "cleaner"]
    assert (out["body"], out["raw"]) == (texts.body, texts.page)
    fragments = Cleaner().inspect(texts.page)
    about = out["cleaner"]
    assert sum(about["stripped"].values()) == sum(not f.keep for f in fragments)
    assert 0 < about["kept"] < 1
    assert 0 < about["score"] < 1
    again = invoke("clean", "--format", "jsonl", *words, stdin=result.stdout)
    assert again.exit_code == 1
    assert "has a field 'raw' already; kept as it is" in again.stderr
    assert again.stdout == result.stdout


def test_a_stream_of_lines_goes_on_as_it_comes(
    command: list[str], env: dict[str, str], texts: Any
) -> None:
    line = json.dumps({"text": texts.page}).encode() + b"\n"
    words = [*command, "clean", "--format", "jsonl", "-"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(line)
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"text": texts.body}
        process.stdin.close()
        assert process.wait(20) == 0


# --- compression


@pytest.mark.parametrize("name", [*CODECS, "zst"])
def test_compressed_files(invoke: Any, texts: Any, tmp_path: Path, name: str) -> None:
    """Several members in, and each format again out; the same input gives the same bytes."""
    pack, unpack = codec(name)
    line, clean = (json.dumps({"text": t}).encode() + b"\n" for t in (texts.page, texts.body))
    source = tmp_path / "in"
    source.mkdir()
    (source / f"a.jsonl.{name}").write_bytes(pack(line) + pack(line * 2))
    (source / f"b.md.{name}").write_bytes(pack(texts.page.encode()))
    (source / f"empty.jsonl.{name}").write_bytes(pack(b""))
    for out in ("one", "two"):
        result = invoke("clean", source, "-o", tmp_path / out)
        assert (result.exit_code, result.output) == (0, "")
    one, two = tmp_path / "one", tmp_path / "two"
    assert unpack((one / f"a.jsonl.{name}").read_bytes()) == clean * 3
    assert unpack((one / f"b.md.{name}").read_bytes()) == texts.body.encode()
    assert unpack((one / f"empty.jsonl.{name}").read_bytes()) == b""
    for path in one.glob(f"*.{name}"):
        assert path.read_bytes() == (two / path.name).read_bytes()


@pytest.mark.parametrize("name", [*CODECS, "zst"])
def test_the_output_is_packed_by_its_name(
    invoke: Any, texts: Any, tmp_path: Path, name: str
) -> None:
    pack, unpack = codec(name)
    line, clean = (json.dumps({"text": t}).encode() + b"\n" for t in (texts.page, texts.body))
    packed, plain = tmp_path / f"a.jsonl.{name}", tmp_path / "b.jsonl"
    packed.write_bytes(pack(line))
    assert invoke("clean", packed, "-o", plain).exit_code == 0
    assert plain.read_bytes() == clean
    assert invoke("clean", plain, "-o", tmp_path / f"c.jsonl.{name}").exit_code == 0
    assert unpack((tmp_path / f"c.jsonl.{name}").read_bytes()) == clean
    assert invoke("clean", packed).stdout_bytes == clean


@pytest.mark.parametrize("name", [*CODECS, "zst"])
def test_a_file_cut_short_is_told_and_the_rest_done(
    invoke: Any, texts: Any, tmp_path: Path, name: str
) -> None:
    pack, _ = codec(name)
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    line = json.dumps({"text": texts.page}).encode() + b"\n"
    (source / f"a.jsonl.{name}").write_bytes(pack(line * 3)[:-20])
    (source / f"b.jsonl.{name}").write_bytes(b"plainly no compressed data")
    (source / f"c.jsonl.{name}").write_bytes(pack(line))
    result = invoke("clean", source, "-o", out)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    for file, said in zip("ab", lines, strict=True):
        assert said.startswith(f"cleaner: {source}/{file}.jsonl.{name}: ")
    assert [path.name for path in out.glob("*.*") if path.name != ".cleaner"] == [f"c.jsonl.{name}"]


# --- choosing a format


def test_the_format_may_be_said(invoke: Any, texts: Any, tmp_path: Path) -> None:
    line, clean = (json.dumps({"text": t}) + "\n" for t in (texts.page, texts.body))
    (tmp_path / "shard.dat").write_text(line, encoding="utf-8")
    assert invoke("clean", "--format", "jsonl", tmp_path / "shard.dat").stdout == clean
    (tmp_path / "page.jsonl").write_text(texts.page, encoding="utf-8")
    assert invoke("clean", "--format", "text", tmp_path / "page.jsonl").stdout == texts.body


def test_formats_that_do_not_become_each_other(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "a.txt").write_text("", encoding="utf-8")
    result = invoke("clean", tmp_path / "a.jsonl", "-o", tmp_path / "b.parquet")
    assert result.exit_code == 2
    assert "only wet becomes jsonl" in result.stderr
    result = invoke("clean", tmp_path / "a.txt", "--output-format", "jsonl", "-o", f"{tmp_path}/o/")
    assert result.exit_code == 2


MISSING = {
    "a.parquet": ("pyarrow", "parquet"),
    "a.jsonl.zst": ("zstandard", "zstd"),
    "a.wet": ("fastwarc", "warc"),
    "s3://bucket/a.txt": ("fsspec", "remote"),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_missing_extra_is_told_with_its_install_line(
    invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    library, extra = MISSING[name]
    for module in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)
    place = name
    if "://" not in name:
        (tmp_path / name).write_bytes(b"")
        place = str(tmp_path / name)
    result = invoke("clean", place, "-o", f"{tmp_path}/out/")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"needs {library}, which is not installed" in result.stderr
    assert f"pip install 'cleaner[{extra}]'" in result.stderr
    assert result.stderr.count("\n") == 1


# --- elsewhere


def test_urls_in_and_out(
    invoke: Any, texts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsspec = pytest.importorskip("fsspec")
    monkeypatch.chdir(tmp_path)
    store = fsspec.filesystem("memory")
    line, clean = (json.dumps({"text": t}) + "\n" for t in (texts.page, texts.body))
    store.pipe("/in/a.jsonl", line.encode())
    store.pipe("/in/sub/b.jsonl", line.encode() * 100)
    try:
        words = ["--workers", 1, "--block-size", 20_000]
        for place, names in (("memory://in", 2), ("memory://in/*.jsonl", 1)):
            result = invoke("clean", place, "-o", f"memory://out{names}", *words)
            assert (result.exit_code, result.output) == (0, "")
            assert len(store.find(f"/out{names}")) == names
        assert store.cat("/out2/sub/b.jsonl") == clean.encode() * 100
        assert store.cat("/out2/a.jsonl") == clean.encode()
        result = invoke("clean", "memory://in", "-o", "memory://out2", "--stats", *words)
        assert "0 cleaned, 2 as before" in result.stderr
        assert invoke("clean", "memory://in/a.jsonl", "-o", tmp_path / "c.jsonl").exit_code == 0
        assert (tmp_path / "c.jsonl").read_text() == clean
        assert invoke("clean", "memory://in/a.jsonl").stdout == clean
        result = invoke("clean", "memory://in/none.txt")
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    finally:
        store.rm("/", recursive=True)
