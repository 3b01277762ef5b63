"""The documents that fare worst, each with the lines that are judged wrongly, shortened."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from cleaner.dataset import TOKEN
from cleaner.document import ARTICLE
from cleaner.judging import Judgement
from cleaner.snippets import found

#: So much of a line is shown, and so many lines of a document.
SHOWN_CHARACTERS = 120
SHOWN_LINES = 12

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Line(NamedTuple):
    """A line, or a snippet, with its wrongly judged tokens and the verdict on them.

    score: None for a snippet; verdict: the category that it was given, or "kept", or "gone".
    """

    text: str
    tokens: int
    score: float | None
    label: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Case:
    """A document with what went wrong in it: so many tokens, in so many lines, some shown."""

    id: str
    origin: str
    tokens: int
    count: int
    lines: tuple[Line, ...]

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, ready for JSON."""
        return {
            "id": self.id,
            "set": self.origin,
            "tokens": self.tokens,
            "count": self.count,
            "lines": [line._asdict() for line in self.lines],
        }


class Worst:
    """The lists of the worst documents, each of at most `most`; `add` a document.

    lost: by article tokens lost; kept: by other tokens kept; emptied: those with an article of
    which nothing is left; altered: those with nothing to strip that do not come out as they
    should; snippets: those with snippets that are gone but must stay, or kept but must go.
    """

    def __init__(self, most: int) -> None:
        names = ("lost", "kept", "emptied", "altered", "snippets")
        self._lists = {name: _Ranking(most) for name in names}

    def add(self, judgement: Judgement, is_emptied: bool, is_altered: bool) -> None:
        """Enter a document in the lists where it belongs."""
        lines = judgement.lines
        lost = sum(line.tokens - line.kept for line in lines if line.label == ARTICLE)
        kept = sum(line.kept for line in lines if line.label != ARTICLE)
        wrong = list(_wrong_snippets(judgement))
        missed = sum(line.tokens for line in wrong)
        for name, is_listed, tokens, shown in (
            ("lost", lost > 0, lost, _lost_lines(judgement)),
            ("kept", kept > 0, kept, _kept_lines(judgement)),
            ("emptied", is_emptied, lost, _lost_lines(judgement)),
            ("altered", is_altered, lost, _lost_lines(judgement)),
            ("snippets", bool(wrong), missed, wrong),
        ):
            if is_listed:
                document = judgement.document
                self._lists[name].add(document.id, document.origin, tokens, shown)

    def cases(self) -> dict[str, tuple[Case, ...]]:
        """Each list, the worst document first."""
        return {name: ranking.cases() for name, ranking in self._lists.items()}


def _lost_lines(judgement: Judgement) -> Iterator[Line]:
    for line in judgement.lines:
        if line.label == ARTICLE and line.kept < line.tokens:
            lost = line.tokens - line.kept
            yield Line(line.text, lost, line.score, line.label, line.category or "gone")


def _kept_lines(judgement: Judgement) -> Iterator[Line]:
    for line in judgement.lines:
        if line.label != ARTICLE and line.kept:
            yield Line(line.text, line.kept, line.score, line.label, "kept")


def _wrong_snippets(judgement: Judgement) -> Iterator[Line]:
    document = judgement.document
    if not (document.must_stay or document.must_go):
        return
    left = judgement.left()
    there, still = found(document.must_stay, left), found(document.must_go, left)
    for label, verdict, snippets in (
        ("must_stay", "gone", [one for one in document.must_stay if one not in there]),
        ("must_go", "kept", still),
    ):
        for snippet in snippets:
            yield Line(snippet, len(TOKEN.findall(snippet)), None, label, verdict)


class _Ranking:
    """The `most` documents of which most tokens are judged wrongly; holds no more than these."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen = 0
        self._heap: list[tuple[int, int, Case]] = []

    def add(self, name: str, origin: str, tokens: int, lines: Iterable[Line]) -> None:
        """Enter a document; of two with as many tokens, the earlier goes before.

        The lines are looked at only if the document is among the worst so far.
        """
        self._seen += 1
        if self._most < 1 or (len(self._heap) == self._most and tokens <= self._heap[0][0]):
            return
        lines = list(lines)
        shown = tuple(line._replace(text=shortened(line.text)) for line in lines[:SHOWN_LINES])
        case = Case(name, origin, tokens, len(lines), shown)
        heapq.heappush(self._heap, (tokens, -self._seen, case))
        if len(self._heap) > self._most:
            heapq.heappop(self._heap)

    def cases(self) -> tuple[Case, ...]:
        """The documents, the worst first."""
        return tuple(case for _, _, case in sorted(self._heap, key=lambda entry: entry[:2])[::-1])


def shortened(text: str) -> str:
    """The text on one line of bounded length, fit for any terminal and any encoding of Unicode.

    >>> shortened("one  two\\nthree \\x1b[2J")
    'one two three \ufffd[2J'
    """
    plain = " ".join(text[: 4 * SHOWN_CHARACTERS].split())
    # A scraped page must not be able to send commands to a terminal, nor to turn its text round.
    plain = _CONTROLS.sub("\ufffd", plain).encode("utf-8", "replace").decode()
    cut = len(plain) > SHOWN_CHARACTERS or len(text) > 4 * SHOWN_CHARACTERS
    return plain[:SHOWN_CHARACTERS].rstrip() + "…" if cut else plain
