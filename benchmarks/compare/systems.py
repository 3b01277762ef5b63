"""What is compared: a name, and verdicts on texts in the form that `evaluate` takes."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from cleaner import Cleaner, Fragment

_LINE = re.compile(r"[^\r\n]+")

#: A line stays from this score on.
_KEEP_FROM = 0.5


class System(Protocol):
    """Something that judges the lines of texts.

    name: as the table shows it; scored: whether its scores say more than its verdicts do.
    """

    name: str
    scored: bool

    def inspect_batch(self, texts: Iterable[str]) -> Iterable[list[Fragment]]:
        """The fragments of each of `texts` with their verdicts, in order."""
        ...


class LineFilter(ABC):
    """A system that scores a document's visible lines, 0 (strip) to 1 (keep)."""

    name: str
    scored = False

    @abstractmethod
    def scores(self, lines: Sequence[str]) -> Sequence[float]:
        """A score for each of the lines of one document, which come without outer whitespace."""

    def inspect_batch(self, texts: Iterable[str]) -> Iterator[list[Fragment]]:
        for text in texts:
            spans = list(visible_lines(text))
            scores = self.scores([text[start:end] for start, end in spans])
            yield [
                _fragment(text, start, end, score)
                for (start, end), score in zip(spans, scores, strict=True)
            ]


def visible_lines(text: str) -> Iterator[tuple[int, int]]:
    """Where the lines of `text` that show something stand, without outer whitespace."""
    for match in _LINE.finditer(text):
        line = match.group()
        visible = line.strip()
        if visible:
            start = match.start() + len(line) - len(line.lstrip())
            yield start, start + len(visible)


def _fragment(text: str, start: int, end: int, score: float) -> Fragment:
    keep = score >= _KEEP_FROM
    return Fragment(text[start:end], start, end, "article" if keep else "other", score, keep, "")


class KeepAll(LineFilter):
    """Keeps every line: what a filter has to beat, and how fast the comparison itself can be."""

    name = "keep everything"

    def scores(self, lines: Sequence[str]) -> Sequence[float]:
        return [1.0] * len(lines)


class Ours:
    """This package in one of its modes."""

    scored = True

    def __init__(self, mode: str, model: Path | None = None) -> None:
        self.name = f"cleaner, {mode}"
        self.inspect_batch = Cleaner(model, mode).inspect_batch
