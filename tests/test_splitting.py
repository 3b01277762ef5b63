"""Lines, their ends and their offsets; documents of a batch do not influence each other."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.splitting import Batch, cut, split_lines


def pieces(texts: list[str], batch: Batch) -> list[list[tuple[str, int, int]]]:
    """The fragments of each text: what stands there, and where in that text."""
    out: list[list[tuple[str, int, int]]] = [[] for _ in texts]
    for start, end, document in zip(
        batch.start.tolist(), batch.end.tolist(), batch.document.tolist(), strict=True
    ):
        offset = int(batch.offsets[document])
        out[document].append(
            (texts[document][start - offset : end - offset], start - offset, end - offset)
        )
    return out


def naive(text: str) -> list[tuple[str, int, int]]:
    """The visible lines by `re` and `str.strip`, one at a time."""
    out = []
    place = 0
    for part in re.split(r"(\r\n|\n|\r)", text):
        visible = part.strip()
        if visible:
            start = place + part.index(visible)
            out.append((visible, start, start + len(visible)))
        place += len(part)
    return out


CASES = {
    "nothing": ("", []),
    "blank": (" \t\n\r\n \r", []),
    "one line": ("One line", [("One line", 0, 8)]),
    "line feeds": ("a\nbc\n", [("a", 0, 1), ("bc", 2, 4)]),
    "carriage returns": ("a\rbc\r", [("a", 0, 1), ("bc", 2, 4)]),
    "both together": ("a\r\nbc\r\n", [("a", 0, 1), ("bc", 3, 5)]),
    "mixed": ("a\rb\nc\r\nd", [("a", 0, 1), ("b", 2, 3), ("c", 4, 5), ("d", 7, 8)]),
    "feed before return": ("a\n\rb", [("a", 0, 1), ("b", 3, 4)]),
    "two returns and a feed": ("a\r\r\nb", [("a", 0, 1), ("b", 4, 5)]),
    "outer whitespace": ("  a b \t\n\u00a0c\u3000", [("a b", 2, 5), ("c", 9, 10)]),
    "astral characters": ("\U0001f600\n\U00020000x", [("\U0001f600", 0, 1), ("\U00020000x", 2, 4)]),
    "lone surrogate": ("\ud800\nb", [("\ud800", 0, 1), ("b", 2, 3)]),
    "zero character": ("\x00\na", [("\x00", 0, 1), ("a", 2, 3)]),
}


@pytest.mark.parametrize("name", CASES)
def test_lines(name: str) -> None:
    text, expected = CASES[name]
    assert pieces([text], split_lines([text])) == [expected]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_numbers_count_every_line_end_once(end: str) -> None:
    batch = split_lines([end.join(["a", "", "", "b", "c"])])
    assert batch.line.tolist() == [0, 3, 4]


def test_a_return_at_the_end_of_one_document_ends_a_line_of_its_own() -> None:
    # A line feed is laid after each document; the return must not swallow it.
    with_return = split_lines(["a\r", "b"])
    without = split_lines(["a\n", "b"])
    assert with_return.line.tolist() == without.line.tolist() == [0, 2]
    assert with_return.document.tolist() == [0, 1]


def test_offsets_and_first() -> None:
    batch = split_lines(["ab\ncd", "", "\n\n", "é"])
    assert batch.offsets.tolist() == [0, 6, 7, 10, 12]
    assert batch.first.tolist() == [0, 2, 2, 2, 3]
    assert batch.document.tolist() == [0, 0, 3]
    assert (len(batch), batch.documents) == (3, 4)


def test_no_documents_at_all() -> None:
    batch = split_lines([])
    assert (len(batch), batch.documents, batch.first.tolist()) == (0, 0, [0])


ANY_LINE = st.text(
    st.one_of(st.sampled_from("ab \t\r\n\u00a0\u2028.\x85\x1c"), st.characters()), max_size=30
)


@settings(deadline=None, derandomize=True)
@given(st.lists(ANY_LINE, max_size=6))
def test_like_a_naive_splitter_and_independent_of_the_batch(texts: list[str]) -> None:
    together = pieces(texts, split_lines(texts))
    assert together == [naive(text) for text in texts]
    assert together == [pieces([text], split_lines([text]))[0] for text in texts]


def test_cut_gives_both_pieces_in_order_with_line_and_document() -> None:
    texts = ["one. Two", "x\nabc.- Def.Ghi"]
    batch = split_lines(texts)
    first = int(batch.offsets[1])
    apart = cut(
        batch,
        np.array([0, 2, 2]),
        np.array([4, first + 6, first + 12]),
        np.array([5, first + 6, first + 12]),
    )
    assert [[text for text, _, _ in told] for told in pieces(texts, apart)] == [
        ["one.", "Two"],
        ["x", "abc.", "- Def.", "Ghi"],
    ]
    assert apart.line.tolist() == [0, 0, 1, 2, 2, 2]
    assert apart.first.tolist() == [0, 2, 6]


def test_cutting_nothing_changes_nothing() -> None:
    batch = split_lines(["one. Two"])
    none = np.zeros(0, np.int64)
    assert cut(batch, none, none, none) is batch
