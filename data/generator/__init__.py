"""A seeded generator of machine-made spam: the blocks that scrapers leave in articles."""

import random
from collections.abc import Callable, Sequence

from .captions import captions
from .chrome import (
    advertisement,
    breadcrumb,
    call_to_action,
    comments,
    footer,
    menu,
    metadata,
    notice,
    pagination,
    share,
)
from .fillers import LANGUAGES, LOCALES
from .links import link_list
from .looks import Block
from .lorem import paragraph, sentence
from .profiles import author_bio, card
from .titles import title

__all__ = [
    "CATEGORIES",
    "LANGUAGES",
    "Block",
    "advertisement",
    "any_block",
    "author_bio",
    "breadcrumb",
    "call_to_action",
    "captions",
    "card",
    "comments",
    "footer",
    "link_list",
    "menu",
    "metadata",
    "notice",
    "pagination",
    "paragraph",
    "sentence",
    "share",
    "title",
]

CATEGORIES = ("link_list", "toc", "author_profile", "lorem", "caption", "navigation", "share",
              "call_to_action", "comments", "notice", "advertisement", "metadata")  # fmt: skip


def _card(rng: random.Random, language: str) -> Block:
    """A card in the language, or one of the English-labelled or foreign ones farms use anyway."""
    draw = rng.random()
    if draw < 0.5:
        return card(rng, rng.choice(LOCALES.get(language, LOCALES["en"])))
    return card(rng, "en_US") if draw < 0.75 else card(rng)


def _lorem(rng: random.Random, language: str) -> Block:
    count = rng.choice((1, 1, 1, 2, 3))
    return [
        (
            "lorem",
            paragraph(rng, language) if rng.random() < 0.6 else sentence(rng, language=language),
        )
        for _ in range(count)
    ]


PLAIN: tuple[tuple[Callable[[random.Random, str], Block], int], ...] = (
    (_card, 14), (author_bio, 5), (_lorem, 3), (menu, 6), (breadcrumb, 3), (pagination, 3),
    (share, 6), (call_to_action, 8), (comments, 5), (notice, 7), (advertisement, 4),
    (metadata, 5), (footer, 3),
)  # fmt: skip
LINKS_WEIGHT, CAPTIONS_WEIGHT = 26, 14


def any_block(rng: random.Random, language: str = "en", topic: Sequence[str] = ()) -> Block:
    """A block of any kind, weighted as on content farms."""
    weights = [LINKS_WEIGHT, CAPTIONS_WEIGHT, *(weight for _, weight in PLAIN)]
    index = rng.choices(range(len(weights)), weights)[0]
    if index == 0:
        return link_list(rng, language, topic)
    if index == 1:
        return captions(rng, language, topic)
    return PLAIN[index - 2][0](rng, language)
