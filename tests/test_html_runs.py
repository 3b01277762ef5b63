"""HTML in runs: folders of pages, records that hold pages, WARC archives, by the command."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleaner import HtmlCleaner, clean_html, inspect_html
from cleaner.formats.compression import packed
from cleaner.formats.http import UNPACKED_AT_MOST
from cleaner.formats.page import page_text
from tests.test_cli import tree
from tests.test_formats import wet_record
from tests.test_html import PAGE, PARAGRAPHS

pytest.importorskip("resiliparse", reason="needs pip install 'cleaner[html]'")


def page(number: int) -> str:
    """Pages that differ in what is kept of them."""
    return PAGE.replace("ferry", f"boat number {number}")


def made_of(folder: Path) -> dict[str, str]:
    """The clean text of every page below the folder, by the output's path."""
    return {name: clean_html(data) for name, data in tree(folder).items()}


@pytest.fixture
def pages(tmp_path: Path, texts: Any) -> Path:
    """A folder of pages in several encodings, compressed ones, and files that are no pages."""
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    for number in range(8):
        (folder / f"{number}.html").write_text(page(number), encoding="utf-8")
    (folder / "Old.HTM").write_bytes(f"<p>{PARAGRAPHS[0]} Caf\xe9.".encode("cp1252"))
    (folder / "sub" / "wide.xhtml").write_bytes(page(8).encode("utf-16"))
    (folder / "sub" / "packed.html.gz").write_bytes(gzip.compress(page(9).encode()))
    (folder / "empty.html").write_bytes(b"")
    (folder / "text.md").write_text(texts.page, encoding="utf-8")
    lines = "".join(json.dumps({"text": texts.page, "id": at}) + "\n" for at in range(30))
    (folder / "lines.jsonl").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture
def clean(invoke: Any, pages: Path, tmp_path: Path) -> Callable[..., Any]:
    """The folder to `out`, with a summary on standard error."""

    def call(*words: object) -> Any:
        return invoke("clean", pages, "-o", tmp_path / "out", "--stats", *words)

    return call


def files(result: Any) -> tuple[int, ...]:
    """How many files were cleaned, as before, failed."""
    found = re.search(r"files +(\d+) cleaned, (\d+) as before, (\d+) failed", result.stderr)
    assert found, result.stderr
    return tuple(map(int, found.groups()))


# --- folders of pages


@pytest.mark.parametrize(("words", "ending"), [((), "txt"), (("markdown",), "md")])
def test_a_page_becomes_what_the_function_gives(
    clean: Any, pages: Path, texts: Any, tmp_path: Path, words: Any, ending: str
) -> None:
    result = clean(*(["--output-format", *words] if words else []))
    assert (result.exit_code, files(result)) == (0, (14, 0, 0))
    out = tree(tmp_path / "out")
    expected = {f"{number}.{ending}": page(number) for number in range(8)} | {
        f"Old.{ending}": f"<p>{PARAGRAPHS[0]} Café.",
        f"sub/wide.{ending}": page(8),
        f"empty.{ending}": "",
    }
    output = "markdown" if words else "text"
    for name, html in expected.items():
        assert out.pop(name).decode() == clean_html(html, output=output)
    packed = gzip.decompress(out.pop(f"sub/packed.{ending}.gz"))
    assert packed.decode() == clean_html(page(9), output=output)
    # What is no HTML is text in Markdown too.
    assert out.pop("text.md").decode() == texts.body
    assert out.pop("lines.jsonl").count(b"\n") == 30
    assert [name for name in out if not name.startswith(".cleaner")] == []


def test_any_number_of_workers_gives_the_same_bytes(clean: Any, tmp_path: Path) -> None:
    seen = []
    for workers in (1, 2):
        rejects, sample = tmp_path / f"{workers}.jsonl", tmp_path / f"{workers}.html"
        words = ["--rejects", rejects, "--sample", 9, "--sample-page", sample]
        result = clean("--workers", workers, "--force", "--block-size", 1000, *words)
        assert (result.exit_code, files(result)) == (0, (14, 0, 0))
        outputs = tree(tmp_path / "out")
        whole = {name: data for name, data in outputs.items() if not name.startswith(".cleaner")}
        seen.append((whole, rejects.read_bytes(), sample.read_bytes()))
    assert seen[0] == seen[1]


