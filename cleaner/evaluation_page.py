"""Reports by mode as one HTML page with plots, which loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from cleaner.calibration import Scored
from cleaner.confusion import LABELS
from cleaner.document import CATEGORIES
from cleaner.evaluation import Report, Scores
from cleaner.evaluation_tables import WORST, Table, case_lines, case_name, tables
from cleaner.plots import COLOURS, Axis, Mark, Series, legend, plot
from cleaner.worst import Case, shortened

#: The plot of stripped against lost ends here, since no mode is meant to lose more, and is drawn
#: in so many steps.
_MOST_LOST = 0.05
_STEPS = 100

#: So many sets are drawn, so that all colours differ; bins of fewer tokens are not.
_DRAWN = len(COLOURS)
_FEW = 30

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem;
  color: #222; background: #fff }
h1, h2 { line-height: 1.2; margin: 2rem 0 .5rem }
h2 { font-size: 1.2rem }
.scroll { overflow-x: auto; margin: 0 0 1.5rem }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { padding: .15rem .7rem .15rem 0; text-align: right; white-space: nowrap }
th { border-bottom: 1px solid #999 }
.names1 :is(th, td):nth-child(-n+1), .names2 :is(th, td):nth-child(-n+2) { text-align: left }
td.diagonal { background: #dff0df } td.off { background: #f7e0d4 }
figure { display: inline-block; margin: 0 1rem 1rem 0; width: 34rem; max-width: 100% }
svg { width: 100%; height: auto; font-size: 12px }
svg .grid { stroke: #ddd } svg .ideal { stroke: #999; stroke-dasharray: 4 }
svg .line { fill: none; stroke-width: 2 }
svg .letter { fill: #fff; font-size: 10px }
.legend { list-style: none; padding: 0; margin: 0 0 0 3.5rem; font-size: .9rem }
.legend li { display: inline-block; margin-right: 1rem }
.legend span { display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem }
pre { font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .2rem 0 .8rem }
summary { cursor: pointer }
"""


def page(reports: Mapping[str, Report], title: str = "Evaluation") -> str:
    """The page; all that comes from data is escaped."""
    parts = [
        f"<h1>{escape(title)}</h1>",
        "<p>Weighed by tokens. <i>lost</i>: article stripped; <i>stripped</i>: other text "
        "stripped; <i>F1</i> over what is kept, beside what keeping everything gives; "
        "<i>@1%</i>: what could be stripped at the threshold that loses 1 % of the article.</p>",
        *_plots(reports),
        *(_table(one) for one in tables(reports)),
    ]
    for mode, report in reports.items():
        parts += _confusion(mode, report)
    for mode, report in reports.items():
        for name, heading in WORST.items():
            parts += _cases(f"{heading}, {mode}", report.worst[name])
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _table(one: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in one.head)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in one.rows
    )
    return (
        f'<div class="scroll"><table class="names{one.names}"><tr>{head}</tr>\n{body}</table></div>'
    )


def _plots(reports: Mapping[str, Report]) -> Iterator[str]:
    first = next(iter(reports.values()))
    # The largest, of equals the first, in the order of the tables; "all" is the largest of all.
    largest = sorted(first.sets, key=lambda name: -first.sets[name].documents)[:_DRAWN]
    names = [name for name in first.sets if name in largest]
    if not names:
        return
    curves = [
        _curve(name, first.scored[name], {mode: one.sets[name] for mode, one in reports.items()})
        for name in names
    ]
    truths = [_truth(name, first.scored[name]) for name in names]
    yield "<h2>Stripped against lost, and reliability</h2>"
    yield from (f"<p>The {_DRAWN} largest sets.</p>",) if len(names) < len(first.sets) else ()
    yield legend([series.name for series in curves])
    lost = Axis("article lost", _MOST_LOST, is_percent=True)
    stripped = Axis("other text stripped", is_percent=True)
    yield _figure(
        plot("Stripped against lost", lost, stripped, curves),
        "The lines: what a threshold on the score could strip at each loss. The dots: what the "
        "modes, by their first letters, lose and strip; they weigh the document too. What loses "
        "more than the axis shows stands at its end.",
    )
    score, article = Axis("score"), Axis("share of article")
    yield _figure(
        plot("Reliability", score, article, truths, has_diagonal=True),
        f"Of the tokens in each tenth of the score, where it has {_FEW}, the share that is "
        "article. On the dashed line, a score is a probability.",
    )


def _curve(name: str, scored: Scored, modes: Mapping[str, Scores]) -> Series:
    """What could be stripped at each loss, and what the modes lose and strip."""
    lost = [_MOST_LOST * step / _STEPS for step in range(_STEPS + 1)]
    points = list(zip(lost, scored.stripped_at(lost), strict=True))
    marks = [Mark((s.lost, s.stripped), mode, mode[:1]) for mode, s in modes.items()]
    return Series(shortened(name), points, marks)


def _truth(name: str, scored: Scored) -> Series:
    """The share of article in each bin of scores."""
    bins = [found for found in scored.reliability().bins if found.tokens >= _FEW]
    marks = [Mark((found.score, found.article), f"{found.tokens} tokens") for found in bins]
    return Series(shortened(name), [mark.point for mark in marks], marks)


def _figure(drawn: str, caption: str) -> str:
    return f"<figure>{drawn}<figcaption>{escape(caption)}</figcaption></figure>"


def _confusion(mode: str, report: Report) -> Iterator[str]:
    """Labels downwards, what their stripped lines are taken for across."""
    if not report.confusion:
        return
    names = [name for name in CATEGORIES if any(name in row for row in report.confusion.values())]
    yield f"<h2>What stripped lines are taken for, {escape(mode)}</h2>"
    yield '<div class="scroll"><table class="names1">'
    yield f"<tr><th></th>{''.join(f'<th>{escape(name)}</th>' for name in names)}</tr>"
    for label in LABELS:
        row = report.confusion.get(label)
        if row:
            cells = "".join(_count(row.get(name, 0), name == label) for name in names)
            yield f"<tr><td>{escape(label)}</td>{cells}</tr>"
    yield "</table></div>"


def _count(count: int, is_right: bool) -> str:
    kind = "diagonal" if is_right else "off" if count else ""
    return f'<td class="{kind}">{count or ""}</td>'


def _cases(heading: str, cases: Sequence[Case]) -> Iterator[str]:
    if not cases:
        return
    yield f"<h2>{escape(heading)}</h2>"
    for case in cases:
        yield f"<details><summary>{escape(case_name(case))}</summary>"
        yield f"<pre>{escape(chr(10).join(case_lines(case)))}</pre></details>"
