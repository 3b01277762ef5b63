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
LIMITS = {"gentle": 0.003, "balanced": 0.015}

#: What a mode never goes above, however little is lost: a heading has few tokens, but it is worse
#: to lose it than to leave a line of spam. Thorough weighs both alike.
CEILING = {"gentle": 0.2, "balanced": 0.25, "thorough": 0.5}

#: A document counts with at most so many tokens of article, and as many others: what is lost of
#: one endless list of links says nothing of other documents.
MOST_TOKENS = 2000

#: The share of documents without any boilerplate that a mode may touch.
TOUCHED = {"gentle": 0.015, "balanced": 0.04, "thorough": 0.08}


class Judged(NamedTuple):
    """Held-out fragments with their scores and the truth; all of shape (fragments,)."""

    score: Floats
    is_article: NDArray[np.bool_]
    tokens: Ints | NDArray[np.float64]
    clarity: NDArray[np.float64]
    document: Ints
    origin: NDArray[np.str_]


def learned_thresholds(judged: Judged) -> tuple[dict[str, list[float]], dict[str, float]]:
    """For each mode a threshold for each band of `CLARITY`, and the least evidence to act on.

    Gentle and balanced strip as much as they can for their stated loss, which is spent on the
    bands where it buys most; the loss is a mean over the sets. Thorough has the best F1 in each
    band. The evidence is what all but a small share of the documents without any
    boilerplate stay below.
    """
    if not judged.is_article.any():
        return {mode: [0.0] * (len(CLARITY) + 1) for mode in TOUCHED}, dict.fromkeys(TOUCHED, 1e-3)
    table = _table(judged._replace(tokens=_bounded(judged)))
    bands = {mode: _spent(table, limit, CEILING[mode]) for mode, limit in LIMITS.items()}
    bands["thorough"] = [min(value, CEILING["thorough"]) for value in _best(table)]
    bands = _rising(bands)
    return bands, _least_evidence(judged, bands)


def _bounded(judged: Judged) -> NDArray[np.float64]:
    """The fragments' tokens, with those of a document above `MOST_TOKENS` scaled down."""
    out = judged.tokens.astype(np.float64)
    for sort in (judged.is_article, ~judged.is_article):
        total = np.bincount(judged.document, judged.tokens * sort)[judged.document]
        out[sort] *= np.minimum(1, MOST_TOKENS / np.maximum(total, 1))[sort]
    return out


class _Table(NamedTuple):
    """What each threshold of `grid` would strip in each band.

    lost, stripped: shares of each set's article and other tokens; (sets, bands, thresholds);
    article, other: the share of each set's tokens of both sorts that lies in each band, and how
    many other tokens there are to one of article, (sets, bands) and (sets,).
    """

    grid: NDArray[np.float64]
    lost: NDArray[np.float64]
    stripped: NDArray[np.float64]
    article: NDArray[np.float64]
    other: NDArray[np.float64]
    ratio: NDArray[np.float64]


def _table(judged: Judged) -> _Table:
    # Up to one half: what is likelier article than not is never stripped.
    grid = np.unique(np.concatenate([np.linspace(0, 0.5, 201), np.geomspace(1e-4, 0.01, 40)]))
    names = [
        name
        for name in np.unique(judged.origin)
        if (judged.tokens * (judged.is_article & (judged.origin == name))).any()
    ]
    bands = len(CLARITY) + 1
    band = np.digitize(judged.clarity, CLARITY)
    place = np.searchsorted(grid, judged.score, "right")  # kept at thresholds below this place
    counts = np.zeros((2, len(names), bands, grid.size + 1))
    for number, name in enumerate(names):
        for sort, is_sort in enumerate((judged.is_article, ~judged.is_article)):
            own = np.flatnonzero(is_sort & (judged.origin == name))
            key = band[own] * (grid.size + 1) + place[own]
            found = np.bincount(key, judged.tokens[own], bands * (grid.size + 1))
            counts[sort, number] = found.reshape(bands, -1)
    totals = counts.sum(axis=(2, 3))
    shares = counts / np.maximum(totals, 1)[:, :, None, None]
    gone = np.cumsum(shares, axis=3)[..., :-1]
    inside = shares.sum(axis=3)
    ratio = totals[1] / np.maximum(totals[0], 1)
    return _Table(grid, gone[0], gone[1], inside[0], inside[1], ratio)


