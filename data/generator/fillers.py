"""Names, places, numbers and sites for the slots of a grammar, with Faker where it knows more."""

import random
from collections.abc import Sequence
from functools import cache

from faker import Faker

from .grammar import Filler, Grammar, sections_for

LOCALES: dict[str, tuple[str, ...]] = {
    "en": ("en_US",) * 9 + ("en_GB",) * 3 + ("en_IN", "en_CA", "en_AU", "en_IE", "en_PH", "en_NZ"),
    "de": ("de_DE", "de_DE", "de_AT", "de_CH"),
    "fr": ("fr_FR", "fr_FR", "fr_CA", "fr_CH", "fr_BE"),
    "es": ("es_ES", "es_MX", "es_AR", "es_CO", "es_CL"),
    "it": ("it_IT",),
    "pt": ("pt_BR", "pt_BR", "pt_PT"),
    "nl": ("nl_NL", "nl_NL", "nl_BE"),
    "pl": ("pl_PL",),
    "ru": ("ru_RU",),
    "tr": ("tr_TR",),
    "id": ("id_ID",),
    "ar": ("ar_SA", "ar_AE", "ar_PS"),
    "ja": ("ja_JP",),
    "zh": ("zh_CN", "zh_CN", "zh_TW"),
    "sv": ("sv_SE",),
    "da": ("da_DK",),
    "fi": ("fi_FI",),
    "cs": ("cs_CZ",),
    "uk": ("uk_UA",),
    "hu": ("hu_HU",),
    "ro": ("ro_RO",),
    "bg": ("bg_BG",),
    "hi": ("hi_IN",),
    "bn": ("bn_BD",),
    "vi": ("vi_VN",),
    "th": ("th_TH",),
    "ko": ("ko_KR",),
    "he": ("he_IL",),
    "fa": ("fa_IR",),
    "el": ("el_GR",),
}
LANGUAGES = tuple(LOCALES)
# People whom pages in Latin script write about, beside those of their own language.
ABROAD = ("en_US", "en_US", "en_GB", "en_IN", "es_MX", "it_IT", "fr_FR", "de_DE", "pt_BR", "tr_TR",
          "id_ID", "sv_SE", "pl_PL", "nl_NL", "hu_HU", "ro_RO", "fi_FI", "no_NO")  # fmt: skip
OWN_SCRIPT = ("ru", "ar", "ja", "zh", "uk", "bg", "hi", "bn", "th", "ko", "he", "fa", "el")
# Locales whose family names differ between women and men.
GENDERED = ("cs_CZ", "el_GR")
# Languages whose country code is another.
TLDS = {"sv": "se", "da": "dk", "cs": "cz", "uk": "ua", "hi": "in", "bn": "com.bd", "vi": "vn",
        "th": "co.th", "ko": "co.kr", "he": "co.il", "fa": "ir", "el": "gr"}  # fmt: skip
# What stands between the thousands, where it is no comma.
THOUSANDS = dict.fromkeys(("de", "es", "it", "da", "ro", "vi", "el"), ".") | dict.fromkeys(
    ("fr", "ru", "pl", "sv", "fi", "cs", "uk", "hu", "bg"), " "
)


@cache
def instance(locale: str) -> Faker:
    """The one Faker of a locale."""
    return Faker(locale)


def seeded(rng: random.Random, locale: str) -> Faker:
    """The Faker of a locale, seeded from the generator of the caller."""
    fake = instance(locale)
    fake.seed_instance(rng.getrandbits(64))
    return fake


def locale_for(rng: random.Random, language: str) -> str:
    """A locale of the language."""
    return rng.choice(LOCALES.get(language, LOCALES["en"]))


def person_locale(rng: random.Random, language: str) -> str:
    """A locale for a person whom a page in the language could be about."""
    if language not in OWN_SCRIPT and rng.random() < 0.3:
        return rng.choice(ABROAD)
    return locale_for(rng, language)


def first(rng: random.Random, language: str) -> str:
    """A first name."""
    return str(seeded(rng, person_locale(rng, language)).first_name())


def last(rng: random.Random, language: str) -> str:
    """A family name."""
    return str(seeded(rng, person_locale(rng, language)).last_name())


def name(rng: random.Random, language: str) -> str:
    """A first and a family name, now and then with more or less than that."""
    locale = person_locale(rng, language)
    fake = seeded(rng, locale)
    if language in ("ja", "zh"):
        return f"{fake.last_name()}{' ' if rng.random() < 0.2 else ''}{fake.first_name()}"
    if language == "ko":
        return f"{fake.last_name()}{fake.first_name()}"
    if locale in GENDERED:
        return _named(fake, "female" if rng.random() < 0.5 else "male")
    words = [str(fake.first_name()), str(fake.last_name())]
    draw = rng.random()
    if draw < 0.05 and language not in OWN_SCRIPT:
        words.insert(1, rng.choice("ABCDEFGHJKLMNPRSTW") + ".")
    elif draw < 0.08:
        words.insert(1, str(fake.first_name()))
    elif draw < 0.1 and language == "en":
        words.append(rng.choice(("Jr", "Jr.", "III", "Sr.")))
    elif draw < 0.13:
        words.append(str(fake.last_name()))
    if language == "hu" and locale == "hu_HU":
        words.reverse()
    return " ".join(words)


