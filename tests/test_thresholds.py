"""Thresholds learned from held-out scores keep what they promise."""

from __future__ import annotations

import numpy as np

from cleaner.model import CLARITY
from cleaner.thresholds import TOUCHED, Judged, learned_thresholds

MODES = ("gentle", "balanced", "thorough")
BANDS = len(CLARITY) + 1


def judged(
    score: np.ndarray, article: np.ndarray, tokens: np.ndarray, origin: np.ndarray | None = None
) -> Judged:
    """All in one band of clarity, fifty fragments a document."""
    size = score.size
    return Judged(
        score.astype(np.float32),
        article,
        tokens,
        np.ones(size),
        np.arange(size) // 50,
        np.array(["s"] * size) if origin is None else origin,
    )


def test_thresholds_lose_what_they_say_and_no_more() -> None:
    rng = np.random.default_rng(6)
    article = rng.random(20_000) < 0.7
    score = np.clip(rng.normal(np.where(article, 0.3, 0.02), 0.06), 0, 1)
    tokens = rng.integers(1, 30, score.size)
    found, _ = learned_thresholds(judged(score, article, tokens))
    for mode, limit in {"gentle": 0.003, "balanced": 0.015}.items():
        level = np.float32(found[mode][-1])
        assert len(found[mode]) == BANDS
        lost = tokens[article & (score < level)].sum() / tokens[article].sum()
        assert limit / 2 < lost <= limit


def test_what_is_likelier_article_is_never_stripped() -> None:
    rng = np.random.default_rng(7)
    article = rng.random(5_000) < 0.5
    score = np.where(article, 0.99, 0.8)  # all spam looks like article
    found, _ = learned_thresholds(judged(score, article, np.ones(score.size, np.int64)))
    assert all(level <= 0.5 for mode in MODES for level in found[mode])


def test_modes_and_bands_rise() -> None:
    rng = np.random.default_rng(8)
    article = rng.random(20_000) < 0.7
    score = np.clip(rng.normal(np.where(article, 0.6, 0.3), 0.15), 0, 1)
    some = judged(score, article, np.ones(score.size, np.int64))
    found, _ = learned_thresholds(some._replace(clarity=np.repeat(rng.random(400), 50)))
    for gentle, balanced, thorough in zip(*(found[mode] for mode in MODES), strict=True):
        assert gentle <= balanced <= thorough
    for mode in MODES:
        assert found[mode] == sorted(found[mode])


def test_nothing_is_stripped_where_nothing_is_known() -> None:
    some = judged(np.array([0.2]), np.array([False]), np.array([5]))
    assert learned_thresholds(some)[0] == {mode: [0.0] * BANDS for mode in MODES}


def test_a_large_set_does_not_outweigh_a_small_one() -> None:
    # The small set's article scores lie at 0.15, some spam's at 0.2: it must stay.
    score = np.array([0.9] * 9900 + [0.1] * 25 + [0.2] * 25 + [0.15] * 40 + [0.1] * 10)
    article = np.isin(score, [0.9, 0.15])
    origin = np.array(["large"] * 9950 + ["small"] * 50)
    found, _ = learned_thresholds(judged(score, article, np.ones(score.size, np.int64), origin))
    assert 0.1 < found["balanced"][-1] <= 0.15


def test_the_loss_is_spent_where_it_buys_most() -> None:
    # Half of the documents are unclear: there a loss of 1 % buys nine tenths of the spam, in the
    # clear ones nothing is to be had for it.
    rng = np.random.default_rng(10)
    size = 50 * 400
    unclear = np.repeat(np.arange(400) % 2 == 0, 50)
    article = rng.random(size) < 0.7
    score = np.where(article, 0.9, np.where(unclear, rng.uniform(0, 0.1, size), 0.6))
    score = np.where(article & unclear & (rng.random(size) < 0.015), 0.05, score)
    some = judged(score, article, np.ones(size, np.int64))
    some = some._replace(clarity=np.where(unclear, 0.2, 0.97))
    found, _ = learned_thresholds(some)
    level = np.float32(found["balanced"][0])
    assert level > 0.09
    assert (score[article] < level).mean() <= 0.01


def test_few_clean_documents_are_touched() -> None:
    rng = np.random.default_rng(9)
    size = 50 * 2000
    clean = np.repeat(np.arange(2000) % 2 == 0, 50)
    article = clean | (rng.random(size) < 0.5)
    score = np.where(article, rng.beta(6, 1, size), rng.beta(1, 6, size))
    some = judged(score, article, np.ones(size, np.int64))
    bands, least = learned_thresholds(some)
    for mode, share in TOUCHED.items():
        odds = np.log((1 - score) / score)
        against = np.where(score < bands[mode][-1], odds, 0).reshape(-1, 50).sum(axis=1)
        touched = (against >= least[mode])[::2].mean()
        assert touched <= share + 1e-9 or least[mode] == least["balanced"]
        assert (against >= least[mode])[1::2].mean() > 0.99


def test_a_bolder_mode_asks_for_no_more_evidence() -> None:
    rng = np.random.default_rng(4)
    size = 50 * 200
    clean = np.repeat(np.arange(200) % 2 == 0, 50)
    article = clean | (rng.random(size) < 0.5)
    # Far more of clean documents lies between the bolder thresholds than below the gentlest.
    score = np.where(article, rng.beta(2, 3, size), rng.beta(1, 9, size))
    _, least = learned_thresholds(judged(score, article, np.ones(size, np.int64)))
    assert least["gentle"] >= least["balanced"] >= least["thorough"] > 0
