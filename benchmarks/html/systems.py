"""What is compared: each is a name and a function from a page to its article's text."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from cleaner import Cleaner
from cleaner.decisions import MODES
from cleaner.html import WAYS, HtmlCleaner
from cleaner.html_blocks import blocks
from cleaner.html_parsing import serialised
from cleaner.html_text import page_text


class System(NamedTuple):
    """An extractor. extract: from pages, in order, to their texts."""

    name: str
    extract: Callable[[Iterable[str]], Iterator[str]]


def ours() -> Iterator[System]:
    """Each way and mode; the blocks judged by their text alone; and the first steps alone."""
    for way in WAYS:
        for mode in MODES:
            yield System(f"cleaner, {way}, {mode}", HtmlCleaner(mode=mode, way=way).clean_batch)
    for mode in MODES:
        yield System(f"cleaner, blocks by text alone, {mode}", _by_text_alone(mode))
    yield System("parsing alone", lambda pages: map(serialised, pages))
    yield System("parsing and blocks alone", lambda pages: map(_block_text, pages))


def _block_text(html: str) -> str:
    return page_text(blocks(serialised(html)))


def _by_text_alone(mode: str) -> Callable[[Iterable[str]], Iterator[str]]:
    cleaner = Cleaner(mode=mode)
    return lambda pages: cleaner.clean_batch(map(_block_text, pages))


def resiliparse() -> System:
    """Its main content (Bevendorff et al. 2018, ECIR), without comments and texts of pictures.

    https://github.com/chatnoir-eu/chatnoir-resiliparse
    """
    from resiliparse.extract.html2text import extract_plain_text

    extract = functools.partial(
        extract_plain_text, main_content=True, alt_texts=False, comments=False
    )
    return System("resiliparse, main content", lambda pages: map(extract, pages))


def trafilatura() -> System:
    """As it comes, without reader comments (Barbaresi 2021, ACL).

    https://github.com/adbar/trafilatura
    """
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return System(
        "trafilatura",
        lambda pages: (extract(page, include_comments=False) or "" for page in pages),
    )


def justext() -> System:
    """With English stop words (Pomikálek 2011). https://github.com/miso-belica/jusText"""
    import justext as library

    words = library.get_stoplist("English")

    def extract(page: str) -> str:
        if not page.strip():
            return ""
        # As bytes: lxml refuses text that declares an encoding.
        found = library.justext(page.encode("utf-8", "replace"), words, encoding="utf-8")
        return "\n".join(each.text for each in found if not each.is_boilerplate)

    return System("jusText", lambda pages: map(extract, pages))


#: The other extractors, by the name of their package.
PEERS = {"resiliparse": resiliparse, "trafilatura": trafilatura, "jusText": justext}
