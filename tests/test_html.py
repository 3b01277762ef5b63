"""HTML in, clean article out: through the functions, the class and the command."""

from __future__ import annotations

import gzip
import hashlib
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import threadpoolctl

import cleaner
from cleaner import Cleaner, HtmlCleaner, OptionError, clean_html, inspect_html
from cleaner.errors import InputError, ModelError
from cleaner.html import WAYS
from cleaner.html_markup import SHIPPED, load_markup
from cleaner.model_file import SHIPPED as TEXT_MODEL
from cleaner.network import Network

PARAGRAPHS = (
    "The ferry left the old harbour a little after six, as it had done every morning since the "
    "bridge was closed, and nobody on board looked up when the horn sounded twice over the water.",
    "Nobody could say when the habit had begun. The harbour master, who kept the books, thought "
    "that it had been in the winter of the great ice, when the crossing took most of a day.",
    "By the end of the month the new bridge will open, and the last crew will be sent to work on "
    "the dredgers up the coast. The boats themselves have been sold to a museum in the north.",
)
NAMES = ("Home", "World", "Sport", "Weather", "Contact us")
MENU = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in NAMES)
PAGE = f"""<!doctype html><html><head><title>The Last Ferry | Daily</title></head><body>
<header><nav><ul>{MENU}</ul></nav></header>
<main><article><h1>The Last Ferry</h1>
<p>{PARAGRAPHS[0]}</p>
<h2>A habit of the harbour</h2>
<p>{PARAGRAPHS[1]}</p>
<ul><li>It carried the post until the war.</li><li>It carried sheep until the flood.</li></ul>
<p>{PARAGRAPHS[2]}</p></article>
<aside class="related"><h3>Related stories</h3><ul>
<li><a href="/1">Ten Harbours You Must See Before You Die</a></li>
<li><a href="/2">Bridge Opening Delayed Again Says Minister</a></li></ul></aside></main>
<footer><p>&copy; 2024 The Daily. All rights reserved.</p><p><a href=/p>Privacy policy</a></p>
</footer></body></html>"""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", ["balanced", "thorough"])
def test_the_article_stays_and_the_rest_goes(way: str, mode: str) -> None:
    body = clean_html(PAGE, mode, way=way)
    assert all(paragraph in body.split("\n") for paragraph in PARAGRAPHS)
    assert "The Last Ferry" in body
    assert not any(name in body for name in ("Weather", "Related", "Ten Harbours", "rights"))


def test_bytes_and_text_are_the_same_page() -> None:
    assert clean_html(PAGE.encode()) == clean_html(PAGE)
    assert clean_html(PAGE.encode("utf-16")) == clean_html(PAGE)


def test_fragments_are_of_the_text_of_the_page() -> None:
    fragments = inspect_html(PAGE)
    text = HtmlCleaner().text(PAGE)
    assert [text[f.start : f.end] for f in fragments] == [f.text for f in fragments]
    kept = [f.text for f in fragments if f.keep]
    assert clean_html(PAGE).split("\n\n")[0] == kept[0]
    assert {f.category for f in fragments if not f.keep} - {"article"}


def test_the_words_of_markup_count() -> None:
    """A paragraph that looks like any other, but stands among the comments, goes."""
    comment = (
        "I went on that ferry with my father when I was six years old, and what I remember is the "
        "smell of the engine and the gulls. We had sandwiches, and he let me hold the rope."
    )
    page = PAGE.replace(
        "</main>", f'<div id="comments" class="comment-list"><p>{comment}</p></div></main>'
    )
    (within,) = (f.score for f in inspect_html(page) if f.text == comment)
    bare = Cleaner().inspect(HtmlCleaner().text(page))
    (alone,) = (f.score for f in bare if f.text == comment)
    assert within < alone