def test_a_second_run_skips_pages_and_says_what_has_changed(
    clean: Any, pages: Path, tmp_path: Path
) -> None:
    assert files(clean()) == (14, 0, 0)
    assert files(clean()) == (0, 14, 0)
    (pages / "3.html").write_text(page(33), encoding="utf-8")
    assert files(clean()) == (1, 13, 0)
    # Another format has other names; what is no HTML is as it was.
    assert files(clean("--output-format", "markdown")) == (12, 2, 0)
    assert files(clean("--mode", "thorough")) == (14, 0, 0)


def test_rejects_are_of_the_text_of_the_page(clean: Any, pages: Path, tmp_path: Path) -> None:
    rejects, report = tmp_path / "rejects.jsonl", tmp_path / "report.json"
    clean("--rejects", rejects, "--report", report)
    rows = list(map(json.loads, rejects.read_text("utf-8").splitlines()))
    mine = [row for row in rows if row["document"] == str(pages / "3.html")]
    stripped = [one.as_dict() for one in inspect_html(page(3)) if not one.keep]
    assert [{name: row[name] for name in stripped[0]} for row in mine] == stripped
    text = HtmlCleaner().text(page(3))
    assert all(text[row["start"] : row["end"]] == row["text"] for row in mine)
    assert (mine[0]["file"], mine[0]["form"]) == ("3.txt", "html")
    assert "at" not in mine[0]
    # One of which nothing was stripped is known as a page as well.
    (row,) = (row for row in rows if row["document"] == str(pages / "empty.html"))
    assert (row["text"], row["keep"], row["form"]) == ("", True, "html")
    about = json.loads(report.read_text("utf-8"))
    assert about["files"]["cleaned"] == 14


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_pages_are_not_rebuilt_and_the_rest_is(
    clean: Any, invoke: Any, pages: Path, tmp_path: Path, ending: str
) -> None:
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    rejects, back = tmp_path / f"rejects.{ending}", tmp_path / "back"
    clean("--rejects", rejects)
    result = invoke("restore", tmp_path / "out", "--rejects", rejects, "-o", back)
    assert result.exit_code == 1
    assert result.stderr.count("was HTML, which cannot be rebuilt from its text\n") == 12
    assert result.stderr.count("\n") == 12
    assert tree(back) == {
        name: data for name, data in tree(pages).items() if name in ("text.md", "lines.jsonl")
    }


def test_one_page_is_not_rebuilt(invoke: Any, tmp_path: Path) -> None:
    source, body, rejects = (tmp_path / name for name in ("a.html", "a.txt", "r.jsonl"))
    source.write_text(PAGE, encoding="utf-8")
    assert invoke("clean", source, "-o", body, "--rejects", rejects).exit_code == 0
    result = invoke("restore", body, "--rejects", rejects, "-o", tmp_path / "b")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "a.txt: was HTML, which cannot be rebuilt from its text" in result.stderr
    result = invoke("restore", source, "--rejects", rejects, "-o", tmp_path / "b")
    assert result.exit_code == 1
    assert not (tmp_path / "b").exists()


def test_several_files_and_what_they_are_called(invoke: Any, tmp_path: Path) -> None:
    names = ["one.html", "two", "three.php", "four.txt"]
    for name in names:
        (tmp_path / name).write_text(PAGE, encoding="utf-8")
    out = tmp_path / "out"
    words = ["--format", "html", "-o", out]
    assert invoke("clean", *(tmp_path / name for name in names), *words).exit_code == 0
    found = {name: data.decode() for name, data in tree(out).items() if ".cleaner" not in name}
    names = ["one.txt", "two.txt", "three.php.txt", "four.txt"]
    assert found == dict.fromkeys(names, clean_html(PAGE))


