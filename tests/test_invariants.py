"""The promise, on any text: what stays is unchanged and in order, and nothing else happens."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cleaner import Cleaner, Fragment
from cleaner.document import STRIPPED_CATEGORIES
from cleaner.mending import Piece, mended

BREAK = re.compile(r"\r\n|\n|\r")

# --- texts

any_text = st.text(st.characters(), max_size=200)  # lone surrogates, controls, all planes

_TRICKY = st.sampled_from(
    ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\u3000", "\u200b",
     "\ufeff", "\xa0", "\t", " ", ".", ". ", "- ", "• ", ".A", "aB", "ABc", "?\"", "。", "x", "É",
     "字", "ア", "א", "ا", "\u0301", "👩‍👩‍👧", "\ud800", "\udfff", "\x00", "1", "ǅ", "ß", "|", ":"]
)  # fmt: skip
tricky_text = st.lists(_TRICKY, max_size=40).map("".join)

_PROSE = (
    "The ferry left the old harbour a little after six, and nobody seemed in a hurry.",
    "What remained was a quieter story about rents, about the price of diesel and the city.",
    "Она вернулась домой поздно вечером, и в доме уже никого не было.",
    "船は六時すぎに古い港を出て、甲板は家族連れでいっぱいだった。",
)
_SPAM = (
    "Tom Hardwick Wife Age Net Worth And Career Revealed",
    "Lena Marsh Leaked Photos Shock Her Many Fans Online",
    "Table of Contents",
    "Advertisement",
    "Share on Facebook",
    "Username : osinski.hilbert",
    "followers : 3144",
    "Bio : Suscipit ut vel quibusdam aut. Dolorem et natus quia voluptas eum.",
    "The Last Ferry | The Harbour Daily",
    "© 2025 The Harbour Daily. All rights reserved.",
)
_LINE = st.one_of(
    st.sampled_from(_PROSE),
    st.sampled_from(_SPAM),
    st.sampled_from(["", "", " ", "\t", "\u3000"]),
    # Glued: no break between two, or a break of another kind.
    st.tuples(
        st.sampled_from(_PROSE),
        st.sampled_from(["", " ", "- ", " • ", "  "]),
        st.sampled_from(_PROSE + _SPAM),
    ).map("".join),
    st.tuples(st.sampled_from(_SPAM), st.sampled_from(["", " "]), st.sampled_from(_PROSE)).map(
        "".join
    ),
    st.text(max_size=30),
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Texts of lines with line ends of every kind, the last one with or without."""
    lines = draw(st.lists(_LINE, max_size=25))
    one = draw(st.sampled_from(["\n", "\r\n", "\r", None]))
    ends = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])
    text = "".join(line + (one or draw(ends)) for line in lines)
    return text if draw(st.booleans()) else text[:-2] + BREAK.sub("", text[-2:])


texts_of_all_kinds = st.one_of(documents(), tricky_text, any_text)


# --- models


@pytest.fixture(scope="module", params=["shipped", "cutting", "half", "strict", "keeping"])
def judge(request: pytest.FixtureRequest, bent: Any) -> Cleaner:
    """The shipped model, and models that cut at every candidate, or strip much more."""
    if request.param == "shipped":
        return Cleaner()
    if request.param == "keeping":
        return Cleaner(bent(article=0.6, glue=0.0), keep=STRIPPED_CATEGORIES[:6])
    article, glue = {"cutting": (0.0, 0.0), "half": (0.6, 0.0), "strict": (1.5, 0.3)}[request.param]
    return Cleaner(bent(article=article, glue=glue))


# --- what is promised of a text and what became of it


def is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(char in rest for char in short)


def check_tiling(text: str, fragments: Sequence[Fragment]) -> None:
    at = 0
    for fragment in fragments:
        assert at <= fragment.start < fragment.end <= len(text)
        assert not text[at : fragment.start].strip()
        assert fragment.text == text[fragment.start : fragment.end] == fragment.text.strip()
        assert not BREAK.search(fragment.text)
        at = fragment.end
    assert not text[at:].strip()


def check_kept(text: str, pieces: Sequence[Any], out: str) -> None:
    """Every kept piece on a line of its own, whole and in order; nothing else visible."""
    lines = [line.strip() for line in BREAK.split(out)]
    assert [line for line in lines if line] == [
        text[piece.start : piece.end] for piece in pieces if piece.keep
    ]
    assert is_subsequence(BREAK.sub("", out), text)


def untouched(text: str, pieces: Sequence[Any]) -> bool:
    """Whether all stays and no two pieces share a line."""
    gaps = itertools.pairwise(pieces)
    return all(piece.keep for piece in pieces) and all(
        BREAK.search(text[one.end : two.start]) for one, two in gaps
    )


