"""Scores against labels, whatever was decided: reliability, and what a threshold would strip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Reliability is told for so many stretches of score, all of one width.
BINS = 10


class Bin(NamedTuple):
    """The tokens whose score lies in one stretch, low to high.

    score: their mean score; article: the share of them that is article. Where the scores are
    probabilities, the two agree. Both are 0 where there are no tokens.
    """

    low: float
    high: float
    tokens: int
    score: float
    article: float


@dataclass(frozen=True)
class Reliability:
    """How far scores can be read as probabilities of article.

    bins: in order, from 0 to 1; error: how far score and share lie apart in a bin, as a mean over
    tokens (the expected calibration error), 0..1.
    """

    bins: tuple[Bin, ...]
    error: float

    def as_dict(self) -> dict[str, Any]:
        """The numbers by name, ready for JSON."""
        return {"error": self.error, "bins": [one._asdict() for one in self.bins]}


@dataclass
class Scored:
    """The tokens of article and of all else by their score; `add` line by line.

    What it holds grows with the number of different scores, not with the lines.
    """

    article: Counter[float] = field(default_factory=Counter)
    other: Counter[float] = field(default_factory=Counter)

    def add(self, score: float, tokens: int, is_article: bool) -> None:
        """Count a labelled line."""
        (self.article if is_article else self.other)[score] += tokens

    def stripped_at(self, lost: Sequence[float]) -> list[float]:
        """The share of other tokens that could be stripped for each share of article tokens `lost`.

        Those could that score lower than the first article token beyond the share.
        """
        scores, tokens = _rising(self.article)
        others, amounts = _rising(self.other)
        seen, below = np.cumsum(tokens), np.concatenate([[0], np.cumsum(amounts)])
        if not scores.size or not others.size:
            return [0.0] * len(lost)
        out = []
        for share in lost:
            place = int(np.searchsorted(seen, share * int(seen[-1]), "right"))
            # All may be lost: then all is stripped that scores lower than the best article line.
            limit = scores[min(place, scores.size - 1)]
            out.append(int(below[np.searchsorted(others, limit, "left")]) / int(below[-1]))
        return out

    def reliability(self) -> Reliability:
        """How well the scores would do as probabilities."""
        tokens, good, mass = (np.zeros(BINS) for _ in range(3))
        for is_article, counts in ((True, self.article), (False, self.other)):
            scores, amounts = _rising(counts)
            place = np.clip((scores * BINS).astype(np.int64), 0, BINS - 1)
            tokens += np.bincount(place, amounts, BINS)
            mass += np.bincount(place, amounts * scores, BINS)
            if is_article:
                good += np.bincount(place, amounts, BINS)
        score, article = mass / np.maximum(tokens, 1), good / np.maximum(tokens, 1)
        bins = tuple(
            Bin(at / BINS, (at + 1) / BINS, int(tokens[at]), float(score[at]), float(article[at]))
            for at in range(BINS)
        )
        error = float((np.abs(score - article) * tokens).sum() / max(1, tokens.sum()))
        return Reliability(bins, error)


def _rising(counts: Counter[float]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The scores in order, and the tokens of each."""
    scores = np.array(sorted(counts), np.float64)
    return scores, np.array([counts[score] for score in scores.tolist()], np.int64)
