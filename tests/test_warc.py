"""WARC archives: responses of HTTP, however they are packed, become clean texts."""

from __future__ import annotations

import gzip
import io
import json
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleaner import clean_html
from cleaner.formats.compression import packed
from cleaner.formats.http import UNPACKED_AT_MOST
from cleaner.formats.page import page_text
from tests.html_pages import PLACE, http, page, response, written_in
from tests.test_html import PAGE, PARAGRAPHS
from tests.test_wet import wet_record

pytest.importorskip("resiliparse", reason="needs pip install 'cleaner[html]'")


LATIN = f"<p>{PARAGRAPHS[0]} Šť."


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)


def archive(text: str) -> list[bytes]:
    """A WARC archive: what is not to change, pages packed in many ways, and a text."""
    return [
        wet_record("warcinfo", b"software: none\r\n"),
        wet_record("request", b"GET / HTTP/1.1\r\n\r\n", **PLACE),
        response(3, http(page(3).encode())),
        response(4, http(LATIN.encode("iso-8859-2"), media="text/html; charset=iso-8859-2")),
        response(5, http(gzip.compress(page(5).encode()), "Content-Encoding: gzip")),
        response(6, http(chunked(page(6).encode()), "Transfer-Encoding: chunked")),
        response(7, http(page(7).encode(), "Content-Encoding: gzip")),  # it is not
        response(8, http(b"\x89PNG\r\n" + bytes(range(32)) * 9, media="image/png")),
        response(9, http(b"%PDF" + bytes(range(32)) * 9)),
        response(10, http(b"", "Location: /else")),
        response(11, http(page(11).encode()), **{"WARC-Identified-Payload-Type": "text/plain"}),
        wet_record("conversion", text.encode(), **PLACE),
        response(13, http(page(13).encode(), media="application/xhtml+xml")),
        wet_record("metadata", b"fetchTimeMs: 3\r\n", **PLACE),
    ]


def expected_pages() -> dict[int, str]:
    """What is to become of the pages of the archive, by the number of the record."""
    html = {number: page(number) for number in (3, 5, 6, 7, 13)} | {4: LATIN}
    return {number: clean_html(html[number]) for number in sorted(html)}


