"""The compiled loops against their numpy twins: the same bits, whatever the text."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cleaner import glue, kernel, setting
from cleaner.document import CATEGORIES, Fragment, fragments_of
from cleaner.features import BUCKETS, HEAD, TAIL, line_keys, view
from cleaner.model_file import load
from cleaner.splitting import Batch, cut, split_lines
from cleaner.tally import Tally, retallied, tallied

compiled = pytest.mark.skipif(kernel.COMPILED is None, reason="built where no compiler was")

TABLE = np.random.default_rng(5).integers(-128, 128, (BUCKETS, 16), np.int8)
TABLE[0] = 0  # no n-gram, no weight

#: Labels of one word, two and three, as the model knows them.
LABELS = np.unique(line_keys(view(split_lines(["Advertisement\nSponsored by\nRead also this"]))))


@contextmanager
def numpy_alone() -> Iterator[None]:
    """The twins do the work."""
    found, kernel.COMPILED = kernel.COMPILED, None
    try:
        yield
    finally:
        kernel.COMPILED = found


def same(one: Batch | Tally | glue.Candidates, other: Batch | Tally | glue.Candidates) -> None:
    """Fail unless all arrays of the two are the same, with their types."""
    names = getattr(one, "_fields", None) or one.__slots__
    for name in names:
        mine, theirs = getattr(one, name), getattr(other, name)
        if name == "words":
            for part in mine.__slots__:
                assert np.array_equal(getattr(mine, part), getattr(theirs, part)), part
                assert getattr(mine, part).dtype == getattr(theirs, part).dtype, part
        else:
            assert np.array_equal(mine, theirs), name
            assert mine.dtype == theirs.dtype, name


#: What the loops have a word to say about, and any Unicode at all, lone surrogates included.
PIECES = st.one_of(
    st.sampled_from(
        [
            "\n", "\r", "\r\n", " ", "  ", "\t", "\u2028", ".", "!", "”", "\"", "'", ")", "(", "-",
            "–", "•", ":", ",", "://", "www.", "a@b", "@", "|", "The", "end", "EU", "word",
            "iPhone", "YouTube", "7", "2024", "１２", "语。", "日本語", "ไทย", "Привет", "Ё", "ß",
            "ǅ", "نص", "😀", "U.S.Army", "end.The", "end.- The", "x - Y", "Advertisement",
            "Sponsored by", "\x00",
            "A sentence that is long enough to stand before a last one. And the last one",
            "word " * 70, "x" * (HEAD + TAIL), "x" * (HEAD + TAIL + 1), "Ab." * 120,
        ]
    ),
    st.text(st.characters(), max_size=12),
)  # fmt: skip
TEXTS = st.lists(st.lists(PIECES, max_size=14).map("".join), max_size=4)


@compiled
@hypothesis_settings(deadline=None, derandomize=True, max_examples=400)
@given(TEXTS)
@example([])
@example(["", "\r", "a\r", "b"])
@example(["a\r\r\nb\r", "\r\n", "\n\r"])
@example(["Advertisement Sponsored by The mayor opened the new bridge on Monday morning at ten"])
def test_lines_joints_and_tallies_are_the_same(texts: list[str]) -> None:
    batch = split_lines(texts)
    found = glue.candidates(batch, LABELS)
    told = tallied(batch, TABLE)
    with numpy_alone():
        same(batch, split_lines(texts))
        same(found, glue.candidates(batch, LABELS))
        same(told, tallied(batch, TABLE))


@compiled
@hypothesis_settings(deadline=None, derandomize=True, max_examples=200)
@given(TEXTS, st.integers(0, 2**32 - 1))
def test_vocabularies_are_the_same(texts: list[str], seed: int) -> None:
    batch = split_lines(texts)
    words = tallied(batch, TABLE).words
    prose = np.random.default_rng(seed).random(len(batch)) < 0.5
    counts = setting._shared(batch, words, prose)
    with numpy_alone():
        assert np.array_equal(counts, setting._shared(batch, words, prose))


@hypothesis_settings(deadline=None, derandomize=True, max_examples=200)
@given(TEXTS, st.integers(0, 2**32 - 1))
def test_a_tally_after_cuts_is_that_of_the_pieces(texts: list[str], seed: int) -> None:
    batch = split_lines(texts)
    found = glue.candidates(batch, LABELS)
    some = np.flatnonzero(np.random.default_rng(seed).random(found.cut.size) < 0.5)
    # No two cuts may leave nothing between them.
    some = some[np.diff(found.left_end[some], prepend=-1) > 0]
    parts = cut(batch, found.fragment[some], found.left_end[some], found.cut[some])
    if len(batch) and (parts.start < parts.end).all():
        same(retallied(batch, tallied(batch, TABLE), parts, TABLE), tallied(parts, TABLE))


def test_sums_are_exact() -> None:
    table = np.full((BUCKETS, 16), -128, np.int8)
    table[0] = 0
    batch = split_lines(["word " * 400, "x"])
    told = tallied(batch, table)
    assert (told.sums == -128 * told.facts[:, -1:]).all()
    with numpy_alone():
        same(told, tallied(batch, table))


def test_a_table_of_other_columns_is_summed_too() -> None:
    batch = split_lines(["One line.\nAnother"])
    assert np.array_equal(tallied(batch, TABLE[:, :3]).sums, tallied(batch, TABLE).sums[:, :3])


def test_verdicts_are_the_same() -> None:
    texts = ["Home\n\nIt was closed on Tuesday.- Who Is Marlow\nShare\n", "", "日本語。Text\r\nx"]
    model = load()
    said = model.scores(texts)
    with numpy_alone():
        twin = model.scores(texts)
    assert np.array_equal(said.article, twin.article)
    assert np.array_equal(said.categories, twin.categories)


@compiled
@pytest.mark.parametrize("name", ["split", "joints", "tally", "vocabulary"])
def test_wrong_arrays_are_refused(name: str) -> None:
    called = getattr(kernel.COMPILED, name)
    counts = {"split": 4, "joints": 6, "tally": 9, "vocabulary": 7}
    with pytest.raises(TypeError):
        called()
    with pytest.raises(TypeError):
        called(*[None] * counts[name])
    with pytest.raises(ValueError, match="another type or size"):
        called(*[np.zeros(3, np.float16)] * counts[name])


@compiled
def test_spans_outside_the_text_are_refused() -> None:
    batch = split_lines(["One line"])
    for start, end in ((-1, 3), (3, 99), (5, 4)):
        spans = np.array([start]), np.array([end])
        with pytest.raises(ValueError, match="outside"):
            tallied(batch, TABLE, *spans)


def kernel_of(**environment: str) -> str:
    program = "from cleaner import kernel, clean; clean('A line.\\n'); print(kernel.COMPILED)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    return done.stdout.strip()


def test_the_twins_can_be_asked_for() -> None:
    assert kernel_of(CLEANER_KERNEL="numpy") == "None"


@compiled
def test_the_compiled_loops_are_used_where_there_are_any() -> None:
    assert "_kernel" in kernel_of(CLEANER_KERNEL="")


@compiled
def test_a_stale_build_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLEANER_KERNEL", raising=False)
    assert kernel._found() is kernel.COMPILED
    monkeypatch.setattr(kernel, "VERSION", 0)
    assert kernel._found() is None


def test_fragments_made_together_are_the_same() -> None:
    rows = [("a", 0, 1, CATEGORIES[0], 0.5, True, "x"), ("b", 2, 3, CATEGORIES[1], 0.25, False, "")]
    assert fragments_of(*zip(*rows, strict=True)) == [Fragment(*row) for row in rows]
    assert fragments_of(*[[]] * 7) == []
