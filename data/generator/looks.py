"""How a list is dressed: bullets, casing, lost apostrophes, blank lines."""

import random
import re
from collections.abc import Iterable, Sequence

Block = list[tuple[str, str]]

BLANK = ("", "")
BULLETS = (
    "- ", "- ", "- ", "* ", "* ", "• ", "• ", "· ", "» ", "► ", "→ ", "– ", "— ", "+ ", "▪ ", "▸ ",
    "> ", "›  ", "○ ", "● ", "✓ ", "✔ ", "➤ ", "‣ ", "◦ ", "-", "•", "•\t", "👉 ", "🔥 ", "□ ",
    "⇒ ", "★ ", "# ", "-> ", "=> ", "| ", "~ ", "*", "¤ ", "⭐ ", "📌 ",
)  # fmt: skip
NUMBERS = ("{}. ", "{}) ", "{} ", "({}) ", "{}: ", "#{} ", "0{}. ", "0{} ", "[{}] ", "{}.", "{} - ")
INDENTS = ("", "", "", "", "", "  ", "    ", "\t", " ", "   ")
SMALL = frozenset((
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "and", "or", "but", "by",
    "with", "from", "as", "is", "vs", "de", "la", "le", "les", "des", "du", "et", "en",
    "y", "el", "los", "del", "e", "o", "da", "do", "dos", "und", "der", "die", "das",
    "von", "im", "i", "na", "w", "z", "di", "il",
))  # fmt: skip
WORD_RE = re.compile(r"[^\W\d_][^\s]*")
POINTS_RE = re.compile(r"[:;,!?.।\"“”()|–—]+(?=\s|$)")
GREEK = str.maketrans("ΆΈΉΊΌΎΏ", "ΑΕΗΙΟΥΩ")
SPACES_RE = re.compile(r"\s+")


def squeeze(text: str) -> str:
    """One line, without white space at its ends."""
    return SPACES_RE.sub(" ", text).strip()


def title_case(text: str, small: bool = False) -> str:
    """Every word with a capital; with `small` the little words stay as they are."""

    def up(match: re.Match[str]) -> str:
        word = match[0]
        if small and match.start() and word.lower() in SMALL:
            return word.lower()
        return word[0].upper() + word[1:]

    return WORD_RE.sub(up, text)


def capitals(text: str) -> str:
    """All letters capital; Greek ones lose their accents, as Greeks write them."""
    return text.upper().translate(GREEK)


def sentence_case(text: str) -> str:
    """The first letter a capital, the rest as it came."""
    return text[:1].upper() + text[1:]


def lose_apostrophes(text: str) -> str:
    """The marks that careless titles lose."""
    return text.replace("'", "").replace("’", "")


def lose_points(text: str) -> str:
    """The punctuation that titles made from addresses lose."""
    return squeeze(POINTS_RE.sub(" ", text).replace("-", " "))


def dress(rng: random.Random, items: Sequence[str]) -> list[str]:
    """The items of one list with a bullet, a number or nothing before them."""
    indent = rng.choice(INDENTS)
    draw = rng.random()
    if draw < 0.4:
        return [indent + item if draw < 0.05 else item for item in items]
    if draw < 0.88:
        mark = rng.choice(BULLETS)
        return [indent + mark + item for item in items]
    form = rng.choice(NUMBERS)
    start = 1 if rng.random() < 0.9 else rng.randint(2, 12)
    return [indent + form.format(i) + item for i, item in enumerate(items, start)]


def spread(rng: random.Random, category: str, lines: Iterable[str], chance: float = 0.35) -> Block:
    """Lines of one category, with blank lines between all of them or none."""
    gaps = rng.choice((1, 1, 1, 2)) if rng.random() < chance else 0
    block: Block = []
    for line in lines:
        if block:
            block += [BLANK] * gaps
        block.append((category, line))
    return block


def cut(rng: random.Random, text: str, least: int = 20) -> str:
    """The text broken off, with or without the dots that say so."""
    if len(text) <= least + 4:
        return text
    short = text[: rng.randint(least, len(text) - 2)]
    if rng.random() < 0.7 and " " in short:
        short = short.rsplit(" ", 1)[0]
    return (short.rstrip() or text) + rng.choice(
        ("…", "...", " ...", " …", "", "", " [...]", "[…]")
    )