modest = settings(
    max_examples=150, suppress_health_check=[*HealthCheck]  # the judge is shared by all examples
)  # fmt: skip


@modest
@given(text=texts_of_all_kinds)
@example(text="\ufeff")
@example(text="\r")
@example(text="a\r\r\nb")
@example(text="\x00" * 50)
@example(text="\ud83d\n\ude00")
@example(text="x.Y- Z\rx.Y- Z")
def test_what_is_promised_of_any_text(judge: Cleaner, text: str) -> None:
    fragments = judge.inspect(text)
    out = judge.clean(text)
    check_tiling(text, fragments)
    check_kept(text, fragments, out)
    assert out == mended(text, fragments)
    assert all(0 <= fragment.score <= 1 for fragment in fragments)
    if untouched(text, fragments):
        assert out == text


@modest
@given(text=texts_of_all_kinds)
def test_a_model_that_keeps_all_and_cuts_nothing_changes_nothing(bent: Any, text: str) -> None:
    assert Cleaner(bent(article=0.0, glue=1.5)).clean(text) == text


@modest
@given(text=documents())
def test_fragments_are_lines_where_nothing_is_cut(bent: Any, text: str) -> None:
    fragments = Cleaner(bent(article=0.5, glue=1.5)).inspect(text)
    lines = [line.strip() for line in BREAK.split(text)]
    assert [fragment.text for fragment in fragments] == [line for line in lines if line]


@settings(modest, max_examples=60)
@given(texts=st.lists(texts_of_all_kinds, max_size=8))
def test_a_text_is_judged_alike_alone_and_in_a_batch(judge: Cleaner, texts: list[str]) -> None:
    batch = list(judge.inspect_batch(texts))
    assert len(batch) == len(texts)
    for text, fragments, out in zip(texts, batch, judge.clean_batch(texts), strict=True):
        alone = judge.inspect(text)
        assert [(f.start, f.end, f.keep, f.category) for f in fragments] == [
            (f.start, f.end, f.keep, f.category) for f in alone
        ]
        assert out == judge.clean(text)


@settings(modest, max_examples=60)
@given(data=st.binary(max_size=300))
def test_any_bytes_survive_the_command_where_nothing_is_stripped(
    invoke: Any, lax_model: Any, data: bytes
) -> None:
    result = invoke("clean", "--model", lax_model, stdin=data)
    if result.exit_code == 0:
        assert result.stdout_bytes == data
    else:
        assert result.exit_code == 1
        assert re.fullmatch(r"cleaner: standard input: [^\n]+\n", result.stderr)


# --- mending, whatever the verdicts


@st.composite
def cut_texts(draw: st.DrawFn) -> tuple[str, list[Piece]]:
    """A text, its lines cut at random places, and a random verdict on every piece."""
    text = draw(st.one_of(documents(), tricky_text))
    pieces: list[Piece] = []
    start = 0
    for end in [*(found.start() for found in BREAK.finditer(text)), len(text)]:
        places = [place for place in range(start, end) if not text[place].isspace()]
        if places:
            cuts = draw(st.lists(st.sampled_from(places), max_size=3)) if len(places) > 1 else []
            begins = sorted({places[0], *cuts})
            for begin, following in zip(begins, [*begins[1:], end], strict=True):
                last = max(place for place in places if begin <= place < following)
                pieces.append(Piece(begin, last + 1, draw(st.booleans())))
        start = end
    return text, pieces


@settings(max_examples=600)
@given(case=cut_texts())
def test_mending_keeps_whole_what_stays_and_joins_no_lines(case: tuple[str, list[Piece]]) -> None:
    text, pieces = case
    out = mended(text, pieces)
    check_kept(text, pieces, out)
    if untouched(text, pieces):
        assert out == text


@settings(max_examples=300)
@given(case=cut_texts())
def test_mending_adds_nothing_but_line_breaks_of_the_text(case: tuple[str, list[Piece]]) -> None:
    text, pieces = case
    out = mended(text, pieces)
    allowed = set(BREAK.findall(text)) or {"\n"}
    # A CR before a removed line may meet the LF of a blank line after it.
    assert set(BREAK.findall(out)) <= allowed | ({"\r\n"} if {"\r", "\n"} <= allowed else set())
    shared = sum(
        not BREAK.search(text[one.end : two.start]) for one, two in itertools.pairwise(pieces)
    )
    assert len(BREAK.findall(out)) <= len(BREAK.findall(text)) + shared


