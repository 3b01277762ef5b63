"""Every look of a fragment on a small case made by hand; n-grams, keys, and what is looked at."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cleaner.features import (
    BUCKETS,
    HEAD,
    LOOK_NAMES,
    TAIL,
    Grams,
    grams,
    line_keys,
    looks,
    summed,
    view,
    words,
)
from cleaner.splitting import split_lines

SENTENCE = (
    "The ferry was late again, so the whole crew waited at the pier and sang until it came in"
)
LONG_SENTENCE = f"{SENTENCE}, an hour after dark."
assert len(LONG_SENTENCE) >= 100 > len(SENTENCE)


def rows_of(text: str) -> np.ndarray:
    batch = split_lines([text])
    seen = view(batch)
    return looks(batch, seen, words(seen))


def look(name: str, line: str) -> float:
    row = rows_of(line)
    assert row.shape == (1, len(LOOK_NAMES))
    return float(row[0, LOOK_NAMES.index(name)])


def log(count: float) -> float:
    return math.log1p(count)


CASES = [
    ("length", "Seven l", log(7)),
    ("length", "  x  ", log(1)),
    ("words", "two words, 3 words", log(4)),
    ("words", "* * *", 0),
    ("word_length", "ab abcd", 0.3),
    ("word_length", "x" * 60, 2.0),
    ("word_length", "...", 0),
    ("upper", "ABcd", 0.5),
    ("upper", "12", 0),
    ("capitalised", "The Old bridge stood", 0.5),
    ("capitalised", "...", 0),
    ("digits", "ab12", 0.5),
    ("digits", "٣٤ab", 0.5),
    ("marks", "ab,.", 0.5),
    ("marks", "abcd", 0),
    ("signs", "ab$%", 0.5),
    ("signs", "a\U0001f600", 0.5),
    ("spaces", "a b ", 1 / 3),
    ("caseless", "שלum", 0.5),
    ("caseless", "latin", 0),
    ("ideographs", "东西ab", 0.5),
    ("ideographs", "かな", 1),
    ("first_upper", "Élan", 1),
    ("first_upper", "élan", 0),
    ("first_lower", "élan", 1),
    ("first_lower", "Élan", 0),
    ("first_digit", "1. One", 1),
    ("first_digit", "I. One", 0),
    ("first_bullet", "• One", 1),
    ("first_bullet", "One •", 0),
    ("first_dash", "– One", 1),
    ("first_dash", "One –", 0),
    ("first_opening", "“One”", 1),
    ("first_opening", '"One"', 1),
    ("first_opening", "One", 0),
    ("last_final", "Done.", 1),
    ("last_final", "「完了。」", 1),
    ("last_final", "Done", 0),
    ("last_final", 'He said "no."', 1),
    ("last_colon", "Username:", 1),
    ("last_colon", "Username: x", 0),
    ("last_comma", "Dear Ada,", 1),
    ("last_comma", "Dear, Ada", 0),
    ("last_letter", "Done", 1),
    ("last_letter", "完了", 1),
    ("last_letter", "Done 1", 0),
    ("last_digit", "In 2019", 1),
    ("last_digit", "2019 it was", 0),
    ("last_closing", "One (two)", 1),
    ("last_closing", 'He said "no."', 0),
    ("commas", "a, b; c", log(2)),
    ("colons", "a: b: c", log(2)),
    ("bars", "Title | Site | Part", log(2)),
    ("finals", "What? No!", log(2)),
    ("dashes", "a - b – c", log(2)),
    ("bullets", "a • b · c", log(2)),
    ("sentences", "One. Two. Three.", log(2)),
    ("sentences", "一。二。三。", log(2)),
    ("sentences", "3.5 and 4.5", 0),
    ("link", "see https://example.org now", 1),
    ("link", "see www.example.org now", 1),
    ("link", "see WWW.EXAMPLE.ORG now", 1),
    ("link", "write to ada@example.org", 1),
    ("link", "follow @ada and www and a/b or http: //", 0),
    ("link", "@", 0),
    ("prose", LONG_SENTENCE, 1),
    ("prose", LONG_SENTENCE.removesuffix("."), 0),
    ("prose", SENTENCE + ".", 0),
    (
        "prose",
        "旧桥终于关闭了居民们都表示理解新的桥梁将在明年春天开放届时会举行一场小小的庆典。",
        1,
    ),
    ("prose", "旧桥终于关闭了。", 0),
]


@pytest.mark.parametrize(("name", "line", "expected"), CASES)
def test_look(name: str, line: str, expected: float) -> None:
    assert look(name, line) == pytest.approx(expected, abs=1e-6)


def test_every_look_has_a_case() -> None:
    assert {name for name, _, _ in CASES} == set(LOOK_NAMES)
    assert len(set(LOOK_NAMES)) == len(LOOK_NAMES)


@pytest.mark.parametrize("text", ["", " \n\r\n"])
def test_nothing_gives_no_rows(text: str) -> None:
    assert rows_of(text).shape == (0, len(LOOK_NAMES))


def test_only_head_and_tail_of_a_long_fragment_are_looked_at() -> None:
    head, tail = "Head words " * 40, " tail, words." * 10
    assert len(head) >= HEAD
    assert len(tail) >= TAIL
    texts = [head + middle * 200 + tail for middle in ("low: ", "BIG! ", "1|2  ")]
    batches = [split_lines([text]) for text in texts]
    seen = [view(batch) for batch in batches]
    for other in seen[1:]:
        assert np.array_equal(other.codes, seen[0].codes)
    first = rows_of(texts[0])
    for text in texts[1:]:
        assert np.array_equal(rows_of(text), first)
    assert len({int(line_keys(view)[0]) for view in seen}) == 1
    # The end is seen, and so is the length.
    assert not np.array_equal(rows_of(texts[0] + "?!"), first)


@pytest.mark.parametrize("length", [HEAD + TAIL, HEAD + TAIL + 1])
def test_a_fragment_is_seen_whole_up_to_the_bound(length: int) -> None:
    plain = "a" * length
    place = HEAD  # the first character that a longer fragment does not show
    other = plain[:place] + "b" + plain[place + 1 :]
    same = np.array_equal(view(split_lines([plain])).codes, view(split_lines([other])).codes)
    assert same == (length > HEAD + TAIL)


def test_a_very_long_line_costs_what_a_short_one_does() -> None:
    assert view(split_lines(["ab " * 1_000_000])).codes.size < 2 * (HEAD + TAIL)


# Line keys.

ALIKE = [
    ("- 1. The Road", "The Road"),
    ("• THE ROAD", "The Road"),
    ("2.3 The Road", "The Road"),
    ("  The   Road:", "The Road"),
    ("**The Road**", "The Road"),
    ("Über uns", "ÜBER UNS"),
    ("第1章", "1) 第1章"),
    ("2019", "(2019)"),
]
UNLIKE = [
    ("The Road", "The Roads"),
    ("The Road 1", "The Road"),
    ("201", "2019"),
    ("The Road", "Road The"),
    ("aa", "a"),
]


def key(line: str) -> int:
    return int(line_keys(view(split_lines([line])))[0])


@pytest.mark.parametrize(("one", "two"), ALIKE)
def test_keys_alike(one: str, two: str) -> None:
    assert key(one) == key(two) != 0


@pytest.mark.parametrize(("one", "two"), UNLIKE)
def test_keys_unlike(one: str, two: str) -> None:
    assert key(one) != key(two)


@pytest.mark.parametrize("line", ["***", "- - -", "|", "\U0001f600"])
def test_a_line_without_letters_and_digits_has_no_key(line: str) -> None:
    assert key(line) == 0


# N-grams.


def grams_of(texts: list[str]) -> Grams:
    seen = view(split_lines(texts))
    return grams(seen, words(seen))


def counted(line: str) -> dict[int, int]:
    """Bucket by bucket, how often it stands among the line's n-grams."""
    buckets = np.concatenate([part for part, _ in grams_of([line]).parts])
    found, times = np.unique(buckets[buckets > 0], return_counts=True)
    return dict(zip(found.tolist(), times.tolist(), strict=True))


