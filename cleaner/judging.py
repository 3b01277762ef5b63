"""Each label of a document beside the verdict on it, and what became of the document as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cleaner.dataset import TOKEN, LabelledDocument
from cleaner.document import ARTICLE, Fragment
from cleaner.mending import Piece, mended


class Judged(NamedTuple):
    """A labelled line with the verdict on it.

    kept: how many of its tokens are; score: their mean; category: what the line is taken for,
    None where its end is kept.
    """

    text: str
    label: str
    tokens: int
    kept: int
    score: float
    category: str | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A document with the verdicts on it. lines: those that have a label and tokens."""

    document: LabelledDocument
    fragments: Sequence[Fragment]
    lines: tuple[Judged, ...]

    def left(self) -> str:
        """What is left of the text."""
        return mended(self.document.text, self.fragments)

    def is_emptied(self) -> bool:
        """Whether the document has an article, and nothing is left of the document."""
        return any(line.label == ARTICLE for line in self.lines) and not any(
            fragment.keep for fragment in self.fragments
        )

    def is_altered(self) -> bool:
        """Whether there is nothing to strip, and yet what is left is not what its labels ask."""
        spans = self.document.spans
        if not spans or any(label != ARTICLE for _, _, label in spans):
            return False
        if any(line.kept < line.tokens for line in self.lines):
            return True
        asked = [Piece(start, end, True) for start, end, _ in spans]
        return self.left() != mended(self.document.text, asked)


def judge(document: LabelledDocument, fragments: Sequence[Fragment]) -> Judgement:
    """The document beside its verdicts.

    A token counts as kept when the fragment that covers its first character is.
    """
    return Judgement(document, fragments, tuple(_judged(document, fragments)))


def _judged(document: LabelledDocument, fragments: Sequence[Fragment]) -> Iterator[Judged]:
    starts = np.array([fragment.start for fragment in fragments], np.int64)
    for start, end, label in document.spans:
        if label is None:
            continue
        kept = 0
        score = 0.0
        category = None
        places = [match.start() for match in TOKEN.finditer(document.text, start, end)]
        before = (np.searchsorted(starts, places, "right") - 1).tolist()
        for place, at in zip(places, before, strict=True):
            hit = fragments[at] if at >= 0 and fragments[at].end > place else None
            if hit is not None:
                kept += hit.keep
                score += hit.score
                category = None if hit.keep else hit.category
        if places:
            text = document.text[start:end]
            yield Judged(text, label, len(places), kept, score / len(places), category)
