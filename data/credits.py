"""Captions that a page's gold keeps, told by their credits: the label rules strip them.

What is left of a page in a corpus's gold often has captions in it, and as often has not: Dragnet's
says nothing of them at all. To learn from that, that "Photograph: Dara Finch / Agency" is article,
would be to unlearn the rules, so that such a line counts neither way.
"""

from __future__ import annotations

import re
from dataclasses import replace

from cleaner.dataset import LabelledDocument
from cleaner.document import ARTICLE

#: A caption is not longer than a few sentences.
_LONGEST = 300

_PICTURE = r"(?:photo(?:graph)?|image|picture|illustration|foto|bild|crédit|crédito|фото|fotó)s?"
_AGENCY = r"(?:AFP|AP|EPA|PA|dpa|DPA|Reuters|REUTERS|Getty Images|Shutterstock|Corbis|iStock)"
_CREDIT = re.compile(
    rf"""
      (?:^|[(\[.!?"”']\s*|\s[|–-]\s*)(?i:{_PICTURE})\s*(?i:credits?|courtesy(?:\sof)?)?\s*[:©]
    | (?i:{_PICTURE})\s+(?:by|courtesy\sof)\s+[A-Z][^.]*\W*$
    | \bCredit:\s*[A-Z]
    | (?:/\s?|\bAP\s|©\s?){_AGENCY}\b\W*$
    | \bAP\sPhoto\b | \b(?:via\s)?(?:Getty\sImages|Shutterstock)\W*$
    """,
    re.VERBOSE,
)


def is_credited(line: str) -> bool:
    """Whether the line is a picture's credit, or ends in one."""
    return len(line) <= _LONGEST and _CREDIT.search(line) is not None


def uncredited(document: LabelledDocument) -> LabelledDocument:
    """The document with those lines unclear that its gold keeps though they are credited."""
    spans = tuple(
        span._replace(label=None)
        if span.label == ARTICLE and is_credited(document.text[span.start : span.end])
        else span
        for span in document.spans
    )
    return document if spans == document.spans else replace(document, spans=spans)