def test_buckets_lie_within_the_table() -> None:
    for buckets, start in grams_of(["A line.\nAnother one, with 12 words?", "第三行"]).parts:
        assert buckets.max() < BUCKETS
        assert start[0] == 0
        assert start[-1] == buckets.size


def test_case_digits_and_quotes_are_folded() -> None:
    assert counted("Read 12 ‘pages’") == counted("READ 98 'PAGES'")
    assert counted("Read 12 pages") != counted("Read 123 pages")


def test_words_and_pairs_of_words_are_told_apart() -> None:
    assert counted("old bridge") != counted("bridge old")
    assert counted("oldbridge") != counted("old bridge")


def test_gathered_is_the_scaled_sum_of_rows() -> None:
    found = grams_of(["One line\nTwo, lines\n***\nx"])
    table = np.random.default_rng(3).normal(size=(BUCKETS, 2)).astype(np.float32)
    table[0] = 0
    expected = np.zeros((4, 2))
    for buckets, start in found.parts:
        for row in range(4):
            for bucket in buckets[start[row] : start[row + 1]]:
                expected[row] += table[bucket]
    expected *= found.scale[:, None]
    assert np.allclose(summed(table, found) * found.scale[:, None], expected, atol=1e-5)
    assert np.abs(expected).min() > 1e-4


LINES = st.text(st.sampled_from("aB1 .,:-\n•东é@/w"), max_size=60)


@hypothesis_settings(deadline=None, derandomize=True, max_examples=60)
@given(LINES, st.lists(LINES, max_size=3), st.lists(LINES, max_size=3))
def test_a_document_does_not_depend_on_its_batch(
    text: str, before: list[str], after: list[str]
) -> None:
    texts = [*before, text, *after]
    batch, alone = split_lines(texts), split_lines([text])
    here = slice(int(batch.first[len(before)]), int(batch.first[len(before) + 1]))
    seen, seen_alone = view(batch), view(alone)
    rows, own = looks(batch, seen, words(seen)), looks(alone, seen_alone, words(seen_alone))
    assert np.array_equal(rows[here], own)
    assert np.array_equal(line_keys(seen)[here], line_keys(seen_alone))
    found, found_alone = grams(seen, words(seen)), grams(seen_alone, words(seen_alone))
    assert np.array_equal(found.scale[here], found_alone.scale)
    table = (np.arange(BUCKETS, dtype=np.float32) % 97)[:, None]
    table[0] = 0
    assert np.allclose(
        (summed(table, found) * found.scale[:, None])[here],
        summed(table, found_alone) * found_alone.scale[:, None],
        rtol=1e-5,
        atol=1e-5,
    )
