"""What is shown of the worst documents is bounded and harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.dataset import LabelledDocument, laid_out
from cleaner.document import ARTICLE, Fragment
from cleaner.judging import Judgement, judge
from cleaner.worst import SHOWN_CHARACTERS, SHOWN_LINES, Worst, shortened


def lost(name: str, *lines: str) -> Judgement:
    """A document that loses all its lines."""
    text, spans = laid_out([(ARTICLE, line) for line in lines])
    told = LabelledDocument(name, "towns", "", "", "dev", text, spans)
    parts = [Fragment(text[s:e], s, e, "toc", 0.1, False, "") for s, e, _ in spans]
    return judge(told, parts)


@given(st.lists(st.integers(1, 6), max_size=12), st.integers(0, 5))
def test_the_worst_are_those_with_most_tokens_and_of_equals_the_first(
    sizes: list[int], most: int
) -> None:
    worst = Worst(most)
    for number, size in enumerate(sizes):
        worst.add(lost(str(number), "word " * size), True, False)
    ranked = sorted(range(len(sizes)), key=lambda number: (-sizes[number], number))
    for name in ("lost", "emptied"):
        found = worst.cases()[name]
        assert [(case.id, case.tokens) for case in found] == [
            (str(number), sizes[number]) for number in ranked[:most]
        ]
    assert worst.cases()["kept"] == worst.cases()["altered"] == worst.cases()["snippets"] == ()


def test_a_document_of_many_lines_shows_some_and_says_how_many() -> None:
    worst = Worst(1)
    worst.add(lost("long", *(f"line {number}" for number in range(40))), False, False)
    (case,) = worst.cases()["lost"]
    assert (case.count, case.tokens, len(case.lines)) == (40, 80, SHOWN_LINES)
    assert case.as_dict()["lines"][0]["text"] == "line 0"
    assert case.as_dict()["set"] == "towns"


def test_snippets_are_told_by_what_is_wrong_with_them() -> None:
    told = LabelledDocument(
        "a", "s", "", "", "dev", "one two\nthree", (), must_stay=("one two",), must_go=("three",)
    )
    parts = [
        Fragment("one two", 0, 7, "toc", 0.1, False, ""),
        Fragment("three", 8, 13, ARTICLE, 0.9, True, ""),
    ]
    worst = Worst(3)
    worst.add(judge(told, parts), False, False)
    (case,) = worst.cases()["snippets"]
    assert [(line.text, line.label, line.verdict, line.score) for line in case.lines] == [
        ("one two", "must_stay", "gone", None),
        ("three", "must_go", "kept", None),
    ]


@given(st.text(st.characters(), max_size=1000))
def test_a_shortened_line_is_one_short_line_fit_to_be_written(text: str) -> None:
    short = shortened(text)
    assert len(short) <= SHOWN_CHARACTERS + 1
    assert short.splitlines() == ([short] if short else [])
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in short)
    short.encode()


@pytest.mark.parametrize("mark", ["\x1b[2J", "\u202e", "\u2066", "\x9b1m", "\ud800"])
def test_a_page_sends_nothing_to_the_terminal(mark: str) -> None:
    assert mark[0] not in shortened(f"one {mark} two")


def test_what_is_short_stays_as_it_is() -> None:
    assert shortened("Die Brücke ist zu. نمی\u200cخواهم") == "Die Brücke ist zu. نمی\u200cخواهم"
    assert shortened("") == ""
