"""Titles of other pages: a grammar of many kinds of headline, in the casing of careless sites."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .fillers import expand, grammar
from .looks import capitals, cut, lose_apostrophes, lose_points, sentence_case, squeeze, title_case

WORDS_RE = re.compile(r"[^\W_]+")
# At least so many characters of a title are left where it is cut; 25 in other languages.
SHORT = {"ja": 8, "zh": 8, "ko": 14}
NO_CASE = ("ar", "ja", "zh", "hi", "bn", "th", "ko", "he", "fa")


@dataclass(frozen=True, slots=True)
class Style:
    """How one site writes its titles."""

    casing: str = "kept"
    apostrophes: bool = True
    points: bool = True
    tail: str = ""
    front: bool = False
    truncated: float = 0.0
    final: str = ""


def style(rng: random.Random, language: str) -> Style:
    """Draw a style; what is usual in the language is usual here."""
    casings = {
        "en": (
            ("kept", 7),
            ("title", 8),
            ("small", 4),
            ("sentence", 4),
            ("lower", 1),
            ("caps", 1),
            ("slug", 1),
        ),
        "id": (("kept", 4), ("title", 6), ("small", 2), ("sentence", 2), ("lower", 1), ("caps", 1)),
        "tr": (("kept", 5), ("title", 5), ("sentence", 4), ("caps", 1)),
        "vi": (("kept", 8), ("title", 4), ("sentence", 3), ("caps", 1)),
    }.get(language, (("kept", 9), ("title", 2), ("sentence", 4), ("lower", 1), ("caps", 1)))
    casing = rng.choices([c for c, _ in casings], [w for _, w in casings])[0]
    careless = rng.random() < 0.35
    tail = ""
    if rng.random() < 0.14:
        mark = rng.choice((" | ", " - ", " – ", " — ", " :: ", " » ", " · ", " on ", " // ", " / "))
        tail = (" | " if mark == " on " and language != "en" else mark) + site(rng, language)
    return Style(
        casing="kept" if language in NO_CASE else casing,
        apostrophes=not careless or rng.random() < 0.2,
        points=not careless or rng.random() < 0.4,
        tail=tail,
        front=rng.random() < 0.15,
        truncated=rng.choice((0.0, 0.0, 0.0, 0.0, 0.05, 0.4, 0.9)) if rng.random() < 0.5 else 0.0,
        final=rng.choice((".", "!", " »", "…", " →")) if rng.random() < 0.04 else "",
    )


def site(rng: random.Random, language: str) -> str:
    """The name of a site."""
    return expand(rng, language, "site")


def kinds(rng: random.Random, language: str) -> tuple[str, ...]:
    """The few kinds of title that one list draws from; none of them named means all."""
    sections = sorted(s for s in grammar(language).sections if s.startswith("t_"))
    if rng.random() < 0.45 or not sections:
        return ()
    return tuple(rng.sample(sections, min(len(sections), rng.choice((1, 1, 2, 2, 3, 4)))))


def title(
    rng: random.Random,
    language: str = "en",
    look: Style | None = None,
    among: Sequence[str] = (),
    topic: Sequence[str] = (),
) -> str:
    """One title of another page."""
    look = look or style(rng, language)
    section = rng.choice(among) if among else "title"
    if topic and rng.random() < 0.6:
        section = "image_title"
    text = squeeze(expand(rng, language, section, topic))
    if not look.apostrophes:
        text = lose_apostrophes(text)
    if not look.points:
        text = lose_points(text) or text
    text = _cased(text, look.casing, language)
    if look.casing == "slug":
        return "-".join(WORDS_RE.findall(text.lower()))
    if look.tail:
        text = f"{look.tail[3:]}{look.tail[:3]}{text}" if _fronted(look) else text + look.tail
    if rng.random() < look.truncated:
        text = cut(rng, text, SHORT.get(language, 25))
    return squeeze(text + look.final)


def _fronted(look: Style) -> bool:
    return look.front and look.tail[2] == " " and look.tail[0] == " "


def _mostly_capital(text: str) -> bool:
    words = [word for word in text.split() if word[0].isalpha()]
    return sum(word[0].isupper() for word in words) * 2 >= len(words)


def _cased(text: str, casing: str, language: str) -> str:
    if casing == "kept" and language == "en" and _mostly_capital(text):
        casing = "title"
    if casing == "title":
        return title_case(text)
    if casing == "small":
        return title_case(text, small=True)
    if casing == "sentence":
        return sentence_case(text)
    if casing == "lower":
        return text.lower()
    if casing == "caps":
        return text.replace("i", "İ").upper() if language == "tr" else capitals(text)
    return text
