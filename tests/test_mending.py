"""Seams: tables of what is left between, before and after what goes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.mending import Piece, mended

#: In these tables a capital letter begins what is kept and "x" what goes; "/" is a glue point.
TABLE = {
    "nothing": ("", ""),
    "blank only": ("\n \n", "\n \n"),
    "all kept": ("A\n\nB\n", "A\n\nB\n"),
    "all kept without line end": ("A\n\n\n B", "A\n\n\n B"),
    "all goes": ("x\nx\n", ""),
    "all goes, blank lines first": ("\nx\n", "\n"),
    # At the start: what stood outermost stays.
    "first line": ("x\nA\n", "A\n"),
    "first line and its blank line": ("x\n\nA\n", "A\n"),
    "first line behind a blank line": ("\nx\n\n\nA\n", "\nA\n"),
    "two first lines": ("x\n\nx\n\nA\n", "A\n"),
    # At the end.
    "last line": ("A\nx\n", "A\n"),
    "last line without line end": ("A\nx", "A\n"),
    "last line and the blank before it": ("A\n\nx\n", "A\n"),
    "last lines": ("A\n\nx\n\nx\n\n", "A\n\n"),
    "last line before blank lines": ("A\nx\n\n\n", "A\n\n\n"),
    # In the middle: the longer run of blank lines stays.
    "middle, no blank lines": ("A\nx\nB\n", "A\nB\n"),
    "middle, blank on both sides": ("A\n\nx\n\nB\n", "A\n\nB\n"),
    "middle, blank before": ("A\n\nx\nB\n", "A\n\nB\n"),
    "middle, blank after": ("A\nx\n\nB\n", "A\n\nB\n"),
    "middle, more before": ("A\n\n\nx\n\nB\n", "A\n\n\nB\n"),
    "middle, more after": ("A\n\nx\n\n\nB\n", "A\n\n\nB\n"),
    "middle, blank lines of spaces": ("A\n \nx\n\nB\n", "A\n \nB\n"),
    "middle, blank inside what goes": ("A\nx\n\n\nx\nB\n", "A\nB\n"),
    "two seams": ("A\n\nx\n\nB\nx\nC\n", "A\n\nB\nC\n"),
    "blank lines elsewhere stay": ("A\n\n\nB\n\nx\n\nC\n", "A\n\n\nB\n\nC\n"),
    # Whitespace of a line that stays.
    "indent stays": ("\tA  \nx\n  B \n", "\tA  \n  B \n"),
    # Glued pieces.
    "both stay": ("A/B\n", "A\nB\n"),
    "both stay, apart": ("A /B\n", "A \nB\n"),
    "three stay": ("A/B/C\n", "A\nB\nC\n"),
    "second goes": ("A/x\nB\n", "A\nB\n"),
    "second goes, apart": ("A /x\nB\n", "A\nB\n"),
    "second goes, indent and line end stay": ("  A/x \nB\n", "  A\nB\n"),
    "first goes": ("x/A\nB\n", "A\nB\n"),
    "first goes, outer whitespace stays": (" x /A \nB\n", " A \nB\n"),
    "middle goes": ("A/x/B\n", "A\nB\n"),
    "middle goes, apart": ("A /x /B\n", "A\nB\n"),
    "both go": ("A\nx/x\nB\n", "A\nB\n"),
    "last of the text goes": ("A/x", "A"),
    "glued and alone": ("A/x\n\nx\n\nB/C\n", "A\n\nB\nC\n"),
}


def laid(drawn: str) -> tuple[str, list[Piece]]:
    """The text of a drawing, and its pieces."""
    text = ""
    pieces = []
    for part in re.split(r"(\r\n|[/\n\r])", drawn):
        visible = part.strip()
        if visible and part != "/":
            start = len(text) + part.index(visible)
            pieces.append(Piece(start, start + len(visible), visible != "x"))
        text += "" if part == "/" else part
    return text, pieces


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", TABLE)
def test_seams(name: str, newline: str) -> None:
    drawn, expected = (part.replace("\n", newline) for part in TABLE[name])
    assert mended(*laid(drawn)) == expected


def test_without_a_line_end_to_go_by_a_line_feed_is_put_in() -> None:
    assert mended(*laid("A/B")) == "A\nB"


def test_mixed_line_ends_stay_with_their_lines() -> None:
    assert mended(*laid("A\r\nB\nx\nC\rD/E")) == "A\r\nB\nC\rD\r\nE"


def test_other_separators_are_characters_of_a_line() -> None:
    text = "One\u2028two\x0bthree\x85\nx\n"
    pieces = [Piece(0, 13, True), Piece(15, 16, False)]
    assert mended(text, pieces) == "One\u2028two\x0bthree\x85\n"


PARTS = st.lists(st.sampled_from(["A", "Bc", "x", " ", "\n", "\n", "\r\n", "\r", "/"]), max_size=24)


def drawing(parts: list[str]) -> str:
    """The parts with neighbours that would run into one another set apart."""
    return re.sub(r"(?<=\w)(?=[A-Zx])", "/", "".join(parts))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(PARTS.map(drawing))
def test_what_is_kept_stays_in_order_and_whole(drawn: str) -> None:
    text, pieces = laid(drawn)
    found = mended(text, pieces)
    kept = [text[piece.start : piece.end] for piece in pieces if piece.keep]
    # Line by line: with each piece on a line of its own, and nothing else visible.
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", found)]
    assert [line for line in lines if line] == kept
    if len(kept) == len(pieces) and "/" not in drawn:
        assert found == text
    # No run of blank lines is longer than the longest that was there.
    assert longest_blank(found) <= longest_blank(text)


def longest_blank(text: str) -> int:
    lines = re.split(r"\r\n|\n|\r", text)
    run = best = 0
    for line in lines if lines[-1] else lines[:-1]:
        run = 0 if line.strip() else run + 1
        best = max(best, run)
    return best


@settings(derandomize=True, deadline=None)
@given(PARTS.map(drawing))
def test_mending_again_changes_nothing(drawn: str) -> None:
    text, pieces = laid(drawn)
    once = mended(text, pieces)
    again = [
        Piece(found.start(), found.start() + len(found.group().rstrip()), True)
        for found in re.finditer(r"\S[^\r\n]*", once)
    ]
    assert mended(once, again) == once
