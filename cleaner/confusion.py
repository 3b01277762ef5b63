"""What the lines of each label are taken for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from cleaner.dataset import OTHER
from cleaner.document import CATEGORIES, STRIPPED_CATEGORIES
from cleaner.judging import Judged

#: The labels, in the order of all tables.
LABELS = (*CATEGORIES, OTHER)


class CategoryScores(NamedTuple):
    """What became of a label's lines: tokens, their share stripped, and the share named right.

    right: of the stripped lines; None where there are none, or where there is no right name.
    """

    tokens: int
    stripped: float
    right: float | None


@dataclass
class Confusion:
    """Tokens and verdicts by label; `add` document by document."""

    tokens: Counter[str] = field(default_factory=Counter)
    stripped: Counter[str] = field(default_factory=Counter)
    named: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, lines: Iterable[Judged]) -> None:
        """Count a document's lines."""
        for line in lines:
            self.tokens[line.label] += line.tokens
            self.stripped[line.label] += line.tokens - line.kept
            if line.category is not None:
                self.named[line.label][line.category] += 1

    def scores(self) -> dict[str, CategoryScores]:
        """The figures of each label that there is."""
        out = {}
        for label in LABELS:
            if self.tokens[label]:
                named = self.named.get(label, Counter())
                is_known = named.total() and label in STRIPPED_CATEGORIES
                right = named[label] / named.total() if is_known else None
                share = self.stripped[label] / self.tokens[label]
                out[label] = CategoryScores(self.tokens[label], share, right)
        return out

    def table(self) -> dict[str, dict[str, int]]:
        """For each label, how many of its stripped lines are taken for each category."""
        return {
            label: {name: self.named[label][name] for name in LABELS if self.named[label][name]}
            for label in LABELS
            if label in self.named
        }
