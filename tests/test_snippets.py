"""Snippets: found whatever the whitespace; figures by hand and within their bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.snippets import SnippetTally, found


def test_by_hand() -> None:
    tally = SnippetTally()
    text = "Home\nThe bridge is closed.\nIt opens in May.\nShare this page\nAds"
    left = "The bridge is closed.\nShare this page"
    tally.add(("bridge is closed", "opens in May"), ("Share this", "Home", "Ads"), text, left)
    tally.add(("A line",), (), "A line", "A line")
    told = tally.scores()
    assert (told.documents, told.must_stay, told.stayed, told.must_go, told.gone) == (2, 3, 2, 3, 2)
    assert told.precision == pytest.approx(2 / 3)
    assert told.recall == pytest.approx(2 / 3)
    assert told.f1 == pytest.approx(2 / 3)
    assert told.keep_all_f1 == pytest.approx(2 * 3 / (2 * 3 + 3))
    assert told.as_dict()["f1"] == told.f1


def test_nothing_to_look_for() -> None:
    told = SnippetTally().scores()
    assert (told.f1, told.precision, told.recall, told.keep_all_f1) == (0, 0, 0, 0)


def test_a_line_break_between_words_is_a_space() -> None:
    assert found(["closed. It opens"], "closed.\n\n  It\u00a0opens") == ["closed. It opens"]
    assert found(["the  bridge "], "on the bridge") == ["the  bridge "]
    assert found(["closed. It"], "closed.It") == []


WORDS = st.lists(st.sampled_from("abcdef"), max_size=6).map(" ".join)
SNIPPETS = st.lists(st.sampled_from("abcdef"), max_size=4)


@given(st.lists(st.tuples(SNIPPETS, SNIPPETS, WORDS, WORDS), max_size=4))
def test_figures_stay_within_their_bounds(
    documents: list[tuple[list[str], list[str], str, str]],
) -> None:
    tally, all_kept = SnippetTally(), SnippetTally()
    for stay, go, text, left in documents:
        tally.add(stay, go, text, left)
        all_kept.add(stay, go, text, text)
    told, kept = tally.scores(), all_kept.scores()
    assert all(0 <= s <= 1 for s in (told.precision, told.recall, told.f1, told.keep_all_f1))
    assert min(told.precision, told.recall) - 1e-12 <= told.f1
    assert told.f1 <= max(told.precision, told.recall) + 1e-12
    assert 0 <= told.stayed <= told.must_stay
    assert 0 <= told.gone <= told.must_go
    assert kept.f1 == kept.keep_all_f1 == told.keep_all_f1
