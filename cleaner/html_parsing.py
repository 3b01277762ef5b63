"""HTML in any encoding to one well-formed serialisation of its tree, by resiliparse."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from cleaner.errors import InputError
from cleaner.extras import needs

if TYPE_CHECKING:
    from resiliparse.parse.html import HTMLTree


def _beginning(names: str) -> re.Pattern[str]:
    """The beginning of a tag of one of the elements; what is before the name is a group.

    Letters of both cases spelled out: so it runs at twice the speed of `re.IGNORECASE`.
    """
    spelled = ["".join(f"[{letter}{letter.upper()}]" for letter in name) for name in names.split()]
    first = "".join(sorted({name[0] for name in names.split()}))
    return re.compile(rf"(</?(?=[{first}{first.upper()}]))(?:{'|'.join(spelled)})(?=[\s/>])")


#: Elements that a parser opens again in every block until they are closed: with many of them
#: open, a page of 30 KB becomes a tree of gigabytes. They say nothing of blocks, so all of them
#: are made elements of our own. No scan beyond the name: linear on any input.
_FORMATTING = _beginning("b big code em font i nobr s small strike strong tt u")

#: What they become; a parser opens no element again that it does not know.
FORMATTING = "x-f"

#: Read as markup, a block left open in one would take the rest of the page with it. Made an
#: element whose content is text, as it is for all who run scripts.
_NO_SCRIPT = _beginning("noscript")

#: In XHTML these may close themselves; an HTML parser takes all that follows for their content.
_SELF_CLOSED = re.compile(r"<(iframe|noscript|script|style|textarea|title)((?:\s[^<>]*)?)/>", re.I)

#: Marks of wide encodings, the longer first: one begins with another.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
#: Without a mark, wide markup is known by where its first bytes of zero stand.
_WIDE_LOOKED_AT = 1 << 10
_FEWEST_ZEROS = 0.05
_XHTML = ("<?xml", "xhtml1", "xhtml11", "xhtml+rdfa")
_PROLOGUE = 512


def serialised(html: str | bytes, encoding: str | None = None) -> str:
    """The page's tree as markup, well-formed but for elements of formatting, which stay open.

    `parsed` tells of arguments and errors.
    """
    document = parsed(html, encoding, _NO_SCRIPT).document
    markup = "" if document is None else document.html
    # Most tags of formatting have no attributes, and these say nothing.
    return markup.replace(f"<{FORMATTING}>", "").replace(f"</{FORMATTING}>", "")


def main_content(html: str | bytes, encoding: str | None = None) -> str:
    """What resiliparse takes for the main content, as well-formed markup; see `parsed`.

    Reader comments and texts of pictures are left out. Its line feeds are line breaks.
    """
    tree = parsed(html, encoding)
    from resiliparse.extract.html2text import extract_plain_text

    found = extract_plain_text(
        tree,
        preserve_formatting="minimal_html",
        main_content=True,
        alt_texts=False,
        comments=False,
    )
    return found.replace("\n", "<br>")


def parsed(
    html: str | bytes, encoding: str | None = None, raw: re.Pattern[str] | None = None
) -> HTMLTree:
    """The tree of a page, or of what is left of one: any text is HTML.

    html: markup, or bytes of it; encoding: that of bytes, see `decoded`; raw: beginnings of tags
    whose elements' content is to be taken for text. Raises `MissingError` if
    resiliparse is not installed, and `InputError` for bytes not in the encoding named.
    """
    with needs("resiliparse", extra="html"):
        from resiliparse.parse.html import HTMLTree
    if isinstance(html, bytes):
        html = decoded(html, encoding)
    # Lone surrogates have no bytes to hand to the parser.
    text = html.encode("utf-8", "replace").decode("utf-8")
    start = text[:_PROLOGUE].lower()
    if any(sign in start for sign in _XHTML):
        text = _SELF_CLOSED.sub(r"<\1\2></\1>", text)
    if raw is not None and raw.search(text):
        text = raw.sub(r"\1noembed", text)
    return HTMLTree.parse(_FORMATTING.sub(rf"\1{FORMATTING}", text))


def decoded(html: bytes, encoding: str | None = None, *, told: str | None = None) -> str:
    """The text of a page's bytes; what is wrong in them is replaced.

    encoding: its name; by default what `encoding_of` finds, to which `told` goes. Raises
    `InputError` if there is no encoding of that name.
    """
    encoding = encoding or encoding_of(html, told)
    try:
        return html.decode(encoding, "replace").removeprefix("\ufeff")
    except LookupError:
        raise InputError(f"HTML: no text encoding {encoding!r}; try utf-8 or cp1252") from None


def encoding_of(html: bytes, told: str | None = None) -> str:
    """UTF-8 wherever the bytes are valid UTF-8, whatever they declare; a wide one by its zeros.

    Else, if browsers know it, the one that came `told` with the page, as by HTTP; else what
    resiliparse makes of declaration and bytes. Raises `MissingError` if that is not installed.
    """
    has_zeros = b"\x00" in html
    # Text of another encoding is next to never valid UTF-8; zero bytes are those of wide ones.
    if not has_zeros and _is_utf_8(html):
        return "utf-8"
    wide = _wide(html)
    if wide:
        return wide
    with needs("resiliparse", extra="html"):
        from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5
    known = None
    if told:
        known = map_encoding_to_html5(told.strip(" \"'"), fallback_utf8=False)
    if known and (has_zeros or not known.startswith("utf-16")):
        return str(known)
    return detect_encoding(html, from_html_meta=True) or "utf-8"


def _is_utf_8(html: bytes) -> bool:
    try:
        html.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _wide(html: bytes) -> str | None:
    """The wide encoding that the bytes are in by mark or, as all markup is ASCII, by zeros."""
    for mark, name in _MARKS.items():
        if html.startswith(mark):
            return name
    head = html[:_WIDE_LOOKED_AT]
    if head.count(0) <= len(head) * _FEWEST_ZEROS:
        return None
    first, second, third, fourth = (head[at::4].count(0) for at in range(4))
    even, odd, nearly_all = first + third, second + fourth, len(head) // 4 * 0.9
    if min(third, fourth) > nearly_all > first:
        return "utf-32-le"
    if min(first, second) > nearly_all > fourth:
        return "utf-32-be"
    # Characters beyond ASCII may have a zero in the other place, but few do.
    if odd > 2 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 2 * odd else None
