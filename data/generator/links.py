"""Lists of links to other pages, in a run, inline or as teasers."""

import random
from collections.abc import Sequence

from .fillers import expand
from .looks import BLANK, Block, capitals, dress, sentence_case, spread, squeeze
from .titles import kinds, site, style, title

CATEGORY = "link_list"


def link_list(rng: random.Random, language: str = "en", topic: Sequence[str] = ()) -> Block:
    """Two to twelve titles of other pages, or one to three inline pointers at them."""
    draw = rng.random()
    if draw < 0.14:
        return inline(rng, language, topic)
    if draw < 0.27:
        return teasers(rng, language, topic)
    block: Block = []
    if rng.random() < 0.45:
        block.append((CATEGORY, header(rng, language)))
        if rng.random() < 0.35:
            block.append(BLANK)
    block += spread(rng, CATEGORY, dress(rng, _titles(rng, language, topic)), 0.25)
    if rng.random() < 0.06:
        block.append((CATEGORY, expand(rng, language, "more")))
    return block


def header(rng: random.Random, language: str) -> str:
    """What stands over such a list."""
    text = squeeze(expand(rng, language, "related_head"))
    draw = rng.random()
    if draw < 0.12:
        text = capitals(text)
    elif draw < 0.2:
        text = sentence_case(text.lower())
    marks = ("",) * 6 + (":", ":", ":", " :", "...", " ›", " »", "!", " ↓", " →")
    frames = ("{}",) * 14 + (
        "## {}",
        "### {}",
        "**{}**",
        "— {} —",
        "*** {} ***",
        "[{}]",
        "== {} ==",
    )
    return rng.choice(frames).format(text.rstrip(":") + rng.choice(marks))


def _near(rng: random.Random, topic: Sequence[str]) -> Sequence[str]:
    """The topic, for the minority of lists that keep to it."""
    return topic if topic and rng.random() < 0.25 else ()


def _titles(rng: random.Random, language: str, topic: Sequence[str]) -> list[str]:
    look, among = style(rng, language), kinds(rng, language)
    count = rng.choice((2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 8, 9, 10, 12))
    near = _near(rng, topic)
    titles = [title(rng, language, look, among, near) for _ in range(count)]
    if rng.random() < 0.05:
        titles.insert(rng.randrange(count), rng.choice(titles))
    return titles


def inline(rng: random.Random, language: str = "en", topic: Sequence[str] = ()) -> Block:
    """'Read also: TITLE' and its kin."""
    form, look = expand(rng, language, "also"), style(rng, language)
    count = rng.choice((1, 1, 1, 2, 2, 3))
    lines = [
        form.replace("TITLE", title(rng, language, look, (), _near(rng, topic)))
        for _ in range(count)
    ]
    return spread(rng, CATEGORY, lines)


def teasers(rng: random.Random, language: str = "en", topic: Sequence[str] = ()) -> Block:
    """Titles each with its site, its age or the first words of its text."""
    look, among, name = style(rng, language), kinds(rng, language), site(rng, language)
    parts = rng.choice(("site age", "age", "site", "meta", "by age", "excerpt", "excerpt more",
                        "more", "rubric", "meta excerpt", "views age"))  # fmt: skip
    before = rng.random() < 0.25
    block: Block = []
    if rng.random() < 0.4:
        block.append((CATEGORY, header(rng, language)))
    for _ in range(rng.randint(2, 6)):
        if block and rng.random() < 0.4:
            block.append(BLANK)
        lines = [title(rng, language, look, among, _near(rng, topic))]
        for part in parts.split():
            text = name if part == "site" else expand(rng, language, f"teaser_{part}")
            if part == "site" and rng.random() < 0.5:
                text = site(rng, language)
            lines.insert(0, text) if before and part != "excerpt" else lines.append(text)
        block += [(CATEGORY, line) for line in lines]
    return block
