"""A page's markup to its visible lines, one block a line, and the elements they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cleaner.html_names import HIDDEN, marks
from cleaner.html_parsing import FORMATTING

#: A tag, and the text up to the next one. The parser has escaped every other "<" and ">".
_TOKEN = re.compile(r"<(?:(/?)([a-zA-Z][^\s>]*)([^>]*)>)?([^<]*)")

#: Comments, and elements whose content the parser takes for text. It has closed them all, and
#: written their names in lower case.
_RAW = re.compile(
    r"<!--.*?-->|<!DOCTYPE[^>]*>"
    r"|<(script|style|iframe|noembed|noframes|plaintext|xmp)\b[^>]*>(.*?)</\1>",
    re.S,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VOID = _words(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source "
    "track wbr"
)

#: Not shown, or no text of the page: controls, what stands in for scripts, pictures and films.
#: A form itself is none of them: many old pages are one form as a whole.
_SKIPPED = _words(
    "audio button canvas datalist head map meter object progress rp select svg "
    "template textarea title video"
)

#: These and nothing else end a line, but for line breaks and rules.
_BLOCKS = _words(
    "address article aside blockquote body caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup html "
    "legend li listing main menu nav ol p pre search section summary table tbody td "
    "tfoot th thead tr ul"
)

#: Blocks that stand apart from what is before and after them, with blank lines between.
_APART = _words("blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul")

#: The cells of a row make one line if none is longer and none holds more than one line.
_CELL, _BETWEEN_CELLS = 80, " | "
#: A row of more is looked at no closer: tables within tables would take time without end.
_MOST_CELLS = 50


@dataclass(slots=True)
class Page:
    """The lines of a page, and the elements they stand in.

    lines: without outer whitespace, but for the indents of preformatted text. Of each line,
    `place`: the innermost block; `link`: how many characters are links; `mark`: what the names of
    its inline elements say; `apart`: whether a blank line goes before it. Of each block in
    document order, `tag`: its name; `parent`: which block it is in (the root, 0, is its own);
    `first`, `last`: the lines it holds; `own`, `all`: what its names say, and those of all the
    blocks it is in besides (see `html_names.marks`).
    """

    lines: list[str] = field(default_factory=list)
    place: list[int] = field(default_factory=list)
    link: list[int] = field(default_factory=list)
    mark: list[int] = field(default_factory=list)
    apart: list[bool] = field(default_factory=list)
    tag: list[str] = field(default_factory=lambda: [""])
    parent: list[int] = field(default_factory=lambda: [0])
    first: list[int] = field(default_factory=lambda: [0])
    last: list[int] = field(default_factory=lambda: [0])
    own: list[int] = field(default_factory=lambda: [0])
    all: list[int] = field(default_factory=lambda: [0])

    def open(self, name: str, within: int, said: int) -> int:
        """A new block of that name within another, and what its names say; its number."""
        self.tag.append(name)
        self.parent.append(within)
        self.first.append(len(self.lines))
        self.last.append(0)
        self.own.append(said)
        self.all.append(self.all[within] | said)
        return len(self.tag) - 1

    def close(self, block: int) -> None:
        """The block holds no more lines."""
        self.last[block] = len(self.lines)
        if self.tag[block] == "tr":
            self._join_cells(block)

    def _join_cells(self, row: int) -> None:
        begin = self.first[row]
        if not 2 <= len(self.lines) - begin <= _MOST_CELLS:
            return
        cells, places = self.lines[begin:], self.place[begin:]
        if len(set(places)) < len(places):
            return
        if any(len(cell) > _CELL for cell in cells) or any(self.parent[at] != row for at in places):
            return
        mark = 0
        for said in self.mark[begin:]:
            mark |= said
        self.lines[begin:] = [_BETWEEN_CELLS.join(cells)]
        self.place[begin:] = [row]
        self.link[begin:] = [sum(self.link[begin:])]
        self.mark[begin:] = [mark]
        del self.apart[begin + 1 :]
        self.last[row] = end = len(self.lines)
        for block in range(row + 1, len(self.tag)):  # what the row holds, opened since
            self.first[block] = min(self.first[block], end)
            self.last[block] = min(self.last[block], end)


class _Line:
    """The line that is being read: its pieces, and what is known of it."""

    __slots__ = ("apart", "link", "mark", "page", "pieces", "pre")

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pieces: list[str] = []
        self.link = self.mark = self.pre = 0
        self.apart = False

    def end(self, place: int) -> None:
        """Hand the line on to the page if it shows anything; preformatted text may be several."""
        text = "".join(self.pieces)
        self.pieces.clear()
        page = self.page
        for piece in _BREAK.split(text) if self.pre else (text,):
            if "&" in piece:
                piece = _unescaped(piece)
            shown = piece.rstrip() if self.pre else " ".join(piece.split())
            if shown:
                page.lines.append(shown)
                page.place.append(place)
                page.link.append(min(self.link, len(shown)))
                page.mark.append(self.mark)
                page.apart.append(self.apart)
                self.apart = False
            elif self.pre:
                self.apart = bool(page.lines)
        self.link = self.mark = 0


_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def blocks(markup: str) -> Page:
    """The page of a serialisation (see `html_parsing`); its time is linear in the length.

    Left out: what is not shown (by its element, `hidden` or its own style), scripts, controls.
    """
    page = Page()
    line = _Line(page)
    pieces = line.pieces
    stack = [0]
    skip = 0  # how many elements of its name deep in something that is left out
    skipped = ""
    in_link = False
    for close, name, attributes, text in _TOKEN.findall(_RAW.sub(_unraw, markup)):
        if skip:
            if name == skipped:
                skip += -1 if close else 1
            if skip:
                continue
        elif name in _BLOCKS:
            if pieces:
                line.end(stack[-1])
            if name in _APART:
                line.apart = True
            if not close:
                said = marks(name, attributes)
                if said & HIDDEN:
                    skip, skipped = 1, name
                    continue
                stack.append(page.open(name, stack[-1], said))
                line.pre += name in _PREFORMATTED
            elif len(stack) > 1:
                page.close(stack.pop())
                line.pre -= name in _PREFORMATTED
        elif name == "a":
            in_link = not close
        elif name in _SKIPPED:
            if not close:
                skip, skipped = 1, name
                continue
        elif name in _VOID:
            if name == "br" and line.pre:
                pieces.append("\n")
            elif name in ("br", "hr"):
                line.end(stack[-1])
        elif not name:
            pieces.append("<")
        elif attributes and not close:
            said = marks(name, attributes)
            if said & HIDDEN and name != FORMATTING:
                skip, skipped = 1, name
                continue
            line.mark |= said
        if text and (pieces or not text.isspace()):
            pieces.append(text)
            if in_link:
                line.link += len(text)
    line.end(stack[-1])
    for block in reversed(stack):
        page.close(block)
    return page


_PREFORMATTED = ("listing", "pre")


def _unescaped(text: str) -> str:
    """The text with the entities that a serialiser writes undone."""
    text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&quot;", '"').replace("&amp;", "&")


def _unraw(match: re.Match[str]) -> str:
    """Content that is text as markup that shows it; what has no text of the page goes.

    What a page with frames says to those who see none is markup: its tags go.
    """
    name, content = match.groups()
    if name == "noframes":
        return f"<p>{_ANY_TAG.sub(' ', content)}</p>"
    if name in ("plaintext", "xmp"):
        return "<pre>" + content.replace("&", "&amp;").replace("<", "&lt;") + "</pre>"
    return ""


_ANY_TAG = re.compile(r"<[^<>]*>?")
