"""What was learned, and the scores it gives; numpy only."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner import glue
from cleaner.document import STRIPPED_CATEGORIES
from cleaner.encoder import Dense, Encoder, Stack
from cleaner.features import (
    Floats,
    Grams,
    are_among,
    looks_of,
    summed,
)
from cleaner.network import Network, sigmoid, softmax
from cleaner.setting import shaped
from cleaner.splitting import Batch, cut, split_lines
from cleaner.tally import Tally, retallied, tallied
from cleaner.threads import one_thread

#: Where the bands of clarity end (see `decisions.clarity`); each has thresholds of its own.
CLARITY = (0.5, 0.7, 0.8, 0.9, 0.95)

#: What is left of the probability of article where a line is an advertisement label, and how
#: long a line may be to be one, bullets and dashes included.
_LABEL, _LABEL_LENGTH = np.float32(0.002), 40
_ADVERTISEMENT = np.eye(len(STRIPPED_CATEGORIES), dtype=np.float32)[
    STRIPPED_CATEGORIES.index("advertisement")
]

#: What a score means besides the categories: a line before, within or after the article that is
#: no part of it. The corpora tell this much of their lines, and menus differ from footers.
LINE_SCORES = ("article", "before", "within", "after", *STRIPPED_CATEGORIES)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model says of a batch: the fragments it sees, and their probabilities.

    article: shape (fragments,); categories: probability of each of `STRIPPED_CATEGORIES`, given
    that the fragment is not article, shape (fragments, categories); keys: the fragments'
    `line_keys`.
    """

    batch: Batch
    article: Floats
    categories: Floats
    keys: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What was learned to decide by, for each mode.

    bands: the scores below which a fragment goes, one for each band of clarity; evidence: how much
    must speak for boilerplate before a document is touched (see `decisions.evidence`).
    """

    bands: dict[str, list[float]]
    evidence: dict[str, float]


@dataclass(frozen=True)
class Model:
    """Hashed line scores, encoders of lines in their place, heads over these, and the header.

    table: (BUCKETS, len(LINE_SCORES)) of int8, times table_scale, (scores,); bias: (scores,).
    encoders: their outputs side by side are what the heads see; article: one output, the log-odds
    of being article; category: one output a category; joint: one output, whether a glue candidate
    is one; labels: keys of advertisement labels, stuck to paragraphs or alone; calibration: (2,
    points), the article head's log-odds and the log-odds that were found to be true.
    """

    header: dict[str, Any]
    table: NDArray[np.int8]
    table_scale: Floats
    bias: Floats
    encoders: tuple[Encoder, ...]
    article: Dense
    category: Dense
    joint: Network
    labels: NDArray[np.uint64]
    calibration: Floats

    def line_scores(self, found: Grams | Tally) -> Floats:
        """How much each line's n-grams speak for each of `LINE_SCORES`; (fragments, scores)."""
        sums = found.sums if isinstance(found, Tally) else summed(self.table, found)
        # Scaled only here: sums of whole numbers are the same in any order.
        scores: Floats = sums.astype(np.float32) * self.table_scale
        scores *= found.scale[:, None]
        scores += self.bias
        return scores

    def encoded(self, batch: Batch, told: Tally | None = None) -> Floats:
        """What the heads see of every fragment; shape (fragments, outputs of all encoders).

        told: the batch's tally, where it is there already.
        """
        told = tallied(batch, self.table) if told is None else told
        scores = bounded(self.line_scores(told))
        shape = shaped(batch, told.words, told.keys, looks_of(batch, told.facts))
        length = batch.end - batch.start
        return self._stack(scores, shape, length, batch.first)

    @functools.cached_property
    def _stack(self) -> Stack:
        return Stack(self.encoders)

    @functools.cached_property
    def _labels(self) -> NDArray[np.uint64]:
        return np.sort(self.labels)

    def glue_probabilities(
        self, batch: Batch, found: glue.Candidates, keys: NDArray[np.uint64]
    ) -> Floats:
        """Probability that each candidate is a true joint; shape (candidates,).

        keys: the `line_keys` of the batch's fragments.
        """
        told = glue.pieces(batch, keys, found, self.table)
        rows = glue.inputs(batch, told, bounded(self.line_scores(told.tally)))
        return sigmoid(self.joint.outputs(rows)[:, 0])

    def split(self, texts: list[str]) -> Batch:
        """The fragments of the texts: lines, cut where the model is sure of a joint."""
        return self._split(texts)[0]

    def _split(self, texts: list[str]) -> tuple[Batch, Tally]:
        """As `split`, with the tally of the fragments."""
        batch = split_lines(texts)
        told = tallied(batch, self.table)
        found = glue.candidates(batch, self.labels)
        if not found.cut.size:
            return batch, told
        probable = self.glue_probabilities(batch, found, told.keys)
        sure = np.flatnonzero(probable >= self.header["glue_threshold"])
        if not sure.size:
            return batch, told
        pieces = cut(batch, found.fragment[sure], found.left_end[sure], found.cut[sure])
        return pieces, retallied(batch, told, pieces, self.table)

    def scores(self, texts: list[str]) -> Scores:
        """The fragments of the texts with their calibrated probabilities."""
        with one_thread():
            batch, told = self._split(texts)
            said = self.judged(batch, self.encoded(batch, told), told.keys)
        label = self.is_label(batch, told.keys)
        said.article[label] = np.minimum(said.article[label], _LABEL)
        said.categories[label] = _ADVERTISEMENT
        return said

    def is_label(self, batch: Batch, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which fragments are, word for word, an advertisement label; (fragments,).

        keys: the fragments' `line_keys`.

        One word between two paragraphs looks like a heading, whatever the word. Of 818 such lines
        in held-out documents and ours, 800 are no article, and of the others most are mislabelled.
        """
        length = batch.end - batch.start
        # Two or three Latin letters ("Ad") are as well an abbreviation, or the word itself.
        told = (length > 3) | (batch.codes[batch.start] > 127)
        return are_among(keys, self._labels) & told & (length <= _LABEL_LENGTH)

    def judged(self, batch: Batch, encoded: Floats, keys: NDArray[np.uint64]) -> Scores:
        """What the heads say of fragments as `encoded` gives them; keys: their `line_keys`."""
        # A head's outputs side by side: what follows runs over all fragments, head by head.
        article, category = (
            head.weight.T @ encoded.T + head.bias[:, None] for head in (self.article, self.category)
        )
        odds = np.interp(article[0], self.calibration[0], self.calibration[1])
        # Rounded, so that the last bits of a matrix product decide nothing.
        rounded = np.round(sigmoid(odds.astype(np.float32)), 5)
        return Scores(batch, rounded, softmax(category.T), keys)

    @property
    def thresholds(self) -> Thresholds:
        """The learned thresholds of the modes."""
        return Thresholds(self.header["thresholds"], self.header["evidence"])

    @property
    def repeats(self) -> list[list[float]]:
        """What a line's standing in other documents adds to its log-odds (see `repeats.shifted`).

        A row for short fragments, one for prose; none at all in a model that has not learned it.
        """
        found: list[list[float]] = self.header.get("repeats", [])
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        fields = tuple(getattr(self, name) for name in self.__dataclass_fields__)
        return (type(self), fields)


def bounded(scores: Floats) -> Floats:
    """Line scores as encoders and the glue network see them: no single one drowns the others."""
    out: Floats = np.tanh(scores / 4).astype(np.float32)
    return out
