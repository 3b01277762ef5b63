"""The made-up values of an author card, a function a key."""

import random
import re
import unicodedata
from collections.abc import Callable

from faker import Faker

from . import lorem
from .fillers import clock, count, expand, isodate, seeded
from .looks import squeeze

Value = Callable[[random.Random, Faker], str]

PLATFORMS = ("twitter", "tiktok", "instagram", "linkedin", "facebook", "youtube", "pinterest",
             "github", "reddit", "threads", "telegram", "snapchat", "tumblr", "medium",
             "vk", "discord", "twitch", "whatsapp", "x", "bluesky", "mastodon",
             "behance", "quora", "weibo", "line", "flickr", "vimeo", "soundcloud",
             "patreon", "substack", "website", "blog",)  # fmt: skip
PLAIN_RE = re.compile(r"[^\w]")
SOCIAL_KEYS = ("url", "username", "bio", "followers", "following")


def platforms(rng: random.Random) -> list[str]:
    """The accounts of one card, the common ones more often."""
    pool = PLATFORMS[:5] if rng.random() < 0.6 else PLATFORMS
    names = rng.sample(pool, rng.randint(1, min(6, len(pool))))
    form = rng.choice((str.lower, str.lower, str.title, str.title, str.upper))
    fixed = {"Tiktok": "TikTok", "Youtube": "YouTube", "Linkedin": "LinkedIn", "Github": "GitHub"}
    return [fixed.get(form(name), form(name)) for name in names]


def platform_url(rng: random.Random, name: str, user: str) -> str:
    """The address of an account."""
    name = name.lower()
    path = {"linkedin": "in/", "tiktok": "@", "medium": "@", "youtube": "@", "threads": "@",
            "reddit": "user/", "bluesky": "profile/"}.get(name, "")  # fmt: skip
    return rng.choice(("https://", "https://", "https://www.", "http://", "", "www.")) + (
        f"{name}.com/{path}{user}"
    )


def value(rng: random.Random, key: str, fake: Faker) -> tuple[str, bool]:
    """The text of a field, and whether it is filler."""
    if key == "bio":
        return _bio(rng, fake)
    try:
        text = VALUES[key](rng, fake)
    except AttributeError:  # Some locales of Faker lack some of its providers.
        text = VALUES[key](rng, seeded(rng, "en_US"))
    return squeeze(text), False


def _bio(rng: random.Random, fake: Faker) -> tuple[str, bool]:
    draw = rng.random()
    if draw < 0.7:
        return lorem.paragraph(rng) if draw < 0.25 else lorem.sentence(rng), True
    if draw < 0.8:
        return value(rng, "tagline", fake)
    if draw < 0.9:
        work, company = value(rng, "job", fake)[0], value(rng, "company", fake)[0]
        return f"{work}{rng.choice((' at ', ', ', ' @ ', ' - '))}{company}", False
    return expand(rng, "en", "tagline"), False


def _birthdate(rng: random.Random, _: Faker) -> str:
    year, month, day = rng.randint(1950, 2008), rng.randint(1, 12), rng.randint(1, 28)
    forms = (
        f"{year}-{month:02}-{day:02}",
        f"{year}-{month:02}-{day:02}",
        f"{day:02}.{month:02}.{year}",
        f"{month}/{day}/{year}",
        f"{day:02}/{month:02}/{year}",
        f"{day} {expand(rng, 'en', 'month')} {year}",
        f"{year}/{month:02}/{day:02}",
    )
    return rng.choice(forms)


def _username(rng: random.Random, fake: Faker) -> str:
    user = str(fake.user_name())
    if rng.random() < 0.5:
        return user
    texts = [str(text).lower() for text in (fake.first_name(), fake.last_name())]
    names = [PLAIN_RE.sub("", text) for text in texts]
    # Vowel signs are no letters to `re`: without them a name of such a script is another word.
    marked = any(unicodedata.category(char).startswith("M") for char in "".join(texts))
    if marked or not all(names):
        return user
    first, last = names
    forms = ("{0}.{1}", "{1}.{0}", "{0}_{1}", "{1}{2}", "{0}{3}", "{2}{1}", "{0}{1}", "{1}_{3}")
    return rng.choice(forms).format(first, last, first[0], rng.randint(1, 2010))


def _email(rng: random.Random, fake: Faker) -> str:
    draw = rng.random()
    if draw < 0.35:
        hosts = ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "mail.com", "proton.me")
        return f"{_username(rng, fake)}@{rng.choice(hosts)}"
    if draw < 0.65:
        return str(fake.free_email())
    return str(fake.company_email() if draw < 0.85 else fake.safe_email())


def _address(rng: random.Random, fake: Faker) -> str:
    if rng.random() < 0.7:
        return str(fake.address())
    return f"{fake.street_address()}, {fake.city()}"


def _coordinates(_: random.Random, fake: Faker) -> str:
    return f"{fake.latitude()}, {fake.longitude()}"


def _height(rng: random.Random, _: Faker) -> str:
    feet = f"{rng.randint(5, 6)}'{rng.randint(0, 11)}\""
    return rng.choice((f"{rng.randint(150, 199)} cm", feet))


def _seen(rng: random.Random, _: Faker) -> str:
    return f"{isodate(rng, 'en')} {clock(rng, 'en')}"


def _followers(rng: random.Random, _: Faker) -> str:
    return str(rng.randint(3, 7200)) if rng.random() < 0.7 else count(rng, "en")


def _number(low: int, high: int) -> Value:
    return lambda rng, _: str(rng.randint(low, high))


def _one_of(*options: str) -> Value:
    return lambda rng, _: rng.choice(options)


def _faker(*providers: str) -> Value:
    return lambda rng, fake: str(getattr(fake, rng.choice(providers))())


VALUES: dict[str, Value] = {
    "name": _faker("name"),
    "username": _username,
    "email": _email,
    "birthdate": _birthdate,
    "address": _address,
    "phone": _faker("phone_number"),
    "company": _faker("company"),
    "job": _faker("job"),
    "website": _faker("url", "domain_name"),
    "city": _faker("city"),
    "country": _faker("country"),
    "zip": _faker("postcode"),
    "age": _number(18, 77),
    "gender": _one_of("male", "female", "Male", "Female", "M", "F", "other", "n/a"),
    "language": _faker("language_name"),
    "timezone": _faker("timezone"),
    "joined": lambda rng, _: isodate(rng, "en"),
    "lastseen": _seen,
    "articles": _number(1, 2400),
    "height": _height,
    "blood": _one_of("A+", "B+", "O+", "AB+", "A-", "O-", "B-", "AB-"),
    "color": _faker("color_name"),
    "card": _faker("credit_card_provider"),
    "ip": _faker("ipv4"),
    "uuid": _number(1, 99999),
    "agent": _faker("user_agent"),
    "coordinates": _coordinates,
    "tagline": _faker("catch_phrase"),
    "url": _faker("url"),
    "followers": _followers,
    "following": _number(1, 3000),
}
KEYS = (*(key for key in VALUES if key not in SOCIAL_KEYS or key == "username"), "bio")
