"""The page and the text say what the reports hold; nothing from data becomes markup."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import evaluation_text
from cleaner.dataset import LabelledDocument, laid_out
from cleaner.document import ARTICLE, Fragment
from cleaner.evaluation import Report, evaluate_modes
from cleaner.evaluation_page import page
from cleaner.plots import Axis, Mark, Series, plot

EVIL = "<script>alert('x')</script> & \"quoted\" \x1b[2J"
MODES = ("gentle", "thorough")

#: What has no end tag in HTML.
VOID = {"meta"}


class Page(HTMLParser):
    """Collects the tags and the attributes of a page, and checks that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        self.links += [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(text: str) -> Page:
    found = Page()
    found.feed(text)
    found.close()
    assert found.open == []
    return found


def evil_reports(evil: str = EVIL) -> dict[str, Report]:
    lines = [(ARTICLE, f"One two three {evil}"), ("toc", f"Four {evil}"), ("share", "Five")]
    text, spans = laid_out([(label, " ".join(line.splitlines())) for label, line in lines])
    one = LabelledDocument(f"id {evil}", f"set {evil}", evil, "", "dev", text, spans, evil)
    two = LabelledDocument("two", "plain", "en", "", "dev", text, spans, "plain")
    snippets = dataclasses.replace(two, spans=(), must_stay=("One", evil), must_go=("Four",))

    def judged(texts: Iterable[str]) -> Iterator[dict[str, list[Fragment]]]:
        for _ in texts:
            told = [Fragment(text[s:e], s, e, "toc", 0.3, False, "") for s, e, _ in spans]
            kept = [dataclasses.replace(part, keep=True, category=ARTICLE) for part in told]
            yield {"gentle": kept, "thorough": told}

    return evaluate_modes([one, two, snippets], judged, MODES, most=3)


def test_the_page_needs_nothing_and_runs_nothing() -> None:
    text = page(evil_reports())
    found = parsed(text)
    assert {"svg", "table", "details", "circle"} <= set(found.tags)
    assert "script" not in found.tags
    assert found.links == []
    assert "url(" not in text
    assert set(re.findall(r"https?://[^\"<]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert "\x1b" not in text
    assert "&lt;script&gt;" in text


def test_the_page_holds_both_plots_and_every_mode() -> None:
    text = page(evil_reports(evil="sample"))
    assert text.count("<svg") == 2
    assert "Stripped against lost" in text
    assert "Reliability" in text
    for mode in MODES:
        assert f"stripped, {mode}" in text
        assert f"<h2>What stripped lines are taken for, {mode}" in text or mode == "gentle"
    assert "An article, and nothing is left, thorough" in text


@given(st.text(st.characters(), max_size=60))
def test_no_text_breaks_the_page(evil: str) -> None:
    text = page(evil_reports(evil or "x"))
    text.encode()
    tags = parsed(text).tags
    assert set(tags) == set(parsed(page(evil_reports("x"))).tags)


def test_an_evaluation_of_nothing_has_a_page() -> None:
    reports = evaluate_modes([], lambda texts: ({} for _ in texts), MODES)
    assert "NaN" not in page(reports)
    parsed(page(reports))
    assert list(evaluation_text.lines(reports))


# The same as text.


def test_the_text_tells_every_mode_and_the_usual_ones_worst() -> None:
    told = list(evaluation_text.lines(evil_reports(evil="sample")))
    heads = [line.split()[0] for line in told if line and not line.startswith(" ")]
    assert {"set", "rendering", "language", "snippets", "category", "scores", "score,"} <= set(
        heads
    )
    assert [line.split()[:3] for line in told[1:5]] == [
        ["plain", "gentle", "1"],
        ["plain", "thorough", "1"],
        ["set", "sample", "gentle"],
        ["set", "sample", "thorough"],
    ]
    # Balanced was not asked for, so the first mode is told of.
    assert "Most other tokens kept, gentle" in told
    assert not any("thorough" in line for line in told if line.startswith("Most"))


def test_a_single_rendering_is_not_told_twice() -> None:
    reports = evil_reports(evil="plain")
    told = list(evaluation_text.lines(reports))
    assert not any(line.startswith("rendering") for line in told)
    assert "plain" in reports["gentle"].renderings


def test_the_text_sends_nothing_to_the_terminal() -> None:
    told = "\n".join(evaluation_text.lines(evil_reports()))
    assert "\x1b" not in told
    assert "<script>" in told


# Plots.


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), max_size=10),
    st.floats(0.01, 2),
)
def test_what_is_drawn_stays_inside(points: list[tuple[float, float]], end: float) -> None:
    series = [Series("one", points, [Mark(point, "m", "g") for point in points])]
    drawn = plot("A plot", Axis("x", end, is_percent=True), Axis("y"), series, has_diagonal=True)
    parsed(drawn)
    for across, up in re.findall(r'cx="([-\d.]+)" cy="([-\d.]+)"', drawn):
        assert 0 <= float(across) <= 520
        assert 0 <= float(up) <= 360


@pytest.mark.parametrize("count", [1, 7, 20])
def test_colours_never_run_out(count: int) -> None:
    series = [Series(f"s{number}", [(0, 0), (1, 1)]) for number in range(count)]
    drawn = plot("Many", Axis("x"), Axis("y"), series)
    assert drawn.count('class="line"') == count
