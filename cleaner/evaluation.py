"""Verdicts against labels, weighed by tokens: what was lost, what was stripped, set by set."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cleaner.dataset import LabelledDocument
from cleaner.document import ARTICLE, CATEGORIES, Fragment

#: A token is a run of word characters.
TOKEN = re.compile(r"\w+")

#: The share of article tokens that the "at 1 %" figure allows to lose.
_AT = 0.01


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of one set of documents; shares are 0..1, of tokens unless said otherwise.

    lost: article tokens not kept; stripped: other tokens not kept; f1: over kept tokens; mean_f1:
    its mean over documents; keep_all_f1: what keeping everything gives; at_1_percent: other tokens
    whose score is below that which loses 1 % of the article tokens; perfect: documents without
    any error; category: stripped fragments given the right category, of those whose is known.
    """

    documents: int
    lost: float
    stripped: float
    f1: float
    mean_f1: float
    keep_all_f1: float
    at_1_percent: float
    perfect: float
    category: float | None


@dataclass
class _Tally:
    """The counts of one set, added up document by document."""

    documents: int = 0
    kept_article: int = 0
    lost_article: int = 0
    kept_other: int = 0
    stripped_other: int = 0
    perfect: int = 0
    f1: float = 0.0
    right: int = 0
    named: int = 0
    article: list[tuple[float, int]] = field(default_factory=list)
    other: list[tuple[float, int]] = field(default_factory=list)

    def scores(self) -> Scores:
        a, b, c, d = self.kept_article, self.lost_article, self.kept_other, self.stripped_other
        return Scores(
            documents=self.documents,
            lost=b / max(1, a + b),
            stripped=d / max(1, c + d),
            f1=2 * a / max(1, 2 * a + b + c),
            mean_f1=self.f1 / max(1, self.documents),
            keep_all_f1=2 * (a + b) / max(1, 2 * (a + b) + c + d),
            at_1_percent=self._at(),
            perfect=self.perfect / max(1, self.documents),
            category=self.right / self.named if self.named else None,
        )

    def _at(self) -> float:
        total, limit, seen = sum(n for _, n in self.article), 0.0, 0
        for score, tokens in sorted(self.article):
            seen += tokens
            if seen > _AT * total:
                limit = score
                break
        below = sum(tokens for score, tokens in self.other if score < limit)
        return below / max(1, sum(tokens for _, tokens in self.other))


@dataclass(frozen=True)
class Report:
    """An evaluation: `sets` by name ("all" last), and the share stripped of each category."""

    sets: dict[str, Scores]
    categories: dict[str, tuple[int, float]]

    def as_dict(self) -> dict[str, Any]:
        """The report, ready for JSON."""
        return {
            "sets": {
                name: {key: getattr(scores, key) for key in scores.__slots__}
                for name, scores in self.sets.items()
            },
            "categories": {
                name: {"tokens": tokens, "stripped": share}
                for name, (tokens, share) in self.categories.items()
            },
        }

    def lines(self) -> Iterator[str]:
        """The report as a table for people."""
        yield (
            f"{'set':<26}{'docs':>6}{'lost':>8}{'stripped':>10}{'F1':>8}{'mean F1':>9}"
            f"{'keep-all':>10}{'@1%':>8}{'perfect':>9}{'category':>10}"
        )
        for name, s in self.sets.items():
            right = "-" if s.category is None else f"{s.category:.3f}"
            yield (
                f"{name:<26}{s.documents:>6}{s.lost:>8.4f}{s.stripped:>10.4f}{s.f1:>8.4f}"
                f"{s.mean_f1:>9.4f}{s.keep_all_f1:>10.4f}{s.at_1_percent:>8.4f}{s.perfect:>9.4f}"
                f"{right:>10}"
            )
        yield ""
        yield f"{'category':<26}{'tokens':>10}{'stripped':>10}"
        for name, (tokens, share) in self.categories.items():
            yield f"{name:<26}{tokens:>10}{share:>10.4f}"


def evaluate(
    documents: Iterable[LabelledDocument],
    inspect_batch: Callable[[Iterable[str]], Iterable[list[Fragment]]],
) -> Report:
    """How verdicts agree with labels. `inspect_batch` is that of a `Cleaner`, or a peer's.

    A token counts as kept when the fragment that covers its first character is; a labelled line's
    score is the mean over its tokens. The figures are those of the project's reference scorer.
    """
    documents = list(documents)
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    stripped: dict[str, list[int]] = {name: [0, 0] for name in (*CATEGORIES, "other")}
    verdicts = inspect_batch(document.text for document in documents)
    for document, fragments in zip(documents, verdicts, strict=True):
        for tally in (tallies[document.origin], tallies["all"]):
            _add(tally, document, fragments)
        for label, kept, total, _, _ in _compared(document, fragments):
            stripped[label][0] += total
            stripped[label][1] += total - kept
    names = sorted(name for name in tallies if name != "all")
    ordered = names if len(names) == 1 else [*names, "all"]
    return Report(
        sets={name: tallies[name].scores() for name in ordered},
        categories={
            name: (total, gone / total) for name, (total, gone) in stripped.items() if total
        },
    )


def _compared(
    document: LabelledDocument, fragments: Sequence[Fragment]
) -> Iterator[tuple[str, int, int, float, str | None]]:
    """For each labelled span: label, tokens kept, tokens, mean score, category if stripped."""
    starts = np.array([fragment.start for fragment in fragments], np.int64)
    for start, end, label in document.spans:
        if label is None:
            continue
        kept = total = 0
        score = 0.0
        category = None
        places = [match.start() for match in TOKEN.finditer(document.text, start, end)]
        for place, at in zip(
            places, (np.searchsorted(starts, places, "right") - 1).tolist(), strict=True
        ):
            hit = fragments[at] if at >= 0 and fragments[at].end > place else None
            total += 1
            if hit is not None:
                kept += hit.keep
                score += hit.score
                category = None if hit.keep else hit.category
        if total:
            yield label, kept, total, score / total, category


def _add(tally: _Tally, document: LabelledDocument, fragments: Sequence[Fragment]) -> None:
    a = b = c = d = 0
    for label, kept, total, score, category in _compared(document, fragments):
        if label == ARTICLE:
            tally.article.append((score, total))
            a, b = a + kept, b + total - kept
        else:
            tally.other.append((score, total))
            c, d = c + kept, d + total - kept
            if category is not None and label != "other":
                tally.named += 1
                tally.right += category == label
    tally.documents += 1
    tally.kept_article += a
    tally.lost_article += b
    tally.kept_other += c
    tally.stripped_other += d
    tally.perfect += b + c == 0
    tally.f1 += 2 * a / (2 * a + b + c) if a + b + c else 1.0
