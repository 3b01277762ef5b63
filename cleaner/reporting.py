"""What a run did, for people: counts that add up, and verdicts in colour or plain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cleaner.decisions import NOTHING
from cleaner.document import CATEGORIES, Fragment
from cleaner.looks import NONE, Counts

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


#: So many emptied documents are named; the rest are counted.
_NAMED = 100


@dataclass
class Stats:
    """Lines (fragments) and characters read, kept and stripped by category; `add` a document."""

    documents: int = 0
    emptied: int = 0
    emptied_names: list[str] = field(default_factory=list)
    lines: int = 0
    characters: int = 0
    kept_lines: int = 0
    kept_characters: int = 0
    stripped_lines: Counter[str] = field(default_factory=Counter)
    stripped_characters: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, counts: Counts, before: Counts = NONE) -> None:
        """Count one document's verdicts; before: those on its stretches that are counted."""
        self.count(counts)
        self.documents += 1
        if sum(counts.lines) + sum(before.lines) and not counts.lines[0] + before.lines[0]:
            self.emptied += 1
            self.emptied_names = [*self.emptied_names, name][:_NAMED]

    def count(self, counts: Counts) -> None:
        """Count verdicts on a part of a document, of which more is to come."""
        lines, characters = sum(counts.lines), sum(counts.characters)
        self.lines += lines
        self.characters += characters
        self.kept_lines += counts.lines[0]
        self.kept_characters += counts.characters[0]
        for category, gone, size in _stripped(counts):
            self.stripped_lines[category] += gone
            self.stripped_characters[category] += size

    def merge(self, other: Stats) -> None:
        """Count what another has counted."""
        for name, value in vars(other).items():
            mine = getattr(self, name)
            if isinstance(value, Counter):
                mine.update(value)
            else:
                setattr(self, name, mine + value)
        self.emptied_names = self.emptied_names[:_NAMED]

    def as_dict(self) -> dict[str, Any]:
        """The counts by name, ready for JSON."""
        return dict(vars(self))

    @classmethod
    def of(cls, counts: Mapping[str, Any]) -> Stats:
        """The counts that `as_dict` gave."""
        stripped = ("stripped_lines", "stripped_characters")
        return cls(**{**counts, **{name: Counter(counts[name]) for name in stripped}})

    @property
    def share(self) -> float:
        """The share of characters that was kept; 1 where there were none."""
        return self.kept_characters / self.characters if self.characters else 1.0

    def summary(self) -> Iterator[str]:
        """The counts, a line each."""
        yield f"documents  {self.documents}"
        yield f"read       {self.lines} lines, {self.characters} characters"
        kept = f"{self.kept_lines} lines, {self.kept_characters} characters"
        yield f"kept       {kept} ({self.share:.1%})"
        lines = sum(self.stripped_lines.values())
        yield f"stripped   {lines} lines, {sum(self.stripped_characters.values())} characters"
        for category, count in self.stripped_lines.most_common():
            yield f"  {category:<16}{count} lines, {self.stripped_characters[category]} characters"
        for name in self.emptied_names:
            yield f"{name}: {NOTHING}; nothing is left of it"
        if self.emptied > len(self.emptied_names):
            yield f"and {self.emptied - len(self.emptied_names)} more, of which nothing is left"


def annotation(counts: Counts) -> dict[str, Any]:
    """A document's summary for `--annotate`.

    kept: share of characters, 0..1; score: probability of article, a mean over characters, 0..1;
    stripped: lines by category. A document without visible characters has 1 and 1.
    """
    characters = sum(counts.characters)
    return {
        "kept": round(counts.characters[0] / characters, 4) if characters else 1.0,
        "score": round(counts.weight / characters, 4) if characters else 1.0,
        "stripped": {category: gone for category, gone, _ in _stripped(counts)},
    }


def _stripped(counts: Counts) -> Iterator[tuple[str, int, int]]:
    """Categories of which something is stripped, with lines and characters."""
    told = zip(CATEGORIES, counts.lines, counts.characters, strict=True)
    return (one for number, one in enumerate(told) if number and one[1])


def verdict_line(fragment: Fragment) -> str:
    """One fragment's verdict in one line: mark, score, category, text."""
    mark = "+" if fragment.keep else "-"
    # A scraped page must not be able to send commands to a terminal.
    text = _CONTROLS.sub("\ufffd", fragment.text.replace("\t", " "))
    return f"{mark} {fragment.score:.3f}  {fragment.category:<15} {text}"
