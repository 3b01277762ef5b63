"""What the names, classes and ids of elements say of what stands in them, as bits."""

from __future__ import annotations

import functools
import re

#: What is looked for in each word of an element's class, id, itemprop and role, in lower case.
_PATTERNS = {
    "comment": r"comment|disqus|respon[ds]|repl(?:y|ies)|discuss|feedback|reaction|talkback|"
    r"guestbook|livefyre|intensedebate|haloscan|thread",
    "side": r"side-?bar|rail|widget|gadget|module|right-?col|left-?col|aside|secondary|"
    r"complementary|^(?:left|right)$",
    "navigation": r"nav|menu|crumb|pager|pagin|^tabs?|toolbar|^prev|^next|links$",
    "foot": r"foot|copyright|legal|disclaimer|contentinfo|bottom",
    "head": r"^head(?!l|i)|header|masthead|logo|brand|^top|banner",
    "share": r"shar(?:e|ing)|social|follow|bookmark|addthis|tweet|twitter|facebook|print|email|"
    r"tool",
    "related": r"relat|recommend|popular|trending|recent|latest|also|more|teaser|similar|most|"
    r"archive",
    "advertisement": r"^ads?$|^ads?[-_\d]|[-_]ads?$|advert|sponsor|promo|adsense|dfp",
    "metadata": r"meta|tag|byline|author|date|time|categor|posted|info|credit|source|rating",
    "caption": r"caption|figure|photo|image|img|gallery|video|media|picture",
    "form": r"log-?in|sign-?up|subscri|newsletter|register|search|cookie|consent|popup|modal|"
    r"overlay|form|poll|vote",
    "hidden": r"hidden|hide|invisible|sr-only|screen-?reader|skip|print-only|noscreen|alert",
    "article": r"article|story|post|entry|blog",
    "content": r"content|main|body|text|copy|detail|description|prose",
    "title": r"title|headline|heading|subject",
}

#: What the names of an element may speak of; the bit of each is its place.
NAMES = tuple(_PATTERNS)

#: Elements that say something themselves, in the bits that follow.
TAGS = ("h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "td", "blockquote", "pre", "dl")

#: The bit of an element that is not shown at all.
HIDDEN = 1 << len(NAMES) + len(TAGS)

_BITS = tuple((1 << bit, re.compile(each)) for bit, each in enumerate(_PATTERNS.values()))
_TAG_BITS = {tag: 1 << len(NAMES) + number for number, tag in enumerate(TAGS)} | {
    tag: 1 << NAMES.index(name)
    for tag, name in {
        "article": "article",
        "aside": "side",
        "caption": "caption",
        "figcaption": "caption",
        "figure": "caption",
        "footer": "foot",
        "form": "form",
        "header": "head",
        "main": "content",
        "menu": "navigation",
        "nav": "navigation",
    }.items()
}

_ATTRIBUTE = re.compile(r'\s(?:class|id|itemprop|role)="([^"]*)"')
_NOT_SHOWN = re.compile(
    r'\shidden="|\sstyle="[^"]*(?:display\s*:\s*none|visibility\s*:\s*hidden)', re.I
)

#: Longer words are data and no names; longer tags are looked at no further, as they are not kept.
_LONGEST_WORD, _LONGEST_TAG = 60, 2000


def marks(tag: str, attributes: str) -> int:
    """Which of `NAMES` and `TAGS` an element's start tag speaks of, one bit each, and `HIDDEN`.

    attributes: what follows the tag's name, as it is serialised.
    """
    return _marks(tag, attributes[:_LONGEST_TAG])


@functools.lru_cache(maxsize=1 << 14)
def _marks(tag: str, attributes: str) -> int:
    found = _TAG_BITS.get(tag, 0)
    if attributes:
        for value in _ATTRIBUTE.findall(attributes):
            for word in value.split():
                if len(word) <= _LONGEST_WORD:
                    found |= _word(word)
        if _NOT_SHOWN.search(attributes):
            found |= HIDDEN
    return found


@functools.lru_cache(maxsize=1 << 14)
def _word(word: str) -> int:
    lower = word.lower()
    return sum(bit for bit, pattern in _BITS if pattern.search(lower))
