"""What a run did, for people: counts that add up, and verdicts in colour or plain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cleaner.decisions import NOTHING
from cleaner.document import Fragment

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass
class Stats:
    """Lines (fragments) and characters read, kept and stripped by category; `add` a document."""

    documents: int = 0
    emptied: list[str] = field(default_factory=list)
    lines: int = 0
    characters: int = 0
    kept_lines: int = 0
    kept_characters: int = 0
    stripped_lines: Counter[str] = field(default_factory=Counter)
    stripped_characters: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, fragments: Sequence[Fragment]) -> None:
        """Count one document's verdicts."""
        self.documents += 1
        for fragment in fragments:
            size = fragment.end - fragment.start
            self.lines += 1
            self.characters += size
            if fragment.keep:
                self.kept_lines += 1
                self.kept_characters += size
            else:
                self.stripped_lines[fragment.category] += 1
                self.stripped_characters[fragment.category] += size
        if fragments and not any(fragment.keep for fragment in fragments):
            self.emptied.append(name)

    def summary(self) -> Iterator[str]:
        """The counts, a line each."""
        share = self.kept_characters / self.characters if self.characters else 1.0
        yield f"documents  {self.documents}"
        yield f"read       {self.lines} lines, {self.characters} characters"
        yield (
            f"kept       {self.kept_lines} lines, {self.kept_characters} characters ({share:.1%})"
        )
        lines = sum(self.stripped_lines.values())
        yield f"stripped   {lines} lines, {sum(self.stripped_characters.values())} characters"
        for category, count in self.stripped_lines.most_common():
            yield f"  {category:<16}{count} lines, {self.stripped_characters[category]} characters"
        for name in self.emptied:
            yield f"{name}: {NOTHING}; nothing is left of it"


def verdict_line(fragment: Fragment) -> str:
    """One fragment's verdict in one line: mark, score, category, text."""
    mark = "+" if fragment.keep else "-"
    # A scraped page must not be able to send commands to a terminal.
    text = _CONTROLS.sub("\ufffd", fragment.text.replace("\t", " "))
    return f"{mark} {fragment.score:.3f}  {fragment.category:<15} {text}"
