"""Image titles, alternative texts, credits and file names that stand between paragraphs."""

import random
from collections.abc import Sequence

from .fillers import expand
from .looks import BLANK, Block, cut, squeeze
from .titles import kinds, style, title

CATEGORY = "caption"


def captions(rng: random.Random, language: str = "en", topic: Sequence[str] = ()) -> Block:
    """A run of captions, each one to six times, about the topic when there is one."""
    repeats = rng.choice((1, 1, 1, 2, 2, 3, 4, 5, 6))
    gap = rng.choice((0, 1, 1, 2))
    most = rng.choice((6, 6, 8, 12))
    kind = rng.choice(("caption", "caption", "titles", "mixed", "mixed"))
    among = kinds(rng, language)
    lines: list[str] = []
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4, 5))):
        if kind == "titles" or (kind == "mixed" and rng.random() < 0.5):
            line = _titled(rng, language, topic, among)
        else:
            line = caption(rng, language, topic)
        lines += [line] * (repeats if rng.random() < 0.8 else 1)
    if len(lines) > 2 and rng.random() < 0.15:
        rng.shuffle(lines)
    block: Block = []
    for line in lines[:most]:
        if block:
            block += [BLANK] * gap
        block.append((CATEGORY, line))
    return block


def caption(rng: random.Random, language: str = "en", topic: Sequence[str] = ()) -> str:
    """One caption or credit."""
    line = squeeze(expand(rng, language, "caption", topic))
    return cut(rng, line, 20) if rng.random() < 0.1 else line


def _titled(rng: random.Random, language: str, topic: Sequence[str], among: Sequence[str]) -> str:
    if topic and rng.random() < 0.8:
        line = squeeze(expand(rng, language, "image_title", topic))
    else:
        line = title(rng, language, style(rng, language), among)
    draw = rng.random()
    if draw < 0.6:
        line = squeeze(line + expand(rng, language, "image_tail").replace("_", " "))
    return cut(rng, line, 20) if rng.random() < 0.25 else line
