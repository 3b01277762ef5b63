"""Rows of cells as a table of plain text, names to the left and numbers to the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], width: int = 26, names: int = 1
) -> Iterator[str]:
    """The lines of the table; the first `names` columns are names, `width` is the first's least.

    >>> print(*table(("set", "docs"), [("towns", "12")], width=8), sep="\\n")
    set       docs
    towns       12
    """
    rows = [head, *rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    widths[0] = max(width, widths[0])
    for row in rows:
        cells = [
            cell.ljust(size) if place < names else cell.rjust(size)
            for place, (cell, size) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