@settings(max_examples=300)
@given(case=cut_texts())
def test_mending_leaves_lines_that_lose_nothing_as_they_are(case: tuple[str, list[Piece]]) -> None:
    text, pieces = case
    out = mended(text, pieces)
    at = 0
    for piece in pieces:
        line_start = max((found.end() for found in BREAK.finditer(text, 0, piece.start)), default=0)
        line_end = BREAK.search(text, piece.end)
        line = text[line_start : line_end.start() if line_end else len(text)]
        if piece.keep and line.strip() == text[piece.start : piece.end]:
            at = out.index(line, at) + len(line)


@settings(max_examples=300)
@given(case=cut_texts())
def test_where_all_stays_only_line_breaks_are_added(case: tuple[str, list[Piece]]) -> None:
    text, pieces = case
    out = mended(text, [piece._replace(keep=True) for piece in pieces])
    assert BREAK.sub("", out) == BREAK.sub("", text)


def verdicts(text: str, gone: str) -> list[Piece]:
    """Every visible line a piece; those that consist of `gone` alone go."""
    pieces = []
    start = 0
    for line in BREAK.split(text):
        begin = text.index(line, start)
        if line.strip():
            pieces.append(Piece(begin, begin + len(line), line != gone))
        start = begin + len(line)
    return pieces


SEAMS = {
    "nothing goes": ("a\n\nb\n", "a\n\nb\n"),
    "between lines": ("a\nX\nb\n", "a\nb\n"),
    "a paragraph of its own": ("a\n\nX\n\nb\n", "a\n\nb\n"),
    "several with blanks between": ("a\n\nX\n\nX\nX\n\n\nX\n\nb\n", "a\n\nb\n"),
    "a longer gap before": ("a\n\n\n\nX\n\nb\n", "a\n\n\n\nb\n"),
    "a longer gap after": ("a\n\nX\n\n\nb\n", "a\n\n\nb\n"),
    "a gap on one side": ("a\nX\n\nb\n", "a\n\nb\n"),
    "at the start": ("X\n\na\n", "a\n"),
    "at the start after blanks": ("\n\nX\n\na\n", "\n\na\n"),
    "at the end": ("a\n\nX\n", "a\n"),
    "at the end without a line end": ("a\nX", "a\n"),
    "at the end before blanks": ("a\n\nX\n\n\n", "a\n\n\n"),
    "all": ("X\n\nX\n", ""),
    "blanks elsewhere stay": ("a\n\n\n\nb\nX\nc\n", "a\n\n\n\nb\nc\n"),
    "CRLF": ("a\r\n\r\nX\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"),
    "CR": ("a\r\rX\r\rb\r", "a\r\rb\r"),
    "blank lines of spaces": ("a\n \t\nX\n\nb\n", "a\n \t\nb\n"),
}


@pytest.mark.parametrize("name", SEAMS)
def test_the_seams_of_removals_close(name: str) -> None:
    text, expected = SEAMS[name]
    assert mended(text, verdicts(text, "X")) == expected


GLUED: dict[str, tuple[str, Sequence[tuple[str, bool]], str]] = {
    "both stay": ("One.Two\nx\n", [("One.", True), ("Two", True), ("x", True)], "One.\nTwo\nx\n"),
    "the second goes": ("One.Two\nx\n", [("One.", True), ("Two", False), ("x", True)], "One.\nx\n"),
    "the first goes": ("AdOne two\nx\n", [("Ad", False), ("One two", True), ("x", True)],
                       "One two\nx\n"),
    "the middle goes": ("A.B.C\n", [("A.", True), ("B.", False), ("C", True)], "A.\nC\n"),
    "CRLF is used where it is used": ("A.B\r\n", [("A.", True), ("B", True)], "A.\r\nB\r\n"),
    "no line end at all": ("A.B", [("A.", True), ("B", True)], "A.\nB"),
    "a space between stays": ("A. B\n", [("A.", True), ("B", True)], "A. \nB\n"),
    "all of a line": ("x\nA.B\ny", [("x", True), ("A.", False), ("B", False), ("y", True)], "x\ny"),
    "an indent stays": ("  A.B \n", [("A.", True), ("B", True)], "  A.\nB \n"),
}  # fmt: skip


@pytest.mark.parametrize("name", GLUED)
def test_glued_pieces_stand_on_lines_of_their_own(name: str) -> None:
    text, verdict, expected = GLUED[name]
    pieces, at = [], 0
    for piece, keep in verdict:
        start = text.index(piece, at)
        at = start + len(piece)
        pieces.append(Piece(start, at, keep))
    assert mended(text, pieces) == expected
