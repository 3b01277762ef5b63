"""What is told of reports by mode, as headings and cells, for text and page alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cleaner.evaluation import HEAD, Report
from cleaner.snippets import SnippetScores
from cleaner.worst import Case, shortened

#: The headings of the lists of the worst documents.
WORST = {
    "lost": "Most article tokens lost",
    "kept": "Most other tokens kept",
    "emptied": "An article, and nothing is left",
    "altered": "Nothing to strip, and not as it should be",
    "snippets": "Snippets gone that must stay, or kept that must go",
}


class Table(NamedTuple):
    """Rows of cells below a head; the first `names` columns are names, the others numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    names: int = 1


def tables(reports: Mapping[str, Report]) -> Iterator[Table]:
    """The tables that there is something to put into."""
    first = next(iter(reports.values()))
    for kind in ("set", "rendering", "language"):
        groups = {mode: getattr(report, f"{kind}s") for mode, report in reports.items()}
        names = next(iter(groups.values()))
        # A single rendering or language says no more than its set does.
        if len(names) > (kind != "set"):
            rows = [
                (shortened(name), mode, *found[name].cells())
                for name in names
                for mode, found in groups.items()
            ]
            yield Table((kind, "mode", *HEAD), rows, 2)
    if first.snippets:
        yield _snippets(reports)
    if first.categories:
        yield _categories(reports)
    if first.scored:
        yield from _reliability(first)


def _snippets(reports: Mapping[str, Report]) -> Table:
    head = (
        "snippets of", "mode", "docs", "stayed", "gone", "precision", "recall", "F1", "keep-all"
    )  # fmt: skip
    rows = [
        (shortened(name), mode, *_snippet_cells(report.snippets[name]))
        for name in next(iter(reports.values())).snippets
        for mode, report in reports.items()
    ]
    return Table(head, rows, 2)


def _snippet_cells(s: SnippetScores) -> Sequence[str]:
    counts = (str(s.documents), f"{s.stayed}/{s.must_stay}", f"{s.gone}/{s.must_go}")
    return (*counts, *(f"{share:.4f}" for share in (s.precision, s.recall, s.f1, s.keep_all_f1)))


def _categories(reports: Mapping[str, Report]) -> Table:
    head = ["category", "tokens"]
    for mode in reports:
        head += [f"stripped, {mode}", "named right"]
    rows = []
    for name, scores in next(iter(reports.values())).categories.items():
        row = [name, str(scores.tokens)]
        for report in reports.values():
            found = report.categories[name]
            row.append(f"{found.stripped:.4f}")
            row.append("-" if found.right is None else f"{found.right:.3f}")
        rows.append(row)
    return Table(head, rows)


def _reliability(report: Report) -> Iterator[Table]:
    found = {name: scored.reliability() for name, scored in report.scored.items()}
    errors = [(shortened(name), f"{one.error:.4f}") for name, one in found.items()]
    yield Table(("scores of", "calibration error"), errors)
    name, last = list(found.items())[-1]
    rows = [
        (f"{b.low:.1f} to {b.high:.1f}", str(b.tokens), f"{b.score:.3f}", f"{b.article:.3f}")
        for b in last.bins
        if b.tokens
    ]
    head = (f"score, {shortened(name)}", "tokens", "mean score", "share of article")
    yield Table(head, rows)


def case_name(case: Case) -> str:
    """Which document it is, and how much is judged wrongly."""
    return f"{shortened(case.origin)}  {shortened(case.id)}: {case.tokens} tokens"


def case_lines(case: Case) -> Iterator[str]:
    """Its lines: tokens, score, label > verdict, text."""
    for line in case.lines:
        score = "  -  " if line.score is None else f"{line.score:.3f}"
        verdict = f"{line.label} > {line.verdict}"
        yield f"{line.tokens:>5}  {score}  {verdict:<26}  {line.text}"
    if case.count > len(case.lines):
        yield f"and {case.count - len(case.lines)} more"
