"""Verdicts against labels, weighed by tokens: what was lost, what was stripped, set by set."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cleaner.calibration import Scored
from cleaner.confusion import CategoryScores, Confusion
from cleaner.dataset import OTHER, LabelledDocument
from cleaner.document import ARTICLE, Fragment
from cleaner.judging import Judged, Judgement, judge
from cleaner.snippets import SnippetScores, SnippetTally
from cleaner.tables import table
from cleaner.worst import Case, Worst

#: The share of article tokens that the "at 1 %" figure allows to lose.
_AT = 0.01

#: The columns of a table of `Scores`, after those that say of what they are.
HEAD = (
    "docs", "lost", "stripped", "F1", "mean F1", "keep-all", "@1%", "perfect", "category",
    "emptied", "altered",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of one set of documents; shares are 0..1, of tokens unless said otherwise.

    lost: article tokens not kept; stripped: other tokens not kept; f1: over kept tokens; mean_f1:
    its mean over documents; keep_all_f1: what keeping everything gives; at_1_percent: other tokens
    whose score is below that which loses 1 % of the article tokens; perfect: documents without
    any error; category: stripped lines given the right category, of those whose is known;
    emptied: the number of documents that have an article and nothing left; altered: of those
    that have nothing to strip and do not come out as they should.
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
    emptied: int = 0
    altered: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The figures by name, ready for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    def cells(self) -> tuple[str, ...]:
        """The figures as they stand below `HEAD`."""
        shares = (self.lost, self.stripped, self.f1, self.mean_f1, self.keep_all_f1)
        return (
            str(self.documents),
            *(f"{share:.4f}" for share in (*shares, self.at_1_percent, self.perfect)),
            "-" if self.category is None else f"{self.category:.3f}",
            str(self.emptied),
            str(self.altered),
        )


@dataclass(frozen=True)
class Report:
    """An evaluation of one mode.

    sets, renderings, languages: figures by name, those of all documents last in `sets`, as "all",
    where it holds several; categories: figures by label; confusion: by label, how many of its
    stripped lines are taken for each category; snippets: figures of the sets that have any;
    scored: by set, the scores against the labels; worst: see `Worst`.
    """

    sets: dict[str, Scores]
    renderings: dict[str, Scores]
    languages: dict[str, Scores]
    categories: dict[str, CategoryScores]
    confusion: dict[str, dict[str, int]]
    snippets: dict[str, SnippetScores]
    scored: dict[str, Scored]
    worst: dict[str, tuple[Case, ...]]

    def as_dict(self) -> dict[str, Any]:
        """The figures, ready for JSON: no text and no name of any document."""
        groups = {"sets": self.sets, "renderings": self.renderings, "languages": self.languages}
        return {
            **{
                name: {key: scores.as_dict() for key, scores in group.items()}
                for name, group in groups.items()
            },
            "categories": {name: scores._asdict() for name, scores in self.categories.items()},
            "confusion": self.confusion,
            "snippets": {name: scores.as_dict() for name, scores in self.snippets.items()},
            "calibration": {
                name: scored.reliability().as_dict() for name, scored in self.scored.items()
            },
        }

    def worst_as_dict(self) -> dict[str, Any]:
        """The worst documents, ready for JSON: with their names, and some of their lines."""
        return {
            "worst": {
                name: [case.as_dict() for case in found] for name, found in self.worst.items()
            }
        }

    def lines(self) -> Iterator[str]:
        """The figures by set and by label as tables for people."""
        yield from table(("set", *HEAD), ((name, *s.cells()) for name, s in self.sets.items()))
        yield ""
        rows = ((n, str(c.tokens), f"{c.stripped:.4f}") for n, c in self.categories.items())
        yield from table(("category", "tokens", "stripped"), rows)


@dataclass
class _Tally:
    """The counts of one group of documents, added up document by document."""

    documents: int = 0
    kept_article: int = 0
    lost_article: int = 0
    kept_other: int = 0
    stripped_other: int = 0
    perfect: int = 0
    f1: float = 0.0
    right: int = 0
    named: int = 0
    emptied: int = 0
    altered: int = 0

    def add(self, lines: Sequence[Judged], is_emptied: bool, is_altered: bool) -> None:
        a = b = c = d = 0
        for line in lines:
            if line.label == ARTICLE:
                a, b = a + line.kept, b + line.tokens - line.kept
            else:
                c, d = c + line.kept, d + line.tokens - line.kept
                if line.category is not None and line.label != OTHER:
                    self.named += 1
                    self.right += line.category == line.label
        self.documents += 1
        self.kept_article += a
        self.lost_article += b
        self.kept_other += c
        self.stripped_other += d
        self.perfect += b + c == 0
        self.f1 += 2 * a / (2 * a + b + c) if a + b + c else 1.0
        self.emptied += is_emptied
        self.altered += is_altered

    def scores(self, scored: Scored) -> Scores:
        a, b, c, d = self.kept_article, self.lost_article, self.kept_other, self.stripped_other
        return Scores(
            documents=self.documents,
            lost=b / max(1, a + b),
            stripped=d / max(1, c + d),
            f1=2 * a / max(1, 2 * a + b + c),
            mean_f1=self.f1 / max(1, self.documents),
            keep_all_f1=2 * (a + b) / max(1, 2 * (a + b) + c + d),
            at_1_percent=scored.stripped_at([_AT])[0],
            perfect=self.perfect / max(1, self.documents),
            category=self.right / self.named if self.named else None,
            emptied=self.emptied,
            altered=self.altered,
        )


#: A group of documents: of what kind, and its name.
_Group = tuple[str, str]
_EVERY: _Group = ("every", "")


def _groups(document: LabelledDocument) -> Iterator[_Group]:
    """The groups that a document counts in."""
    yield _EVERY
    yield "set", document.origin
    if document.rendering:
        yield "rendering", document.rendering
    if document.language:
        yield "language", document.language


@dataclass
class _Counts:
    """All that is counted for one mode; memory is bounded by groups, not by documents."""

    worst: Worst
    tallies: dict[_Group, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    confusion: Confusion = field(default_factory=Confusion)
    snippets: dict[str, SnippetTally] = field(default_factory=lambda: defaultdict(SnippetTally))

    def add(self, judgement: Judgement) -> None:
        document = judgement.document
        is_emptied, is_altered = judgement.is_emptied(), judgement.is_altered()
        self.worst.add(judgement, is_emptied, is_altered)
        if document.must_stay or document.must_go:
            self.snippets[document.origin].add(
                document.must_stay, document.must_go, document.text, judgement.left()
            )
            if not document.spans:
                return
        self.confusion.add(judgement.lines)
        for group in _groups(document):
            self.tallies[group].add(judgement.lines, is_emptied, is_altered)

    def report(self, scored: Mapping[_Group, Scored]) -> Report:
        def named(kind: str) -> dict[str, _Group]:
            return {name: (kind, name) for of, name in sorted(self.tallies) if of == kind}

        sets = named("set")
        if len(sets) > 1 or not (sets or self.snippets):
            sets["all"] = _EVERY

        def figures(groups: dict[str, _Group]) -> dict[str, Scores]:
            return {
                name: self.tallies[group].scores(scored[group]) for name, group in groups.items()
            }

        return Report(
            sets=figures(sets),
            renderings=figures(named("rendering")),
            languages=figures(named("language")),
            categories=self.confusion.scores(),
            confusion=self.confusion.table(),
            snippets={name: tally.scores() for name, tally in sorted(self.snippets.items())},
            scored={name: scored[group] for name, group in sets.items()},
            worst=self.worst.cases(),
        )


def evaluate(
    documents: Iterable[LabelledDocument],
    inspect_batch: Callable[[Iterable[str]], Iterable[list[Fragment]]],
) -> Report:
    """How verdicts agree with labels. `inspect_batch` is that of a `Cleaner`, or a peer's.

    A token counts as kept when the fragment that covers its first character is; a labelled line's
    score is the mean over its tokens. The figures are those of the project's reference scorer.
    """

    def inspect_modes(texts: Iterable[str]) -> Iterator[dict[str, list[Fragment]]]:
        return ({"": fragments} for fragments in inspect_batch(texts))

    return evaluate_modes(documents, inspect_modes, ("",))[""]


def evaluate_modes(
    documents: Iterable[LabelledDocument],
    inspect_modes: Callable[[Iterable[str]], Iterable[Mapping[str, list[Fragment]]]],
    modes: Sequence[str],
    most: int = 0,
) -> dict[str, Report]:
    """What `evaluate` tells, by mode, of verdicts by mode; `most`: how many worst documents.

    Modes differ in what they keep: their scores are taken from the first. Documents stream.
    """
    counts = {mode: _Counts(Worst(most)) for mode in modes}
    scored: dict[_Group, Scored] = defaultdict(Scored)
    ahead, documents = itertools.tee(documents)
    verdicts = inspect_modes(document.text for document in ahead)
    for document, judged in zip(documents, verdicts, strict=True):
        for mode in modes:
            judgement = judge(document, judged[mode])
            counts[mode].add(judgement)
            for group in _groups(document) if mode == modes[0] else ():
                for line in judgement.lines:
                    scored[group].add(line.score, line.tokens, line.label == ARTICLE)
    return {mode: count.report(scored) for mode, count in counts.items()}