def parts_of(data: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Header lines and content of all records."""
    warc = pytest.importorskip("fastwarc.warc")
    return [
        (dict(record.headers.astuples()), record.reader.read())
        for record in warc.ArchiveIterator(io.BytesIO(data), parse_http=False)
    ]


@pytest.fixture
def crawl(tmp_path: Path, texts: Any) -> Path:
    pytest.importorskip("fastwarc")
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, archive(texts.page))))
    return path


@pytest.mark.parametrize(("size", "workers"), [(4 << 20, 1), (300, 1), (300, 2)])
def test_responses_become_conversion_records(
    invoke: Any, texts: Any, crawl: Path, tmp_path: Path, size: int, workers: int
) -> None:
    words = ["--block-size", size, "--workers", workers]
    result = invoke("clean", crawl, "-o", f"{tmp_path}/out/", *words)
    assert (result.exit_code, result.output) == (0, "")
    data = (tmp_path / "out" / "crawl.warc.gz").read_bytes()
    assert data.count(b"\x1f\x8b\x08") >= 14  # a member a record
    before, after = archive(texts.page), parts_of(data)
    assert len(after) == len(before)
    bodies = expected_pages()
    for number, (header, content) in enumerate(after, 1):
        if number in bodies:
            assert content.decode() == bodies[number]
            assert header["WARC-Type"] == "conversion"
            assert header["Content-Type"] == "text/plain"
            assert header["WARC-Refers-To"] == f"<urn:uuid:{number}>"
            assert header["WARC-Record-ID"] not in ("", header["WARC-Refers-To"])
            assert {name: header[name] for name in PLACE} == PLACE
        elif number == 12:
            assert content.decode() == texts.body
        else:
            ((_, same),) = parts_of(before[number - 1])
            assert content == same
    assert len({header["WARC-Record-ID"] for header, _ in after[2:7]}) == 5
    again = invoke("clean", "--format", "warc", stdin=b"".join(before))
    assert again.stdout_bytes == gzip.decompress(data)


def test_responses_become_json_lines(invoke: Any, texts: Any, crawl: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["--output-format", "jsonl", "--keep-original", "html", "--annotate"]
    assert invoke("clean", crawl, "-o", f"{out}/", *words).exit_code == 0
    text = gzip.decompress((out / "crawl.jsonl.gz").read_bytes()).decode()
    lines = list(map(json.loads, text.splitlines()))
    assert list(lines[0]) == ["url", "date", "id", "text", "html", "cleaner"]
    assert [line["text"] for line in lines if line["id"] != "<urn:uuid:1>"] == list(
        expected_pages().values()
    )
    assert (lines[1]["html"], lines[1]["id"]) == (LATIN, "<urn:uuid:4>")
    words = ["-o", tmp_path / "a.jsonl", "--output-format", "jsonl+markdown"]
    assert invoke("clean", crawl, *words).exit_code == 0
    first, *_ = (tmp_path / "a.jsonl").read_text("utf-8").splitlines()
    assert json.loads(first)["text"] == clean_html(page(3), output="markdown")


def test_responses_become_a_wet_archive(
    invoke: Any, texts: Any, crawl: Path, tmp_path: Path
) -> None:
    assert invoke("clean", crawl, "-o", tmp_path / "a.warc.wet").exit_code == 0
    data = (tmp_path / "a.warc.wet").read_bytes()
    kinds = [header["WARC-Type"] for header, _ in parts_of(data)]
    assert kinds == ["warcinfo", *["conversion"] * 7]
    result = invoke("clean", crawl, "-o", f"{tmp_path}/out/", "--output-format", "wet")
    assert result.exit_code == 0
    assert gzip.decompress((tmp_path / "out" / "crawl.warc.wet.gz").read_bytes()) == data
    words = ["--output-format", "markdown", "-o", tmp_path / "b.wet"]
    assert invoke("clean", crawl, *words).exit_code == 0
    header, content = parts_of((tmp_path / "b.wet").read_bytes())[1]
    assert header["Content-Type"] == "text/markdown"
    assert content.decode() == clean_html(page(3), output="markdown")


@pytest.mark.parametrize(("words", "fate"), [((), "kept as it is"), (("jsonl",), "left out")])
def test_a_page_that_cannot_be_unpacked_is_told(
    invoke: Any, tmp_path: Path, words: Any, fate: str
) -> None:
    pytest.importorskip("fastwarc")
    broken = response(2, http(b"\x1f\x8b" + bytes(range(32)) * 9, "Content-Encoding: gzip"))
    (tmp_path / "a.warc").write_bytes(response(1, http(page(1).encode())) + broken)
    more = ["--output-format", *words] if words else []
    result = invoke("clean", tmp_path / "a.warc", "-o", f"{tmp_path}/out/", *more)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "a.warc: record 2: cannot be unpacked as its header says" in result.stderr
    assert result.stderr.endswith(f"; {fate}\n")
    if not words:
        assert (tmp_path / "out" / "a.warc").read_bytes().endswith(broken)


def test_pages_of_archives_are_not_rebuilt(invoke: Any, crawl: Path, tmp_path: Path) -> None:
    rejects, out = tmp_path / "r.jsonl", tmp_path / "out.warc"
    assert invoke("clean", crawl, "-o", out, "--rejects", rejects).exit_code == 0
    result = invoke("restore", out, "--rejects", rejects, "-o", tmp_path / "back.warc")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "out.warc: record 3: was HTML" in result.stderr


def test_archives_have_no_place_for_the_original(invoke: Any, crawl: Path, tmp_path: Path) -> None:
    result = invoke("clean", crawl, "-o", f"{tmp_path}/out/", "--keep-original", "html")
    assert result.exit_code == 2
    assert "WARC archives have no place for --keep-original; write jsonl" in result.stderr


#: Long enough for what is cut off to matter.
LONG = PAGE.replace("</article>", "".join(f"<p>{PARAGRAPHS[0]} {at}.</p>" for at in range(99)))
NOISE = random.Random(7).randbytes(9000)


def in_chunks(data: bytes) -> bytes:
    return (
        b"".join(chunked(data[at : at + 500])[:-5] for at in range(0, len(data), 500))
        + b"0\r\n\r\n"
    )


def bare(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


def brotli(data: bytes) -> bytes:
    return pytest.importorskip("brotli").compress(data)


def zstd(data: bytes) -> bytes:
    return packed(data, "zst")


def is_as(name: str) -> list[str]:
    return [f"Content-Encoding: {name}"]


IN_CHUNKS = ["Transfer-Encoding: chunked"]

#: How bodies are packed, and what the header says of it.
UNPACKED: dict[str, tuple[Callable[[bytes], bytes], list[str]]] = {
    "gzip": (gzip.compress, is_as("gzip")),
    "in capitals": (gzip.compress, ["CONTENT-ENCODING: GZip"]),
    "x-gzip": (gzip.compress, is_as("x-gzip")),
    "gzip, not told": (gzip.compress, []),
    "told to be gzip": (bytes, is_as("gzip")),
    "two members": (
        lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:]),
        is_as("gzip"),
    ),
    "many members": (
        lambda data: gzip.compress(b"") * 20_000 + gzip.compress(data) + b"and more",
        is_as("gzip"),
    ),
    "deflate": (zlib.compress, is_as("deflate")),
    "bare deflate": (bare, is_as("deflate")),
    "told to be deflate": (bytes, is_as("deflate")),
    "brotli": (brotli, is_as("br")),
    "told to be brotli": (bytes, is_as("br")),
    "zstd": (zstd, is_as("zstd")),
    "zstd, not told": (zstd, []),
    "gzip in brotli": (lambda data: brotli(gzip.compress(data)), is_as("gzip, br")),
    "unknown": (bytes, is_as("utf-8")),
    "chunks": (in_chunks, IN_CHUNKS),
    "told to be chunks": (bytes, IN_CHUNKS),
    "gzip in chunks": (lambda data: in_chunks(gzip.compress(data)), [*is_as("gzip"), *IN_CHUNKS]),
    "chunks, told to be gzip": (in_chunks, [*is_as("gzip"), *IN_CHUNKS]),
    "gzip, told to be chunks": (gzip.compress, [*is_as("gzip"), *IN_CHUNKS]),
    "gzip in chunks, not told": (lambda data: in_chunks(gzip.compress(data)), IN_CHUNKS),
}

FAULTY = {
    "noise as gzip": (NOISE, is_as("gzip")),
    "noise as brotli": (NOISE, is_as("br")),
    "noise as deflate": (NOISE, is_as("deflate")),
    "noise as zstd": (NOISE, is_as("zstd")),
    "noise as chunks": (NOISE, IN_CHUNKS),
    "gzip cut off": (gzip.compress(LONG.encode())[:-300], is_as("gzip")),
    "zstd cut off": (b"\x28\xb5\x2f\xfd" + NOISE, is_as("zstd")),
    "damaged chunks": (in_chunks(LONG.encode()).replace(b"\r\n0\r\n", b"zz"), IN_CHUNKS),
    "a gzip bomb": (gzip.compress(bytes(UNPACKED_AT_MOST + 1)), is_as("gzip")),
    "a gzip bomb, not told": (gzip.compress(bytes(UNPACKED_AT_MOST + 1)), []),
}


@pytest.fixture
def cleaned(invoke: Any, tmp_path: Path) -> Callable[..., Any]:
    """A response between two others, cleaned to JSON lines: what is told, texts by address."""
    pytest.importorskip("fastwarc")

    def call(record: bytes) -> tuple[Any, dict[str, str]]:
        around = [response(at, http(page(at).encode())) for at in (1, 3)]
        (tmp_path / "a.warc").write_bytes(around[0] + record + around[1])
        result = invoke("clean", tmp_path / "a.warc", "-o", tmp_path / "a.jsonl")
        found = map(json.loads, (tmp_path / "a.jsonl").read_text("utf-8").splitlines())
        return result, {one["id"]: one["text"] for one in found}

    return call


def named(*numbers: int) -> list[str]:
    return [f"<urn:uuid:{number}>" for number in numbers]


@pytest.mark.parametrize("how", UNPACKED)
def test_a_body_is_unpacked_by_what_it_is(cleaned: Any, how: str) -> None:
    pack, lines = UNPACKED[how]
    result, found = cleaned(response(2, http(pack(LONG.encode()), *lines)))
    assert (result.exit_code, result.stderr) == (0, "")
    assert found["<urn:uuid:2>"] == clean_html(LONG)


@pytest.mark.parametrize("how", FAULTY)
def test_a_body_that_is_no_page_is_a_bad_record(cleaned: Any, how: str) -> None:
    body, lines = FAULTY[how]
    result, found = cleaned(response(2, http(body, *lines)))
    assert (result.exit_code, list(found)) == (1, named(1, 3))
    said = " as its header says" if lines else ""
    assert f"a.warc: record 2: cannot be unpacked{said} (" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_brotli_body_that_is_cut_off_is_a_bad_record(cleaned: Any) -> None:
    result, found = cleaned(response(2, http(brotli(LONG.encode())[:-200], *is_as("br"))))
    assert (result.exit_code, list(found)) == (1, named(1, 3))
    bomb = brotli(bytes(UNPACKED_AT_MOST + 1))
    result, found = cleaned(response(2, http(bomb, *is_as("br"))))
    assert (result.exit_code, list(found)) == (1, named(1, 3))
    assert "becomes more than 64 MB" in result.stderr


def test_noise_that_is_said_to_be_html_is_a_bad_record(cleaned: Any) -> None:
    result, found = cleaned(response(2, http(NOISE)))
    assert (result.exit_code, list(found)) == (1, named(1, 3))
    assert "record 2: looks like binary data, not HTML; left out" in result.stderr


def test_a_header_with_bare_line_feeds_is_read(cleaned: Any) -> None:
    content = http(page(2).encode(), "X: 1").replace(b"\r\n", b"\n")
    result, found = cleaned(response(2, content))
    assert result.exit_code == 0
    assert found["<urn:uuid:2>"] == clean_html(page(2))


def test_names_of_header_lines_are_in_any_case(invoke: Any, cleaned: Any, tmp_path: Path) -> None:
    record = response(2, http(page(2).encode()))
    for name in (b"WARC-Type", b"WARC-Target-URI", b"WARC-Record-ID", b"Content-Type"):
        record = record.replace(name, name.lower())
    result, found = cleaned(record)
    assert (result.exit_code, list(found)) == (0, named(1, 2, 3))
    urls = [json.loads(line)["url"] for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert urls == [PLACE["WARC-Target-URI"]] * 3
    assert invoke("clean", tmp_path / "a.warc", "-o", tmp_path / "a.wet").exit_code == 0
    (_, (header, _), _) = parts_of((tmp_path / "a.wet").read_bytes())
    assert header["WARC-Target-URI"] == PLACE["WARC-Target-URI"]


@pytest.mark.parametrize("status", [b"404 Not Found", b"301 Moved", b"500 Oh", b"304 Same"])
def test_only_successes_become_texts(
    invoke: Any, cleaned: Any, tmp_path: Path, status: bytes
) -> None:
    record = response(2, http(page(2).encode()).replace(b"200 OK", status))
    result, found = cleaned(record)
    assert (result.exit_code, result.stderr, list(found)) == (0, "", named(1, 3))
    assert record in invoke("clean", tmp_path / "a.warc").stdout_bytes
    result, found = cleaned(response(2, http(page(2).encode()).replace(b"200 OK", b"203 Hm")))
    assert list(found) == named(1, 2, 3)


def test_what_goes_wrong_with_one_page_is_its_fault(
    cleaned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cleaner.formats import warc

    def failing(body: bytes, *about: Any) -> str | None:
        if b"boat number 2" in body:
            raise RuntimeError("oh")
        return page_text(body, *about)

    monkeypatch.setattr(warc, "page_text", failing)
    result, found = cleaned(response(2, http(page(2).encode())))
    assert (result.exit_code, list(found)) == (1, named(1, 3))
    assert "record 2: cannot be read (RuntimeError: oh); left out" in result.stderr


def test_a_charset_that_does_not_fit_is_passed_over(cleaned: Any) -> None:
    html, data = written_in("koi8-r")
    for charset in ("utf-8", "utf-16"):
        result, found = cleaned(response(2, http(data, media=f"text/html; charset={charset}")))
        assert result.exit_code == 0
        assert found["<urn:uuid:2>"] == clean_html(html)