def _named(fake: Faker, sex: str) -> str:
    """A first and a family name of that sex; not all locales tell family names apart."""
    last_name = getattr(fake, f"last_name_{sex}", fake.last_name)
    return f"{getattr(fake, f'first_name_{sex}')()} {last_name()}"


def woman(rng: random.Random, language: str) -> str:
    """A woman's name, for patterns whose grammar needs one."""
    return _named(seeded(rng, locale_for(rng, language)), "female")


def man(rng: random.Random, language: str) -> str:
    """A man's name, for patterns whose grammar needs one."""
    return _named(seeded(rng, locale_for(rng, language)), "male")


def city(rng: random.Random, language: str) -> str:
    """A made-up or real town."""
    return str(seeded(rng, locale_for(rng, language)).city())


def pronoun(rng: random.Random, _: str) -> str:
    """Who someone is, where nobody said so before."""
    return rng.choice(("he", "she"))


def possessive(rng: random.Random, _: str) -> str:
    """Whose something is, where nobody said so before."""
    return rng.choice(("his", "her"))


def country(rng: random.Random, language: str) -> str:
    """A country, in the language where Faker knows it."""
    return str(seeded(rng, LOCALES.get(language, LOCALES["en"])[0]).country())


def company(rng: random.Random, language: str) -> str:
    """A made-up company."""
    return str(seeded(rng, locale_for(rng, language)).company())


def job(rng: random.Random, language: str) -> str:
    """A job."""
    return str(seeded(rng, locale_for(rng, language)).job())


def domain(rng: random.Random, language: str) -> str:
    """A made-up domain."""
    draw = rng.random()
    if draw < 0.4:
        return str(seeded(rng, locale_for(rng, language)).domain_name())
    words = [grammar("en").expand(rng, "site_word").lower() for _ in range(rng.choice((1, 2, 2)))]
    tlds = ("com", "com", "com", "net", "org", "info", "co", "io", "blog", "news",
            TLDS.get(language, language))  # fmt: skip
    return rng.choice(("", "", "-")).join(words) + "." + rng.choice(tlds)


def handle(rng: random.Random, language: str) -> str:
    """A user name."""
    user = str(seeded(rng, locale_for(rng, language)).user_name())
    draw = rng.random()
    if draw < 0.3:
        return user + str(rng.randint(1, 9999))
    return user.replace(".", rng.choice(("", "_", ".")))


def year(rng: random.Random, _: str) -> str:
    """A year that such a page would name."""
    return str(
        rng.choice((2025, 2024, 2023, 2026, rng.randint(2015, 2026), rng.randint(1960, 2026)))
    )


def clock(rng: random.Random, language: str) -> str:
    """A time of day."""
    hour, minute = rng.randrange(24), rng.randrange(60)
    if language == "en" and rng.random() < 0.7:
        half = "am" if hour < 12 else "pm"
        half = rng.choice((half, " " + half, " " + half.upper(), half.upper()))
        return f"{hour % 12 or 12}:{minute:02}{half}"
    return f"{hour:02}:{minute:02}"


def count(rng: random.Random, language: str) -> str:
    """A count of followers, views or shares."""
    number = int(10 ** rng.uniform(0.5, 6))
    draw = rng.random()
    if draw < 0.3:
        return f"{number / 1000:.1f}{rng.choice('KkK')}" if number > 999 else str(number)
    if draw < 0.7:
        mark = THOUSANDS.get(language, ",")
        return f"{number:,}".replace(",", mark)
    return str(number)


def isodate(rng: random.Random, _: str) -> str:
    """A date in figures."""
    y, m, d = rng.randint(2012, 2026), rng.randint(1, 12), rng.randint(1, 28)
    forms = (f"{y}-{m:02}-{d:02}", f"{d:02}/{m:02}/{y}", f"{d:02}.{m:02}.{y}", f"{y}/{m:02}/{d:02}",
             f"{m:02}/{d:02}/{y}", f"{d}.{m}.{y}", f"{d}-{m}-{y}")  # fmt: skip
    return rng.choice(forms)


def serial(rng: random.Random, _: str) -> str:
    """A small number for file names and the like."""
    return str(rng.choice((rng.randint(1, 30), rng.randint(100, 9999), rng.randint(10000, 999999))))


FILLERS: dict[str, Filler] = {
    "first": first, "given": first, "last": last, "name": name, "person": name,
    "woman": woman, "man": man,
    "faker_city": city, "he": pronoun, "him": first, "his": possessive,
    "country": country,
    "company": company, "job": job, "domain": domain, "handle": handle, "year": year,
    "clock": clock, "count": count, "isodate": isodate, "serial": serial,
}  # fmt: skip


@cache
def grammar(language: str) -> Grammar:
    """The grammar of a language; English for one we have none of."""
    known = language if language in LANGUAGES else "en"
    return Grammar(known, sections_for(known), FILLERS)


def expand(
    rng: random.Random, language: str, section: str, topic: Sequence[str] = (), **texts: str
) -> str:
    """Expand a section of a language; `topic` and `texts` fill slots of their own."""
    slots: dict[str, Filler] = {key: lambda _r, _l, t=text: t for key, text in texts.items()}  # type: ignore[misc]
    if topic:
        slots["topic"] = lambda r, _l: " ".join(r.sample(topic, min(len(topic), r.randint(1, 3))))
    return grammar(language).expand(rng, section, slots)
