"""What a language changes where a pattern meets what fills it: articles, particles, figures."""

import random
import re

ENGLISH_ARTICLE_RE = re.compile(r"\b([Aa]) (?=[aeioAEIO][a-z])")
HUNGARIAN_ARTICLE_RE = re.compile(r"\b([Aa]) (?=[AÁEÉIÍOÓÖŐUÚÜŰaáeéiíoóöőuúüű]\w)")
# Korean particles take their form from the sound before them; patterns name both forms.
PARTICLE_RE = re.compile(
    r"([가-힣])([\"'”’」』》)]?)(은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로)"
)
LATIN_RE = re.compile(r"[A-Za-z]")
PERSIAN_FIGURES = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def seamed(rng: random.Random, language: str, text: str) -> str:
    """The filled pattern as it is written in the language."""
    if language == "en":
        return ENGLISH_ARTICLE_RE.sub(r"\1n ", text)
    if language == "hu":
        return HUNGARIAN_ARTICLE_RE.sub(r"\1z ", text)
    if language == "ko":
        return PARTICLE_RE.sub(_particle, text)
    if language == "fa" and rng.random() < 0.6:
        # Not in addresses, file names and models.
        words = text.split(" ")
        return " ".join(w if LATIN_RE.search(w) else w.translate(PERSIAN_FIGURES) for w in words)
    return text


def _particle(match: re.Match[str]) -> str:
    """The particle's form after the syllable: with a final consonant, or without."""
    final = (ord(match[1]) - 0xAC00) % 28
    closed, open_ = ("으로", "로") if match[3] == "(으)로" else (match[3][0], match[3][2])
    if match[3] == "(으)로" and final == 8:  # ㄹ counts as a vowel here
        final = 0
    return match[1] + match[2] + (closed if final else open_)
