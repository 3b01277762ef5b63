"""Reliability and thresholds: what must hold of any scores, and what holds of true ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.calibration import BINS, Scored

LINES = st.lists(st.tuples(st.floats(0, 1), st.integers(1, 40), st.booleans()), max_size=40)
SHARES = st.floats(0, 1)


def scored(lines: list[tuple[float, int, bool]]) -> Scored:
    out = Scored()
    for score, tokens, is_article in lines:
        out.add(score, tokens, is_article)
    return out


def test_by_hand() -> None:
    found = scored([(0.9, 3, True), (0.94, 1, False), (0.25, 2, False), (1.0, 4, True)])
    told = found.reliability()
    assert [one.tokens for one in told.bins] == [0, 0, 2, 0, 0, 0, 0, 0, 0, 8]
    assert told.bins[2][:2] == (0.2, 0.3)
    assert told.bins[2].score == pytest.approx(0.25)
    assert told.bins[2].article == 0
    assert told.bins[9].score == pytest.approx((3 * 0.9 + 0.94 + 4) / 8)
    assert told.bins[9].article == pytest.approx(7 / 8)
    gap = abs((3 * 0.9 + 0.94 + 4) / 8 - 7 / 8)
    assert told.error == pytest.approx((2 * 0.25 + 8 * gap) / 10)
    assert found.stripped_at([0, 0.4, 0.5, 1]) == pytest.approx([2 / 3, 2 / 3, 1, 1])


def test_nothing_to_tell() -> None:
    assert Scored().reliability().error == 0
    for lines in ([], [(0.5, 3, True)], [(0.5, 3, False)]):
        assert scored(lines).stripped_at([0, 0.01, 1]) == [0, 0, 0]


@given(LINES)
def test_bins_hold_every_token_and_the_error_is_a_share(
    lines: list[tuple[float, int, bool]],
) -> None:
    told = scored(lines).reliability()
    assert len(told.bins) == BINS
    assert sum(one.tokens for one in told.bins) == sum(tokens for _, tokens, _ in lines)
    assert 0 <= told.error <= 1 + 1e-12
    for one in told.bins:
        assert one.tokens == 0 or one.low - 1e-9 <= one.score <= one.high + 1e-9
        assert 0 <= one.article <= 1
    assert told.as_dict()["bins"][0]["tokens"] == told.bins[0].tokens


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), max_size=20))
def test_scores_that_tell_the_truth_have_no_error(groups: list[tuple[int, int]]) -> None:
    found = Scored()
    for twentieths, times in groups:
        for is_article, parts in ((True, twentieths), (False, 20 - twentieths)):
            if parts:
                found.add(twentieths / 20, parts * times, is_article)
    assert found.reliability().error == pytest.approx(0, abs=1e-12)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 9)), min_size=1, max_size=20))
def test_scores_that_are_wrong_beyond_doubt_are_wrong_all_over(
    lines: list[tuple[float, int]],
) -> None:
    found = scored([(float(score < 0.5), tokens, score >= 0.5) for score, tokens in lines])
    assert found.reliability().error == pytest.approx(1)


@given(LINES, SHARES, SHARES)
def test_who_loses_more_strips_no_less(
    lines: list[tuple[float, int, bool]], one: float, two: float
) -> None:
    less, more = scored(lines).stripped_at(sorted((one, two)))
    assert 0 <= less <= more <= 1


@given(LINES, SHARES)
def test_what_is_stripped_at_a_loss_can_be_stripped_at_that_loss(
    lines: list[tuple[float, int, bool]], share: float
) -> None:
    article = [(score, tokens) for score, tokens, is_article in lines if is_article]
    other = [(score, tokens) for score, tokens, is_article in lines if not is_article]
    (stripped,) = scored(lines).stripped_at([share])
    if not (article and other):
        return
    total = sum(tokens for _, tokens in article)
    thresholds = [score for score, _ in article]
    allowed = [
        limit
        for limit in thresholds
        if sum(tokens for score, tokens in article if score < limit) <= share * total
    ]
    best = max(sum(tokens for score, tokens in other if score < limit) for limit in allowed)
    assert stripped == pytest.approx(best / sum(tokens for _, tokens in other))


@given(LINES)
def test_order_and_repetition_do_not_matter(lines: list[tuple[float, int, bool]]) -> None:
    one, two = scored(lines), scored(lines[::-1])
    assert one == two
    assert len(one.article) + len(one.other) <= len(lines)
