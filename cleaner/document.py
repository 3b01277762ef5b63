"""The nouns: categories of fragments, and a fragment with its verdict."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

ARTICLE = "article"

#: What is stripped, in the order of the label rules and of a model's category scores.
STRIPPED_CATEGORIES = (
    "link_list",
    "toc",
    "author_profile",
    "lorem",
    "caption",
    "navigation",
    "share",
    "call_to_action",
    "comments",
    "notice",
    "advertisement",
    "metadata",
)

CATEGORIES = (ARTICLE, *STRIPPED_CATEGORIES)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A line of a document, or a piece of one, with the verdict on it.

    text: without outer whitespace; start, end: its span in the document, in characters (of the
    `str`); category: the likeliest, `"article"` where it is kept as such; score: probability that
    it is article, 0..1; keep: whether it stays; reason: why, in a few words.
    """

    text: str
    start: int
    end: int
    category: str
    score: float
    keep: bool
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, ready for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def moved(fragments: Sequence[Fragment], by: int) -> list[Fragment]:
    """The fragments of a text that begins so many characters after the beginning of another."""
    return [replace(one, start=one.start + by, end=one.end + by) for one in fragments]


#: What sets each field of a fragment, frozen or not.
_SETTERS = tuple(getattr(Fragment, name).__set__ for name in Fragment.__slots__)


def fragments_of(*columns: Sequence[Any]) -> list[Fragment]:
    """Fragments by columns: all texts, all starts and so on, in the order of the fields.

    The same as `list(map(Fragment, *columns))` in a third of the time: made one by one, seven
    fields each, fragments would take longer than the verdicts on them.
    """
    out = list(map(object.__new__, repeat(Fragment, len(columns[0]))))
    for put, column in zip(_SETTERS, columns, strict=True):
        _run(map(put, out, column))
    return out


def _run(steps: Iterable[None]) -> None:
    deque(steps, maxlen=0)