def test_markdown_keeps_headings_and_lists() -> None:
    body = clean_html(PAGE, output="markdown")
    assert body == (
        f"# The Last Ferry\n\n{PARAGRAPHS[0]}\n\n## A habit of the harbour\n\n{PARAGRAPHS[1]}\n\n"
        "- It carried the post until the war.\n- It carried sheep until the flood.\n\n"
        f"{PARAGRAPHS[2]}\n"
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("output", ["text", "markdown"])
def test_a_batch_gives_what_each_page_gives(way: str, output: str) -> None:
    pages = [PAGE, "", "<p>One line.", PAGE.encode(), "<frameset>", PAGE.replace("ferry", "boat")]
    one = HtmlCleaner(way=way, output=output)
    assert list(one.clean_batch(pages)) == [one.clean(page) for page in pages]
    assert list(one.inspect_batch(pages)) == [one.inspect(page) for page in pages]
    assert [one.clean_and_inspect(page) for page in pages] == [
        (one.clean(page), one.inspect(page)) for page in pages
    ]


def test_it_pickles_small_and_whole() -> None:
    one = HtmlCleaner(mode="gentle", keep="toc", way="main", output="markdown", encoding="cp1252")
    data = pickle.dumps(one)
    two = pickle.loads(data)
    assert len(data) < 300
    assert (two.way, two.output, two.encoding, two.options) == (
        "main", "markdown", "cp1252", one.options,
    )  # fmt: skip
    assert two.clean(PAGE) == one.clean(PAGE)


def test_categories_stay_on_request() -> None:
    taken = {f.category for f in inspect_html(PAGE) if not f.keep}
    assert all(f.keep for f in HtmlCleaner(keep=tuple(taken)).inspect(PAGE))


@pytest.mark.parametrize("name", ["way", "output", "mode"])
def test_an_unknown_option_is_named(name: str) -> None:
    with pytest.raises(OptionError, match=r"no .*'other'"):
        HtmlCleaner(**{name: "other"})  # type: ignore[arg-type]


def test_what_is_no_page_is_refused() -> None:
    with pytest.raises(TypeError, match="not int"):
        clean_html(1)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="'latin99'"):
        HtmlCleaner(encoding="latin99").clean(b"<p>x")


def test_text_without_markup_is_judged_as_ever(texts: Any) -> None:
    assert Cleaner().clean(texts.page) == cleaner.clean(texts.page)
    assert "cleaner.html" not in Cleaner.__module__


def test_a_damaged_file_of_weights_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "cut.npz").write_bytes(SHIPPED.read_bytes()[:999])
    with pytest.raises(ModelError, match=r"cut\.npz"):
        load_markup(tmp_path / "cut.npz")
    with pytest.raises(ModelError, match=r"none\.npz"):
        load_markup(tmp_path / "none.npz")
    arrays = load_markup().arrays() | {"header": np.frombuffer(b'{"format": 9}', np.uint8)}
    np.savez(tmp_path / "other.npz", **arrays)
    with pytest.raises(ModelError, match=r"other\.npz"):
        load_markup(tmp_path / "other.npz")


