"""Filler text: pseudo-Latin, word salads of many locales, and the jokes that replace them."""

import random

from faker import Faker

from .fillers import LOCALES, expand, grammar, seeded

FLAVOURS = ("php", "php", "php", "php", "classic", "classic", "cicero", "salad", "salad", "salad",
            "salad", "caps", "bare", "hipster", "bacon", "office", "bits")  # fmt: skip
SALADS = ("ru_RU", "ja_JP", "el_GR", "ar_AA", "de_DE", "pl_PL", "fr_FR", "cs_CZ", "he_IL", "hy_AM",
          "zh_CN", "zh_TW", "ko_KR", "fa_IR", "en_US", "bn_BD", "nl_BE", "th_TH", "az_AZ",
          "uk_UA", "ka_GE", "it_IT", "tr_TR", "la")  # fmt: skip


def words(rng: random.Random, count: int, section: str = "latin") -> list[str]:
    """Words of one of our lists, neighbours different."""
    found: list[str] = []
    while len(found) < count:
        word = grammar("en").expand(rng, section)
        if not found or word != found[-1]:
            found.append(word)
    return found


def capital(text: str) -> str:
    """The text with its first letter a capital."""
    return text[:1].upper() + text[1:]


def _salad(rng: random.Random, language: str) -> Faker:
    """What makes word salad: most often of English words, which is what Faker makes of its own
    accord, or of the page's language.
    """
    draw = rng.random()
    if draw < 0.4:
        return seeded(rng, "en_US")
    if draw < 0.6 and language in LOCALES:
        return seeded(rng, LOCALES[language][0])
    return seeded(rng, rng.choice(SALADS))


def sentence(rng: random.Random, flavour: str | None = None, language: str = "en") -> str:
    """One sentence of filler on a page in the language; the flavours are in `FLAVOURS`."""
    flavour = flavour or rng.choice(FLAVOURS)
    if flavour == "classic":
        return expand(rng, "en", "classic")
    if flavour == "cicero":
        return _long(rng)
    if flavour == "salad":
        fake = _salad(rng, language)
        return " ".join(str(fake.sentence(nb_words=rng.randint(4, 14))).split())
    if flavour == "caps":
        return sentence(rng, rng.choice(("php", "classic"))).upper()
    if flavour == "bare":
        return " ".join(words(rng, rng.randint(2, 14)))
    if flavour == "bits":
        return capital(" ".join(words(rng, rng.randint(1, 4))))
    section = {"hipster": "hipster", "bacon": "bacon", "office": "office"}.get(flavour, "latin")
    mark = "." if rng.random() < 0.94 else rng.choice("?!")
    return capital(" ".join(words(rng, rng.randint(3, 11), section))) + mark


def _long(rng: random.Random) -> str:
    clauses = [" ".join(words(rng, rng.randint(3, 9))) for _ in range(rng.randint(2, 5))]
    joints = (", ", ", ", ", ", "; ", ", quod ", ", ut ", ", sed ", " et ", ": ", ", nec ")
    text = clauses[0]
    for clause in clauses[1:]:
        text += rng.choice(joints) + clause
    return capital(text) + rng.choice("......?")


def paragraph(rng: random.Random, language: str = "en") -> str:
    """Several sentences of one flavour on one line."""
    flavour = rng.choice(FLAVOURS[:-1])
    if flavour == "salad":
        fake = _salad(rng, language)
        return " ".join(str(fake.text(max_nb_chars=rng.randint(60, 600))).split())
    count = rng.choice((1, 2, 3, 3, 4, 5, 7))
    text = " ".join(sentence(rng, flavour, language) for _ in range(count))
    if flavour in ("php", "classic") and rng.random() < 0.06:
        text = "Lorem ipsum dolor sit amet, " + text[:1].lower() + text[1:]
    return text
