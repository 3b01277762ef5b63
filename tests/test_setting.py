"""Every setting of a fragment in its document on a small case made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cleaner.features import line_keys, looks, view, words
from cleaner.setting import SETTING_NAMES, settings
from cleaner.splitting import Batch, cut, split_lines

PROSE = (
    "So it was: the harbour pilots of Tornby met on Monday, argued for three hours about fog "
    "and went home again."
)
OTHER = (
    "So it was: Nobody in Tornby ever watched that harbour freeze, or guessed what those pilots "
    "would do next."
)
assert min(len(PROSE), len(OTHER)) >= 100


def settings_of(batch: Batch) -> np.ndarray:
    seen = view(batch)
    told = words(seen)
    return settings(batch, told, line_keys(seen), looks(batch, seen, told))


def column(name: str, batch: Batch) -> list[float]:
    rows = settings_of(batch)
    assert rows.shape == (len(batch), len(SETTING_NAMES))
    return [float(value) for value in rows[:, SETTING_NAMES.index(name)]]


def log(count: float) -> float:
    return math.log1p(count)


def half(lines: float) -> float:
    return math.log(lines) / 2


NEVER = half(100)
BEFORE = len(PROSE) / (len(PROSE) + len(OTHER))
REFRAIN = "the cat\nthe dog\nthe the bird"
USUAL = (7 * 1 + 7 * 1 + 12 * 4 / 3) / 26
FAR = "Low Tide\nalpha\nbeta\n12\nLow tide"
CASES = [
    ("indent", "a\n  b\n\tc", [0, log(2), log(1)]),
    ("indent", " " * 90 + "a", [log(40)]),
    ("blank_before", "a\nb\n\nc", [0, 0, 1]),
    ("blank_before", "\n\na", [0]),
    ("blank_after", "a\nb\n\nc\n\n", [0, 1, 0]),
    ("blanks_before", "a\n\n\nb\nc", [0, log(2), 0]),
    ("blanks_before", "a" + "\n" * 40 + "b", [0, log(10)]),
    ("same_count", "Pin it\nx\nPIN IT!\n- Pin it", [math.log(3), 0, math.log(3), math.log(3)]),
    ("same_count", "***\n***", [0, 0]),
    ("same_adjacent", "Pin it\nx\nPin it\nb\nc\nd", [1, 0, 1, 0, 0, 0]),
    ("same_adjacent", FAR, [0, 0, 0, 0, 0]),
    ("returns_later", FAR, [1, 0, 0, 0, 0]),
    ("returns_later", "- 1. The Road\na\nb\nThe Road", [1, 0, 0, 0]),
    ("returns_later", "Pin it\nPin it", [0, 0]),
    ("stood_earlier", FAR, [0, 0, 0, 0, 1]),
    ("run", "- abcd\n- efgh\n- ijkl\nq", [math.log(3) / 2] * 3 + [0]),
    ("run_place", "- abcd\n- efgh\nq", [0.25, 0.75, 0.5]),
    ("known_words", "Harbour news\nThe harbour froze", [0.5, 0.5]),
    ("known_words", "An old cat\nA cat", [0, 0]),  # words of three letters say nothing
    ("known_in_prose", f"Harbour fees\n{PROSE}", [0.5, 0]),
    ("known_in_prose", "Harbour fees\nThe harbour froze", [0, 0]),
    ("known_names", f"Tornby and Skagen pilots\n{OTHER}", [0.5, 0]),
    ("known_names", f"tornby pilots\n{OTHER}", [0, 0]),
    ("unknown_names", f"Tornby and Skagen Lister\n{OTHER}", [log(2) / 2, log(2) / 2]),
    ("unknown_names", "a b", [0]),
    ("place", "a\nb\nc\nd", [0.125, 0.375, 0.625, 0.875]),
    ("from_start", "a\nb\nc", [0, log(1) / 3, log(2) / 3]),
    ("from_end", "a\nb\nc", [log(2) / 3, log(1) / 3, 0]),
    ("document_lines", "a\n\nb", [log(2) / 3] * 2),
    ("document_length", "abc\n\n de", [log(5) / 5] * 2),
    ("document_prose", f"{'x' * 12}\n{PROSE}", [len(PROSE) / (12 + len(PROSE))] * 2),
    ("document_prose", "a\nb", [0, 0]),
    ("prose_before", f"a\n{PROSE}\nb\n{OTHER}\nc", [0, 0, BEFORE, BEFORE, 1]),
    ("prose_before", "a\nb", [0, 0]),
    ("prose_since", f"a\n{PROSE}\nb\n\nc\n{OTHER}", [NEVER, NEVER, 0, half(2), half(3)]),
    ("prose_since", f"{PROSE}\n" + "a\n" * 120, [NEVER, *map(half, range(1, 100)), *[NEVER] * 21]),
    ("prose_until", f"a\n{PROSE}\nb\n\nc\n{OTHER}\nd", [0, half(3), half(2), 0, NEVER, NEVER]),
    ("prose_until", "a\nb", [NEVER, NEVER]),
    ("relative_length", "ab\n\n abcd", [math.log(2 / 3), math.log(4 / 3)]),
    ("relative_length", "ab", [0]),
    ("familiar", REFRAIN, [1 / 3, 1 / 3, 4 / 9]),  # two and three others: two binary digits
    ("familiar", "so\n12\n***\nSo! and so\nso", [2 / 3, 0, 0, 4 / 9, 2 / 3]),
    ("more_familiar", REFRAIN, [(1 - USUAL) / 2, (1 - USUAL) / 2, (4 / 3 - USUAL) / 2]),
    ("more_familiar", "so\n***", [0, 0]),
]
GLUED = {"glued_before": [0, 1, 0], "glued_after": [1, 0, 0], "indent": [0, 0, log(1)]}


@pytest.mark.parametrize(("name", "text", "expected"), CASES)
def test_setting(name: str, text: str, expected: list[float]) -> None:
    assert column(name, split_lines([text])) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", GLUED)
def test_setting_of_glued_pieces(name: str) -> None:
    batch = cut(split_lines(["one.Two\n x"]), np.array([0]), np.array([4]), np.array([4]))
    assert column(name, batch) == pytest.approx(GLUED[name], abs=1e-6)


@pytest.mark.parametrize("name", ["known_words", "known_in_prose", "known_names", "familiar"])
def test_what_a_fragment_says_twice_itself_is_not_known_from_the_rest(name: str) -> None:
    twice = f"{OTHER} Tornby, Tornby."
    assert column(name, split_lines([twice])) == [0]


def test_every_setting_has_a_case() -> None:
    assert {name for name, _, _ in CASES} | set(GLUED) == set(SETTING_NAMES)
    assert len(set(SETTING_NAMES)) == len(SETTING_NAMES)


@pytest.mark.parametrize("texts", [[], [""], ["", "\n \r\n"]])
def test_nothing_gives_no_rows(texts: list[str]) -> None:
    assert settings_of(split_lines(texts)).shape == (0, len(SETTING_NAMES))


def test_neighbouring_documents_are_not_told_of() -> None:
    batch = split_lines(["Pin it\n\n", "Pin it", "\n\nPin it\nx\ny"])
    for name in ("same_count", "same_adjacent", "returns_later", "stood_earlier", "blank_before"):
        assert column(name, batch) == [0] * 5
    prose = split_lines([PROSE, "a\nb", PROSE])
    assert column("prose_before", prose) == [0] * 4
    for name in ("prose_since", "prose_until"):
        assert column(name, prose) == pytest.approx([NEVER] * 4)
    assert column("blank_after", batch) == [0] * 5
    assert column("run_place", batch)[:2] == [0.5, 0.5]


LINES = st.lists(
    st.sampled_from(
        ["", " ", "Pin it", "- Pin it", "Read more", "12", "***", "The Road", PROSE, OTHER]
    ),
    max_size=12,
).map("\n".join)


@hypothesis_settings(deadline=None, derandomize=True, max_examples=60)
@given(LINES, st.lists(LINES, max_size=2), st.lists(LINES, max_size=2))
def test_a_document_does_not_depend_on_its_batch(
    text: str, before: list[str], after: list[str]
) -> None:
    batch = split_lines([*before, text, *after])
    here = slice(int(batch.first[len(before)]), int(batch.first[len(before) + 1]))
    assert np.array_equal(settings_of(batch)[here], settings_of(split_lines([text])))