def test_without_the_extra_there_is_one_line_that_tells_how_to_install_it() -> None:
    program = (
        "import sys; sys.modules['resiliparse'] = None; sys.modules['resiliparse.parse'] = None\n"
        "import cleaner\n"
        "try:\n    cleaner.clean_html('<p>One.')\n"
        "except cleaner.MissingError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.count("\n") == 1
    assert "pip install 'cleaner[html]'" in done.stdout


@pytest.mark.parametrize("way", WAYS)
def test_no_product_of_a_page_is_shared_among_threads(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    threads: list[int] = []
    outputs = Network.outputs

    def watched(self: Network, rows: Any) -> Any:
        found = threadpoolctl.threadpool_info()
        threads.extend(one["num_threads"] for one in found if one["user_api"] == "blas")
        return outputs(self, rows)

    monkeypatch.setattr(Network, "outputs", watched)
    # A line that may be two, so that the glue network is asked as well.
    page = PAGE.replace("</body>", "<p>It ended on Monday.Another Title Of The Day</p></body>")
    HtmlCleaner(way=way).clean(page)
    assert threads
    assert set(threads) == {1}


# --- the command


def test_a_file_of_html_is_known_by_its_name(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.HTML"
    path.write_text(PAGE, encoding="utf-8")
    result = invoke("clean", path, "--rejects", tmp_path / "rejects.jsonl", "--stats")
    assert result.stdout == clean_html(PAGE)
    assert "Weather" in (tmp_path / "rejects.jsonl").read_text("utf-8")


def test_html_comes_in_by_a_pipe_and_goes_out_as_markdown(invoke: Any) -> None:
    result = invoke("clean", "--format", "html", "--output-format", "markdown", stdin=PAGE)
    assert result.stdout == clean_html(PAGE, output="markdown")


@pytest.mark.parametrize(
    ("name", "words", "output"),
    [
        ("body.md", [], "markdown"),
        ("body.MARKDOWN.gz", [], "markdown"),
        ("body.md", ["--output-format", "text"], "text"),
        ("body.txt", [], "text"),
    ],
)
def test_the_name_of_the_output_says_that_it_is_markdown(
    invoke: Any, tmp_path: Path, name: str, words: list[str], output: str
) -> None:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    out = tmp_path / name
    assert invoke("clean", tmp_path / "page.html", "-o", out, *words).exit_code == 0
    data = out.read_bytes()
    body = gzip.decompress(data) if name.endswith(".gz") else data
    assert body.decode() == clean_html(PAGE, output=output)


def test_inspect_shows_a_page(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(PAGE.encode("utf-16"))
    result = invoke("inspect", path, "--json")
    assert result.stdout.count("\n") == len(inspect_html(PAGE))


def test_html_may_be_read_as_text(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<p>One.\n", encoding="utf-8")
    assert invoke("clean", path, "--format", "text").stdout == "<p>One.\n"


@pytest.mark.parametrize("words", [(), ("-o", "out")])
@pytest.mark.parametrize("name", ["text.txt", "lines.jsonl"])
def test_what_is_for_html_alone_is_told(
    invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text('{"text": "One."}\n', encoding="utf-8")
    result = invoke("clean", name, "--output-format", "markdown", *words)
    assert result.exit_code == 2
    assert "--output-format markdown is for HTML" in result.stderr


def test_the_markup_was_learned_on_the_shipped_model() -> None:
    model = hashlib.sha256(TEXT_MODEL.read_bytes()).hexdigest()
    learned = load_markup().header["text_model"]
    assert learned == model, "run: python -m data.html_markup --corpora PATH"


def test_rejects_of_a_page_are_in_the_format_of_their_name(invoke: Any, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pip install 'cleaner[parquet]'")
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    stripped = [one.text for one in inspect_html(PAGE) if not one.keep]
    for name in ("rejects.parquet", "rejects.jsonl.gz"):
        assert invoke("clean", path, "--rejects", tmp_path / name).exit_code == 0
    assert parquet.read_table(tmp_path / "rejects.parquet").column("text").to_pylist() == stripped
    rows = gzip.decompress((tmp_path / "rejects.jsonl.gz").read_bytes()).splitlines()
    assert [json.loads(row)["text"] for row in rows] == stripped


@pytest.mark.parametrize("words", [("--learn-repeats",), ("--annotate",), ("--keep-original", "o")])
def test_options_that_a_page_has_no_use_for_are_told(
    invoke: Any, tmp_path: Path, words: Any
) -> None:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    result = invoke("clean", tmp_path / "page.html", *words)
    assert result.exit_code == 2
    assert words[0] in result.stderr


def test_a_page_from_standard_input_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    words = [sys.executable, "-m", "cleaner", "clean", "--format", "html", "-o", str(path)]
    with path.open("rb") as file:
        done = subprocess.run(words, stdin=file, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "written over the input" in done.stderr
    assert path.read_text(encoding="utf-8") == PAGE
