"""From markup to lines: what makes a line, what is left out, and pages that mean harm."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.html import HtmlCleaner

TEXT = HtmlCleaner().text
_MARKDOWN = HtmlCleaner(output="markdown")

#: What is shown, by what makes it so; a page, and its text.
CASES = {
    "paragraphs": ("<p>One.<p>Two.", "One.\n\nTwo."),
    "words of one line": ("<p>One\n  <b>two</b> <a>three</a>,\tfour.", "One two three, four."),
    "divisions": ("<div>One<div>Two</div>Three</div>", "One\nTwo\nThree"),
    "line breaks": ("<p>One<br>Two<br/>Three", "One\nTwo\nThree"),
    "a rule": ("One<hr>Two", "One\nTwo"),
    "headings": ("<h1>One</h1>Two<h6>Three</h6>", "One\n\nTwo\n\nThree"),
    "items": ("<ul><li>One<li><p>Two<p>Three</ul>", "• One\n\n• Two\n\nThree"),
    "numbers": ("<ol><li>One<li>Two</ol><ol><li>One</ol>", "1. One\n2. Two\n\n1. One"),
    "a row of short cells": ("<table><tr><td>Salt<td>5 g<tr><td>Flour", "Salt | 5 g\nFlour"),
    "a row of long cells": (
        f"<table><tr><td>{'word ' * 20}<td>Two", f"{'word ' * 20}".strip() + "\nTwo"
    ),
    "a row of blocks": ("<table><tr><td><p>One<p>Two<td>Three", "One\n\nTwo\n\nThree"),
    "preformatted": ("<pre>\nif a:\n    b &lt; c\n</pre>", "if a:\n    b < c"),
    "entities": ("<p>a &lt;b&gt; &amp;amp; &quot;c&quot;&nbsp;d &eacute;", 'a <b> &amp; "c" d é'),
    "old preformatted": ("<xmp>a <p> & c</xmp>", "a <p> & c"),
    "frames": ("<frameset><frame src=a><noframes>Go <b>on</b>.</noframes></frameset>", "Go on."),
    "no markup": ("One.\nTwo.", "One. Two."),
    "a form around the page": ("<form><p>One.<input value=x></form>", "One."),
    "XHTML": (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/>'
        '<script src="a.js"/></head><body><p>One.</p></body></html>',
        "One.",
    ),
    "unclosed": ("<div><p>One <b>two<div>Three", "One two\n\nThree"),
}  # fmt: skip

#: Tags around a word that is not shown.
HIDDEN = (
    "<script>word</script>", "<style>word</style>", "<!-- <p>word</p> -->", "<!--word-->",
    "<noscript><p>word</noscript>", "<template><p>word</template>", "<title>word</title>",
    "<select><option>word</select>", "<textarea>word</textarea>", "<button>word</button>",
    "<svg><text>word</text></svg>", "<iframe>word</iframe>", "<p hidden>word</p>",
    '<div style="color: red; display:none">word<div>word</div></div>',
    '<span style="visibility: hidden">wo<span>r</span>d</span>',
    "<script>if (a<b) { '</p><p>word' }</script>", "<script><!-- word </script>",
    '<img alt="word>">', "<!doctype word>",
)  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_shown_makes_lines(name: str) -> None:
    html, text = CASES[name]
    assert TEXT(html) == text


@pytest.mark.parametrize("tags", HIDDEN)
def test_what_is_not_shown_is_left_out(tags: str) -> None:
    assert TEXT(f"<p>One.</p>{tags}<p>Two.</p>") == "One.\n\nTwo."


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>Größe".encode(), "Größe"),
        ("<meta charset=latin1><p>Größe".encode(), "Größe"),  # declared wrongly
        ("<meta charset=utf-8><p>Größe und Weite".encode("cp1252"), "Gr\ufffd\ufffde und Weite"),
        ("<meta charset=iso-8859-1><p>Größe".encode("latin1"), "Größe"),
        ("<meta charset=windows-1251><p>Мороз и солнце".encode("cp1251"), "Мороз и солнце"),
        ("\ufeff<p>Größe".encode(), "Größe"),
        ("<p>Größe".encode("utf-16"), "Größe"),
        (b"", ""),
    ],
)
def test_bytes_are_read_as_what_they_are(data: bytes, text: str) -> None:
    assert TEXT(data) == text


def test_an_encoding_may_be_named() -> None:
    assert HtmlCleaner(encoding="cp866").text("<p>Мороз".encode("cp866")) == "Мороз"


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_anything_is_a_page(data: bytes | str) -> None:
    text = TEXT(data)
    assert all(line == line.rstrip() for line in text.split("\n"))


_BITS = st.sampled_from(
    [
        "<div>", "</div>", "<p>", "<b id=x>", "</b>", "<table>", "<tr>", "<td>", "</table>", "<li>",
        "<ul>", "</ul>", "<ol>", "<pre>", "</pre>", "<br>", "<a href='>'>", "</a>", "<!--", "-->",
        "<script>", "</script>", "<xmp>", "<noframes>", "<svg>", "<h2>", "<span hidden>", "</span>",
        "word ", "&lt;", "&", "<", "\n", "<x \"<y>", "<frameset>", "<plaintext>", "\x00", "\ud800",
    ]
)  # fmt: skip


@given(st.lists(_BITS, max_size=40).map("".join))
def test_any_tags_are_a_page(html: str) -> None:
    body, fragments = _MARKDOWN.clean_and_inspect(html)
    text = TEXT(html)
    assert [text[f.start : f.end] for f in fragments] == [f.text for f in fragments]
    assert bool(body) == any(f.keep for f in fragments)


#: Pages that mean harm, as something repeated.
HOSTILE = {
    "nested divisions": "<div>x",
    "nested tables": "<table><tr><td>x",
    "nested quotations": "<blockquote>x",
    "nested items": "<ul><li>x",
    "open formatting": "<b id={}><i class={}>x<p>",
    "open comments": "<!--",
    "open tags": "<a ",
    "open quotes": '<p title="',
    "closing tags": "</span></div>",
    "text of old elements": "<xmp><!--<noframes>",
    "entities": "&lt;&amp;",
    "attributes": "<p a{}=b>",
    "line breaks": "<br>",
    "cells": "<td>x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_linear(name: str) -> None:
    cleaner = HtmlCleaner(output="markdown")

    def seconds(count: int) -> float:
        page = "".join(HOSTILE[name].format(i, i) for i in range(count))
        began = time.process_time()
        cleaner.clean(page)
        return time.process_time() - began

    few, many = 200, 1600
    seconds(few)
    # Eight times the page takes eight times as long, or 64 times if time grows with the square;
    # the machine may be busy with other things.
    assert seconds(many) < 32 * max(seconds(few), 0.02)


def test_open_formatting_does_not_multiply() -> None:
    page = "<p>" + "".join(f"<b id={i}>" for i in range(3000)) + "<p>word" * 3000
    assert TEXT(page).split() == ["word"] * 3000
