"""What stays of a page as Markdown: headings, lists, quotations and code keep their marks."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cleaner.html_blocks import Page
from cleaner.html_text import PageText
from cleaner.mending import Span

_HEADING = re.compile(r"h[1-6]")
_CODE = ("listing", "pre")

#: What would be read as markup: at the beginning of a line, there with a mark after, anywhere.
_MARKS = tuple("#>+*`~=-")
_NUMBER = re.compile(r"\d{1,9}(?=[.)](?:\s|$))")
_TAGS = re.compile(r"(?=<|&#?\w+;)")


#: How many blocks out from a line are looked at: a page may nest without end, and at each line
#: anew, so that all of them would take time without end.
_DEEPEST = 100


class _Setting(NamedTuple):
    """Where a line stands.

    kind: "p", "li", "pre" or a heading's tag; quotes: how many quotations it is in; depth: how
    many items; outermost: the list of the outermost of these.
    """

    kind: str
    quotes: int
    depth: int
    outermost: int


def markdown(text: PageText, pieces: Sequence[Span]) -> str:
    """The pieces that stay, in order, as Markdown; it ends in a line feed unless it is empty.

    pieces: fragments of the text. Emphasis and links are not kept; what a line's beginning, a tag
    or an entity would be taken for is escaped.
    """
    starts = list(itertools.accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    out: list[str] = []
    before: _Setting | None = None
    for piece in pieces:
        if not piece.keep:
            continue
        number = bisect.bisect_right(starts, piece.start) - 1
        begin, bullet = starts[number], text.bullets[number]
        setting = _setting(text.page, text.page.place[text.rows[number]])
        if setting.kind == "pre":
            # From the line's beginning, for its indent; a fragment begins at its first word.
            line = "    " + text[begin : piece.end]
        elif piece.start < begin + len(bullet):
            shown = _escaped(text[begin + len(bullet) : piece.end])
            line = bullet.replace("•", "-") + shown
        elif _HEADING.fullmatch(setting.kind):
            line = (
                "#" * int(setting.kind[1]) + " " + _TAGS.sub(r"\\", text[piece.start : piece.end])
            )
        else:
            line = "    " * bool(setting.depth) + _escaped(text[piece.start : piece.end])
        quote = "> " * setting.quotes
        if before is not None and not _is_tight(before, setting):
            out.append(("> " * min(before.quotes, setting.quotes)).rstrip())
        out.append(quote + "    " * max(0, setting.depth - 1) + line)
        before = setting
    return "\n".join(out) + "\n" if out else ""


def _is_tight(before: _Setting, after: _Setting) -> bool:
    """Whether no blank line goes between: items of one list, lines of code."""
    if before.kind == "pre":
        return before == after
    same = before.quotes == after.quotes and before.outermost == after.outermost
    return before.kind == after.kind == "li" and same


def _escaped(shown: str) -> str:
    shown = _TAGS.sub(r"\\", shown)
    number = _NUMBER.match(shown)
    if number:
        return f"{number[0]}\\{shown[number.end() :]}"
    return "\\" + shown if shown[:1] in _MARKS else shown


def _setting(page: Page, block: int) -> _Setting:
    kind = "p"
    quotes = depth = outermost = 0
    for place in _chain(page, block):
        tag = page.tag[place]
        if tag in _CODE:
            kind = "pre"
        elif kind == "p" and (tag == "li" or _HEADING.fullmatch(tag)):
            kind = tag
        quotes += tag == "blockquote"
        if tag == "li":
            depth, outermost = depth + 1, page.parent[place]
    return _Setting(kind, quotes, depth, outermost)


def _chain(page: Page, block: int) -> Iterator[int]:
    """The block and those it is in, innermost first, without the root and what is far out."""
    for _ in range(_DEEPEST):
        if not block:
            return
        yield block
        block = page.parent[block]