def _spent(table: _Table, limit: float, ceiling: float) -> list[float]:
    """The thresholds that strip most for the loss: in each band the best trade at one price.

    No band is judged more carefully than the loss within it asks for: a clear document's
    spam does not stay for what unclear ones lose.
    """
    highest = np.searchsorted(table.grid, ceiling + 1e-9) - 1
    own = np.minimum(_own(table, limit), table.grid[highest])
    allowed = (np.arange(table.grid.size) <= highest) & (table.grid >= own[:, None])
    bands = np.arange(len(CLARITY) + 1)
    chosen = np.searchsorted(table.grid, own)
    most = -1.0
    for price in np.geomspace(1e-2, 1e3, 120):
        gain = (table.stripped - price * table.lost).mean(axis=0)
        best = _rising_path(np.where(allowed, gain, -np.inf))
        lost = float(table.lost[:, bands, best].sum(axis=1).mean())
        stripped = float(table.stripped[:, bands, best].sum(axis=1).mean())
        if lost <= limit and stripped > most:
            chosen, most = best, stripped
    return [round(float(value), 5) for value in table.grid[chosen]]


def _own(table: _Table, limit: float) -> NDArray[np.float64]:
    """The highest threshold of each band, none above the next one's, that keeps the loss in it."""
    article = np.maximum(table.article.sum(axis=0), 1e-9)[:, None]
    kept = table.lost.sum(axis=0) <= limit * article
    highest = np.where(kept & (article > 1e-9), table.grid, 0.0).max(axis=1)
    out: NDArray[np.float64] = np.minimum.accumulate(highest[::-1])[::-1]
    return out


def _rising_path(gain: NDArray[np.float64]) -> NDArray[np.int64]:
    """The threshold of each band, (bands,), with the largest sum of gains, (bands, thresholds).

    None is below that of the band before: a clearer document is never judged more carefully than
    a less clear one.
    """
    total = gain[0]
    before = []
    for row in gain[1:]:
        # Where the best sum up to each threshold was reached; the first of equals, the lower one.
        highest = np.maximum.accumulate(total)
        reached = np.where(total == highest, np.arange(total.size), 0)
        new = np.concatenate(([True], highest[1:] > highest[:-1]))
        before.append(np.maximum.accumulate(np.where(new, reached, 0)))
        total = row + highest
    path = [int(np.argmax(total))]
    for back in reversed(before):
        path.append(int(back[path[-1]]))
    return np.array(path[::-1])


def _best(table: _Table) -> list[float]:
    """The threshold of each band with the best F1, as a mean over the sets."""
    kept = table.article[:, :, None] - table.lost
    other = (table.other[:, :, None] - table.stripped) * table.ratio[:, None, None]
    total = np.maximum(table.article[:, :, None] + kept + other, 1e-9)
    weight = (table.article > 0)[:, :, None]
    f1 = (2 * kept / total * weight).sum(axis=0)
    best = _rising_path(f1)
    return [round(float(value), 5) for value in table.grid[best]]


def _rising(bands: dict[str, list[float]]) -> dict[str, list[float]]:
    """The bands with no mode below a gentler one."""
    for gentler, bolder in (("gentle", "balanced"), ("balanced", "thorough")):
        pairs = zip(bands[gentler], bands[bolder], strict=True)
        bands[bolder] = [max(pair) for pair in pairs]
    return bands


def _least_evidence(judged: Judged, bands: dict[str, list[float]]) -> dict[str, float]:
    documents = int(judged.document.max(initial=-1)) + 1
    stripped = np.bincount(judged.document, ~judged.is_article, minlength=documents)
    clean = (stripped == 0)[judged.document]
    one_each = np.unique(judged.document[clean], return_index=True)[1]
    place = np.digitize(judged.clarity, CLARITY)
    out: dict[str, float] = {}
    for mode, share in TOUCHED.items():
        limit = np.array(bands[mode], np.float32)[place]
        found = evidence(judged.score, judged.score >= limit, judged.document)[clean][one_each]
        least = float(np.quantile(found, 1 - share)) if found.size else 0.0
        # What a gentler mode touches a bolder one does not leave alone.
        out[mode] = min([round(max(least, 0.0) + 1e-3, 3), *out.values()])
    return out