def test_two_pages_of_one_name_are_told(invoke: Any, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.html", "a.txt"):
        (folder / name).write_text(PAGE, encoding="utf-8")
    result = invoke("clean", folder, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert re.search(r"a\.html and \S+a\.txt would both be written to \S+a\.txt", result.stderr)
    assert not (tmp_path / "out").exists()
    assert (
        invoke("clean", folder, "-o", tmp_path / "out", "--output-format", "markdown").exit_code
        == 0
    )


def test_a_broken_page_is_named_and_the_rest_done(clean: Any, pages: Path, tmp_path: Path) -> None:
    (pages / "cut.html.gz").write_bytes(gzip.compress(PAGE.encode())[:-9])
    (pages / "picture.html").write_bytes(b"\x89PNG\r\n" + bytes(range(32)) * 99)
    result = clean()
    assert (result.exit_code, files(result)) == (1, (14, 0, 2))
    assert f"{pages}/cut.html.gz: compressed data is damaged or cut short" in result.stderr
    assert f"{pages}/picture.html: looks like a binary file, not HTML" in result.stderr
    assert files(clean()) == (0, 14, 2)


def test_an_encoding_that_is_named_is_that_of_all_pages(invoke: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "a.html", tmp_path / "out"
    source.write_bytes(f"<p>{PARAGRAPHS[0]} Š.".encode("iso-8859-2"))
    for _ in range(2):
        result = invoke("clean", source, "-o", f"{out}/", "--encoding", "iso-8859-2")
        assert result.exit_code == 0
        assert (out / "a.txt").read_text("utf-8") == f"{PARAGRAPHS[0]} Š."


@pytest.mark.parametrize("option", ["--learn-repeats", "--annotate", "--keep-original=raw"])
def test_what_pages_have_no_use_for_is_told(invoke: Any, tmp_path: Path, option: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.html").write_text(PAGE, encoding="utf-8")
    result = invoke("clean", folder, "-o", tmp_path / "out", option)
    assert result.exit_code == 2
    assert f"{option.partition('=')[0]} is not for HTML" in result.stderr


def test_lines_of_pages_are_not_counted(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "b.txt").write_text("One.\n", encoding="utf-8")
    words = [tmp_path / "a.html", tmp_path / "b.txt", "-o", tmp_path / "counts.npz", "--workers", 1]
    result = invoke("repeats", *words)
    assert result.exit_code == 1
    assert "a.html: lines of HTML are not counted" in result.stderr
    assert "1 documents counted" in result.stderr


def test_a_folder_of_pages_without_the_extra(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    for words in (["a.html"], [".", "-o", "out"]):
        program = (
            "import sys; sys.modules['resiliparse'] = None\n"
            f"from cleaner.cli import main; main({['clean', *words]!r})"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, env=env, cwd=tmp_path,
            check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert "needs resiliparse" in done.stderr
        assert "pip install 'cleaner[html]'" in done.stderr


def test_a_killed_run_goes_on(command: list[str], env: dict[str, str], tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.html").write_text(page(number) * 5, encoding="utf-8")
    lines = [json.dumps({"text": page(number)}) + "\n" for number in range(300)]
    (folder / "pages.jsonl").write_text("".join(lines), encoding="utf-8")
    words = [*command, "clean", str(folder), "--format", "html", "--block-size", "20000"]
    whole = tmp_path / "whole"
    subprocess.run([*words, "-o", str(whole)], env=env, check=True, timeout=120)
    more = ["-o", str(out), "--workers", "2"]
    process = subprocess.Popen([*words, *more], env=env, stderr=subprocess.DEVNULL)
    manifest = out / ".cleaner" / "manifest.jsonl"
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if manifest.exists() and manifest.stat().st_size:
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = subprocess.run(
        [*words, "-o", str(out), "--stats"], env=env, check=True, timeout=120, capture_output=True
    )
    assert b" 0 failed" in done.stderr
    outputs = [
        {name: data for name, data in tree(one).items() if ".cleaner" not in name}
        for one in (whole, out)
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0]["7.txt"].decode() == clean_html(page(7) * 5)


# --- records that hold pages


def test_lines_that_hold_pages(invoke: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "pages.jsonl", tmp_path / "out"
    lines = [json.dumps({"id": at, "html": page(at), "n": 1.50}) + "\n" for at in range(40)]
    source.write_text("".join([*lines, '{"id": 40}\n', '{"html": null}\n']), encoding="utf-8")
    words = ["clean", source, "--field", "html", "--format", "html"]
    for workers in (1, 2):
        result = invoke(
            *words, "-o", f"{out}{workers}/", "--block-size", 9000, "--workers", workers
        )
        assert result.exit_code == 1
        assert f"{source}: line 41: no field 'html'" in result.stderr
        assert result.stderr.count("\n") == 1
    text = (tmp_path / "out1" / "pages.jsonl").read_text("utf-8")
    assert text == (tmp_path / "out2" / "pages.jsonl").read_text("utf-8")
    assert invoke(*words).stdout == text
    found = list(map(json.loads, text.splitlines()))
    assert [one["html"] for one in found[:40]] == [clean_html(page(at)) for at in range(40)]
    assert found[40:] == [{"id": 40}, {"html": None}]
    assert text.startswith('{"id": 0, "html": "The Last')


def test_lines_with_all_that_may_be_added(invoke: Any, tmp_path: Path) -> None:
    source, rejects = tmp_path / "pages.dat", tmp_path / "rejects.jsonl"
    source.write_text(json.dumps({"text": PAGE}) + "\n", encoding="utf-8")
    more = ["--keep-original", "html", "--annotate", "--output-format", "markdown"]
    words = ["clean", source, "-o", tmp_path / "out.jsonl", "--rejects", rejects]
    result = invoke(*words, "--format", "jsonl+html", *more)
    assert (result.exit_code, result.output) == (0, "")
    found = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    assert (found["text"], found["html"]) == (clean_html(PAGE, output="markdown"), PAGE)
    assert sum(found["cleaner"]["stripped"].values()) == rejects.read_text("utf-8").count("\n")
    result = invoke("restore", tmp_path / "out.jsonl", "--rejects", rejects, "-o", tmp_path / "b")
    assert result.exit_code == 1
    assert "out.jsonl: record 1: was HTML" in result.stderr


def test_another_output_format_does_records_again(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": PAGE}) + "\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("One.\n", encoding="utf-8")
    words = ["clean", tmp_path / "a.jsonl", tmp_path / "b.txt", "-o", tmp_path / "out", "--stats"]
    assert files(invoke(*words, "--format", "html")) == (2, 0, 0)
    assert files(invoke(*words, "--format", "html", "--output-format", "text")) == (0, 2, 0)
    result = invoke(*words, "--format", "html", "--output-format", "markdown")
    assert "since the last run has changed: format; 1 file is done again" in result.stderr
    (line,) = (tmp_path / "out" / "a.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["text"] == clean_html(PAGE, output="markdown")
    assert files(invoke(*words, "--format", "html", "--output-format", "markdown")) == (0, 2, 0)


def test_a_stream_of_lines_that_hold_pages(command: list[str], env: dict[str, str]) -> None:
    words = [*command, "clean", "--format", "jsonl+html"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(2):
            process.stdin.write(json.dumps({"text": page(number)}).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert json.loads(line) == {"text": clean_html(page(number))}
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.mark.parametrize("name", ["a.parquet", "a.dat"])
def test_rows_that_hold_pages(invoke: Any, tmp_path: Path, name: str) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    source, out = tmp_path / name, tmp_path / "out.parquet"
    html = [None if at == 3 else page(at) for at in range(20)]
    parquet.write_table(arrow.table({"id": range(20), "html": html}), source, row_group_size=7)
    asked = "html" if name == "a.parquet" else "parquet+html"
    words = ["--field", "html", "--format", asked, "--block-size", 5000, "--annotate"]
    assert invoke("clean", source, "-o", out, *words).exit_code == 0
    table = parquet.read_table(out)
    assert table.column("html").to_pylist() == [one and clean_html(one) for one in html]
    assert table.column_names == ["id", "html", "cleaner"]


# --- WARC archives


TYPE = {"Content-Type": "application/http; msgtype=response"}
PLACE = {"WARC-Target-URI": "http://a.example/", "WARC-Date": "2024-05-01T00:00:00Z"}


def http(body: bytes, *lines: str, media: str = "text/html") -> bytes:
    head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {media}", *lines])
    return head.encode() + b"\r\n\r\n" + body


def response(number: int, content: bytes, **more: str) -> bytes:
    name = {"WARC-Record-ID": f"<urn:uuid:{number}>"}
    return wet_record("response", content, **TYPE, **PLACE, **name, **more)


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


# --- what is no page, and pages in any encoding


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


SAID = {
    "cp1252": "Le café était fermé à huit heures, où « l’équipage » s’est arrêté.",
    "cp1251": "Паром ушёл из старой гавани чуть позже шести, и никто не поднял глаз.",
    "koi8-r": "Паром ушёл из старой гавани чуть позже шести, и никто не поднял глаз.",
    "iso-8859-2": "Loď opustila starý přístav krátce po šesté, jako každé ráno.",
    "shift_jis": "フェリーは六時過ぎに古い港を出た。橋が閉鎖されてから毎朝のことである。",
    "euc_jp": "フェリーは六時過ぎに古い港を出た。橋が閉鎖されてから毎朝のことである。",
    "gb18030": "渡轮在六点过后不久离开了旧港口，船上没有人抬头看一眼。",
    "big5": "渡輪在六點過後不久離開了舊港口，船上沒有人抬頭看一眼。",
    "euc_kr": "페리는 여섯 시가 조금 지나 옛 항구를 떠났고 아무도 고개를 들지 않았다.",
    "utf-8": "Паром ушёл из старой гавани чуть позже шести. 渡轮在六点过后。",
    "utf-8-sig": "Паром ушёл из старой гавани чуть позже шести.",
    "utf-16": "Паром ушёл из старой гавани чуть позже шести. 渡轮在六点过后。",
    "utf-16-le": "渡轮在六点过后不久离开了旧港口，船上没有人抬头看一眼。",
    "utf-16-be": "Паром ушёл из старой гавани чуть позже шести.",
    "utf-32": "Паром ушёл из старой гавани чуть позже шести.",
    "utf-32-le": "渡轮在六点过后不久离开了旧港口，船上没有人抬头看一眼。",
    "utf-32-be": "Паром ушёл из старой гавани чуть позже шести.",
}


def written_in(encoding: str) -> tuple[str, bytes]:
    """A page, and its bytes; those of small encodings say which they are in."""
    name = encoding.replace("_", "-").replace("cp", "windows-")
    said = "" if encoding.startswith("utf") else f'<meta charset="{name}">'
    html = f"<html><head>{said}<title>-</title></head><body><p>{SAID[encoding] * 9}</body></html>"
    return html, html.encode(encoding)


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


# --- how responses are packed, and what else they say

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


# --- names of fields, and formats that do not go together


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--keep-original", "text"], "--keep-original text: is the name of another field"),
        (["--keep-original", "url"], "--keep-original url: is the name of another field"),
        (["--keep-original", "cleaner", "--annotate"], "--keep-original cleaner: is the name"),
        (["--field", "url"], "--field url: is the name of another field"),
        (["--field", "body", "--keep-original", "body"], "--keep-original body: is the name"),
    ],
)
@pytest.mark.parametrize("ending", ["warc", "wet"])
def test_two_fields_of_one_name_are_refused(
    invoke: Any, tmp_path: Path, words: list[str], told: str, ending: str
) -> None:
    pytest.importorskip("fastwarc")
    source = tmp_path / f"a.{ending}"
    source.write_bytes(response(1, http(PAGE.encode())))
    result = invoke("clean", source, "-o", tmp_path / "out.jsonl", *words)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_the_original_cannot_be_kept_as_the_text(invoke: Any, tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text('{"text": "One.", "url": "x"}\n', encoding="utf-8")
    result = invoke("clean", source, "--keep-original", "text")
    assert result.exit_code == 2
    assert "--keep-original text: is the name of another field, of --field" in result.stderr
    assert invoke("clean", source, "--field", "url").exit_code == 0


@pytest.mark.parametrize("which", ["clean", "inspect"])
def test_a_wet_archive_holds_no_html(invoke: Any, tmp_path: Path, which: str) -> None:
    (tmp_path / "a.wet").write_bytes(wet_record("conversion", b"One.\n"))
    result = invoke(which, tmp_path / "a.wet", "--format", "html")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a.wet: WET archives hold no HTML; leave out --format html" in result.stderr


@pytest.mark.parametrize("option", ["--annotate", "--keep-original=raw"])
def test_texts_have_no_place_for_what_is_added(invoke: Any, tmp_path: Path, option: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("One.\n", encoding="utf-8")
    for words in ([folder / "a.txt"], [folder, "-o", tmp_path / "out"]):
        result = invoke("clean", *words, option)
        assert result.exit_code == 2
        assert f"{option.partition('=')[0]} is not for texts" in result.stderr
    (folder / "b.html").write_text(PAGE, encoding="utf-8")
    assert invoke("clean", folder, "-o", tmp_path / "out", option).exit_code == 2
    # Where there are records, it is for them.
    (folder / "c.jsonl").write_text('{"text": "One."}\n', encoding="utf-8")
    assert invoke("clean", folder, "-o", tmp_path / "out", option).exit_code == 0
