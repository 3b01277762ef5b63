"""Snippets that must stay and snippets that must go, looked for in what is left of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SnippetScores:
    """The figures of one set of documents with snippets, over all its snippets.

    A snippet that must stay and does is a true positive, one that must go and does a true
    negative; keep_all_f1: what keeping everything gives.
    """

    documents: int
    must_stay: int
    stayed: int
    must_go: int
    gone: int
    precision: float
    recall: float
    f1: float
    keep_all_f1: float

    def as_dict(self) -> dict[str, Any]:
        """The numbers by name, ready for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass
class SnippetTally:
    """The counts of one set, added up document by document."""

    documents: int = 0
    must_stay: int = 0
    stayed: int = 0
    must_go: int = 0
    gone: int = 0
    there: int = 0
    unwanted: int = 0

    def add(self, must_stay: Sequence[str], must_go: Sequence[str], text: str, left: str) -> None:
        """Count one document: its snippets, its text, and what is left of that."""
        self.documents += 1
        self.must_stay += len(must_stay)
        self.must_go += len(must_go)
        self.stayed += len(found(must_stay, left))
        self.gone += len(must_go) - len(found(must_go, left))
        self.there += len(found(must_stay, text))
        self.unwanted += len(found(must_go, text))

    def scores(self) -> SnippetScores:
        """The figures so far."""
        still = self.must_go - self.gone
        return SnippetScores(
            documents=self.documents,
            must_stay=self.must_stay,
            stayed=self.stayed,
            must_go=self.must_go,
            gone=self.gone,
            precision=self.stayed / max(1, self.stayed + still),
            recall=self.stayed / max(1, self.must_stay),
            f1=2 * self.stayed / max(1, self.stayed + still + self.must_stay),
            keep_all_f1=2 * self.there / max(1, self.there + self.unwanted + self.must_stay),
        )


def found(snippets: Sequence[str], text: str) -> list[str]:
    """Those of the snippets that the text holds, whatever the whitespace between words.

    >>> found(["the old bridge", "Pin it"], "Here is the old\\nbridge.")
    ['the old bridge']
    """
    plain = " ".join(text.split())
    return [snippet for snippet in snippets if " ".join(snippet.split()) in plain]
