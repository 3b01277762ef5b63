"""Reader comments: a header, names, dates, texts and the form below."""

import random

from .fillers import expand
from .looks import BLANK, Block

CATEGORY = "comments"


def comments(rng: random.Random, language: str = "en") -> Block:
    """A whole block of comments, or its header and form alone."""
    lines: list[str] = []
    gap = rng.random() < 0.3
    shape = rng.choice(("all", "all", "texts", "form", "empty"))
    if shape != "texts" or rng.random() < 0.5:
        lines.append(expand(rng, language, "comment_head"))
    if shape in ("all", "texts"):
        parts = rng.choice(("who text reply", "who when text", "who when text reply", "said text",
                            "number who text", "who text", "text who when", "said text reply",
                            "avatar who when text votes reply"))  # fmt: skip
        for _ in range(rng.choice((1, 2, 2, 3, 4, 6))):
            if gap and lines:
                lines.append("")
            lines += _comment(rng, language, parts)
    if shape != "texts" and rng.random() < 0.8:
        lines += _form(rng, language)
    return [(CATEGORY, line) if line else BLANK for line in lines]


def _comment(rng: random.Random, language: str, parts: str) -> list[str]:
    lines: list[str] = []
    for part in parts.split():
        if part == "number":
            lines.append(rng.choice(("#{}", "{}.", "{}", "({})")).format(rng.randint(1, 99)))
        elif part == "votes":
            lines.append(rng.choice(("{}", "+{}", "👍 {}", "▲ {} ▼")).format(rng.randint(0, 240)))
        else:
            lines.append(expand(rng, language, f"comment_{part}"))
    return lines


def _form(rng: random.Random, language: str) -> list[str]:
    lines = [expand(rng, language, "form_head")] if rng.random() < 0.8 else []
    wanted = rng.randint(1, 6)
    while len(lines) < wanted:
        line = expand(rng, language, "form_field")
        if line in lines:
            wanted -= 1
        else:
            lines.append(line)
    return lines
