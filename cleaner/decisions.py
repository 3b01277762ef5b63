"""Probabilities into keep or strip, with the reason; the document as a whole has its say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.document import CATEGORIES, STRIPPED_CATEGORIES
from cleaner.errors import OptionError
from cleaner.features import Floats
from cleaner.model import CLARITY, Scores, Thresholds
from cleaner.splitting import Ints

MODES = ("gentle", "balanced", "thorough")

#: A fragment that is article beyond doubt.
_CLEAR = 0.9

KEPT = "article"
STRIPPED = "not article"
ASKED = "category kept on request"
SPARED = "kept: little in this document looks like an article"
UNTOUCHED = "kept: too little in this document looks like boilerplate"
NOTHING = "nothing in this document looks like an article"


@dataclass(frozen=True, slots=True)
class Options:
    """What changes the outcome. mode: how much to strip; keep: categories to leave in place."""

    mode: str = "balanced"
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise OptionError(f"no mode {self.mode!r}; choose one of {', '.join(MODES)}")
        for category in self.keep:
            if category not in CATEGORIES:
                raise OptionError(
                    f"no category {category!r}; choose from {', '.join(STRIPPED_CATEGORIES)}"
                )


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What is decided of each fragment of a batch.

    keep: shape (fragments,); category: index in `CATEGORIES`; reason: index in `REASONS`.
    """

    keep: NDArray[np.bool_]
    category: Ints
    reason: Ints


REASONS = (KEPT, STRIPPED, ASKED, SPARED, UNTOUCHED, NOTHING)


def clarity(article: Floats, length: Ints, document: Ints) -> NDArray[np.float64]:
    """How sure the model is of each document's article, told for every fragment of it; 0..1.

    It is the share of the expected article text that lies in fragments that are article beyond
    doubt. Most of what is lost is lost in few documents, which have little of that: tables,
    lists of references, pages of links. There a middling score means little.

    article: scores; length: characters; document: which one, in order; all (fragments,).
    """
    mass = article * length.astype(np.float64)
    total = np.bincount(document, mass)
    clear = np.bincount(document, mass * (article > _CLEAR))
    share: NDArray[np.float64] = (clear / np.maximum(total, 1e-9))[document]
    return share


def evidence(article: Floats, keep: NDArray[np.bool_], document: Ints) -> NDArray[np.float64]:
    """How much speaks for there being boilerplate in each document, told for every fragment.

    It is the sum of the log-odds against article of what is to be stripped. Boilerplate hardly
    ever comes as one short line that might as well be a heading, the errors in clean texts do.
    """
    odds = np.clip(article.astype(np.float64), 1e-4, 1 - 1e-4)
    against = np.where(keep, 0.0, np.log((1 - odds) / odds))
    return np.bincount(document, against)[document].astype(np.float64)


def decide(scores: Scores, learned: Thresholds, options: Options) -> Verdicts:
    """The verdict on every fragment.

    A fragment stays if it is likelier article than the mode's threshold for documents of its
    document's clarity. A document in which too little looks like boilerplate is left alone. One of
    which nothing would be left is judged again by the gentlest threshold, and only if nothing
    passes that either is it emptied, which the reason says.
    """
    thresholds, least = learned.bands, learned.evidence[options.mode]
    batch = scores.batch
    clear = clarity(scores.article, batch.end - batch.start, batch.document)
    band = np.digitize(clear, CLARITY)
    passed = scores.article >= np.array(thresholds[options.mode], np.float32)[band]
    gentle = scores.article >= np.float32(min(thresholds["gentle"]))
    untouched = evidence(scores.article, passed, batch.document) < least
    keep = passed | untouched
    left = _share_kept(scores, keep)
    spared = (left[scores.batch.document] == 0) & gentle
    category = np.where(keep | spared, 0, 1 + np.argmax(scores.categories, axis=1))
    reason = np.where(keep, REASONS.index(KEPT), REASONS.index(STRIPPED))
    reason[untouched & ~passed] = REASONS.index(UNTOUCHED)
    reason[spared & ~keep] = REASONS.index(SPARED)
    keep = keep | spared
    emptied = _share_kept(scores, keep)[scores.batch.document] == 0
    reason[emptied] = REASONS.index(NOTHING)
    if options.keep:
        asked = ~keep & np.isin(category, [CATEGORIES.index(name) for name in options.keep])
        reason[asked] = REASONS.index(ASKED)
        keep = keep | asked
    return Verdicts(keep, category, reason)


def _share_kept(scores: Scores, keep: NDArray[np.bool_]) -> Floats:
    """The share of each document's characters that is kept; shape (documents,)."""
    batch = scores.batch
    size = batch.end - batch.start
    total = np.bincount(batch.document, size, minlength=batch.documents)
    left = np.bincount(batch.document, size * keep, minlength=batch.documents)
    return (left / np.maximum(total, 1)).astype(np.float32)
