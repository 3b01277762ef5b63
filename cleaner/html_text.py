"""A page as the text that the model judges."""

from __future__ import annotations

from cleaner.html_blocks import Page


class PageText(str):
    """The text of a page: a block a line, blank lines around those that stand apart.

    page: where its lines stood. Of each line of the text, `rows`: which line of the page it is, -1
    for a blank one; `bullets`: what was put before it, "• " or "1. ", as the item's list asks.
    """

    page: Page
    rows: list[int]
    bullets: list[str]


def page_text(page: Page) -> PageText:
    """The page's lines as a text that remembers the page."""
    out: list[str] = []
    rows: list[int] = []
    bullets: list[str] = []
    count: dict[int, int] = {}
    tag, parent, first = page.tag, page.parent, page.first
    for row, (line, place) in enumerate(zip(page.lines, page.place, strict=True)):
        if page.apart[row] and out:
            out.append("")
            rows.append(-1)
            bullets.append("")
        bullet = ""
        # An item's first line, or that of a block which the item begins with.
        item = place if tag[place] == "li" else parent[place]
        if tag[item] == "li" and first[item] == row:
            within = parent[item]
            if tag[within] == "ol":
                count[within] = count.get(within, 0) + 1
                bullet = f"{count[within]}. "
            else:
                bullet = "• "
        out.append(bullet + line)
        rows.append(row)
        bullets.append(bullet)
    text = PageText("\n".join(out))
    text.page, text.rows, text.bullets = page, rows or [-1], bullets or [""]
    return text
