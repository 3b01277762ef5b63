"""HTML in runs: folders of pages, and records that hold pages, by the command."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleaner import HtmlCleaner, clean_html, inspect_html
from tests.commands import tree
from tests.html_pages import http, page, response
from tests.test_html import PAGE, PARAGRAPHS
from tests.test_wet import wet_record

pytest.importorskip("resiliparse", reason="needs pip install 'cleaner[html]'")


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
