"""What to decide by, learned from the scores of documents that the judges had not seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.decisions import evidence
from cleaner.features import Floats
from cleaner.model import CLARITY
from cleaner.splitting import Ints

#: The share of article tokens that a mode may lose.
LIMITS = {"gentle": 0.003, "balanced": 0.01}

#: What a mode never goes above, however little is lost: a heading has few tokens, but it is worse
#: to lose it than to leave a line of spam. Thorough weighs both alike.
CEILING = {"gentle": 0.4, "balanced": 0.4, "thorough": 0.5}

#: The share of documents without any boilerplate that a mode may touch.
TOUCHED = {"gentle": 0.015, "balanced": 0.03, "thorough": 0.08}


class Judged(NamedTuple):
    """Held-out fragments with their scores and the truth; all of shape (fragments,)."""

    score: Floats
    is_article: NDArray[np.bool_]
    tokens: Ints
    clarity: NDArray[np.float64]
    document: Ints
    origin: NDArray[np.str_]


def learned_thresholds(judged: Judged) -> tuple[dict[str, list[float]], dict[str, float]]:
    """For each mode a threshold for each band of `CLARITY`, and the least evidence to act on.

    The evidence is what all but a small share of the clean documents stay below. Each threshold
    keeps the mode's stated loss within its band, or for "thorough" has the best F1, so that a
    document that is hard to judge is judged as carefully as it needs. What is left alone for want
    of evidence loses nothing, so the thresholds are learned once more on the rest.
    """
    bands = _bands(judged, {mode: np.ones(judged.score.size, bool) for mode in TOUCHED})
    least = _least_evidence(judged, bands)
    touched = {mode: _evidence(judged, bands[mode]) >= least[mode] for mode in TOUCHED}
    bolder = _bands(judged, touched)
    least_then = _least_evidence(judged, bolder)
    for mode, limit in LIMITS.items():
        # Bolder thresholds may bring evidence against documents that were left alone before.
        if _lost(judged, bolder[mode], least_then[mode]) > limit:
            bolder[mode], least_then[mode] = bands[mode], least[mode]
    return _rising(capped(bolder)), least_then


def capped(bands: dict[str, list[float]]) -> dict[str, list[float]]:
    """The bands with none above its mode's `CEILING`."""
    return {mode: [min(v, CEILING[mode]) for v in values] for mode, values in bands.items()}


def _lost(judged: Judged, values: list[float], least: float) -> float:
    """The share of article tokens lost, as a mean over the origins."""
    limit = np.array(values, np.float32)[np.digitize(judged.clarity, CLARITY)]
    gone = (judged.score < limit) & (_evidence(judged, values) >= least)
    shares = []
    for name in np.unique(judged.origin):
        article = judged.tokens * (judged.is_article & (judged.origin == name))
        if article.any():
            shares.append((article * gone).sum() / article.sum())
    return float(np.mean(shares)) if shares else 0.0


def _evidence(judged: Judged, values: list[float]) -> NDArray[np.float64]:
    limit = np.array(values, np.float32)[np.digitize(judged.clarity, CLARITY)]
    return evidence(judged.score, judged.score >= limit, judged.document)


def _least_evidence(judged: Judged, bands: dict[str, list[float]]) -> dict[str, float]:
    documents = int(judged.document.max()) + 1
    stripped = np.bincount(judged.document, ~judged.is_article, minlength=documents)
    clean = (stripped == 0)[judged.document]
    out = {}
    for mode, share in TOUCHED.items():
        found = _evidence(judged, bands[mode])[clean]
        one_each = np.unique(judged.document[clean], return_index=True)[1]
        least = float(np.quantile(found[one_each], 1 - share)) if one_each.size else 0.0
        out[mode] = round(max(least, 0.0) + 1e-3, 3)
    return out


def _bands(judged: Judged, touched: dict[str, NDArray[np.bool_]]) -> dict[str, list[float]]:
    place = np.digitize(judged.clarity, CLARITY)
    out: dict[str, list[float]] = {mode: [] for mode in TOUCHED}
    for band in range(len(CLARITY) + 1):
        here = place == band
        for mode in TOUCHED:
            found = _band_threshold(judged, here, touched[mode], mode)
            # A clearer document is never judged more carefully than a less clear one.
            out[mode].append(max([found, *out[mode][-1:]]))
    return _rising({mode: [round(value, 5) for value in out[mode]] for mode in out})


def _rising(bands: dict[str, list[float]]) -> dict[str, list[float]]:
    """The bands with no mode below a gentler one."""
    for gentler, bolder in (("gentle", "balanced"), ("balanced", "thorough")):
        pairs = zip(bands[gentler], bands[bolder], strict=True)
        bands[bolder] = [max(pair) for pair in pairs]
    return bands


def _band_threshold(
    judged: Judged, here: NDArray[np.bool_], touched: NDArray[np.bool_], mode: str
) -> float:
    """The highest threshold that keeps the mode's loss, as a mean over the origins."""
    # Up to one half: what is likelier article than not is never stripped.
    grid = np.unique(np.concatenate([np.linspace(0, 0.5, 201), np.geomspace(1e-4, 0.01, 40)]))
    lost, f1, names = np.zeros(grid.size), np.zeros(grid.size), 0
    for name in np.unique(judged.origin):
        own = here & (judged.origin == name)
        weight, good = judged.tokens[own], judged.is_article[own]
        if not (weight * good).any():
            continue
        names += 1
        score = np.where(touched[own], judged.score[own], 1.0)
        place = np.searchsorted(grid, score, "right")  # kept at thresholds below this place
        article = np.bincount(place, weight * good, minlength=grid.size + 1)
        other = np.bincount(place, weight * ~good, minlength=grid.size + 1)
        gone_article, gone_other = np.cumsum(article)[:-1], np.cumsum(other)[:-1]
        kept_article, kept_other = article.sum() - gone_article, other.sum() - gone_other
        lost += gone_article / max(1, article.sum())
        f1 += 2 * kept_article / np.maximum(1, article.sum() + kept_article + kept_other)
    if not names:
        return 0.0
    if mode in LIMITS:
        allowed = np.flatnonzero(lost <= LIMITS[mode] * names)
        return float(grid[allowed[-1]]) if allowed.size else 0.0
    return float(grid[np.argmax(f1)])
