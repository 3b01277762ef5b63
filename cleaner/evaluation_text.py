"""Reports by mode as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cleaner.document import STRIPPED_CATEGORIES
from cleaner.evaluation import Report
from cleaner.evaluation_tables import WORST, case_lines, case_name, tables
from cleaner.tables import table

#: What is told of one mode alone is told of this one, if it was asked for.
_USUAL = "balanced"


def lines(reports: Mapping[str, Report]) -> Iterator[str]:
    """The figures of all modes; confusion and worst documents of the usual one, or the first."""
    mode = _USUAL if _USUAL in reports else next(iter(reports))
    for number, one in enumerate(tables(reports)):
        yield from ("",) if number else ()
        yield from table(one.head, one.rows, names=one.names)
    yield from _confusion(mode, reports[mode])
    for name, heading in WORST.items():
        cases = reports[mode].worst[name]
        yield from ("", f"{heading}, {mode}") if cases else ()
        for case in cases:
            yield f"  {case_name(case)}"
            yield from (f"    {line}" for line in case_lines(case))


def _confusion(mode: str, report: Report) -> Iterator[str]:
    if report.confusion:
        yield ""
        yield f"{f'stripped lines, {mode}':<26}  {'lines':>8}  {'right':>8}  else taken for"
    for label, named in report.confusion.items():
        wrong = sorted((-count, name) for name, count in named.items() if name != label)
        others = ", ".join(f"{name} {-count}" for count, name in wrong)
        right = named.get(label, 0) if label in STRIPPED_CATEGORIES else "-"
        yield f"{label:<26}  {sum(named.values()):>8}  {right:>8}  {others}".rstrip()
