"""Made-up author cards of labels and values, and short author biographies in prose."""

import random

from faker import Faker

from .fillers import expand, seeded
from .labels import LabelSet, labels_for
from .looks import BLANK, BULLETS, INDENTS, Block, capitals, cut, squeeze
from .values import KEYS, SOCIAL_KEYS, platform_url, platforms, value

CATEGORY = "author_profile"
SEPARATORS = (
    " : ", " : ", " : ", ": ", ": ", ": ", ": ", ":", " - ", " | ", "\t", " = ", " – ", " :: ",
    " → ", " => ", ":\t", "=", " · ", "  ", " ~ ", "：", " .... ", " > ", "|",
)  # fmt: skip
NEXT_LINE = "\n"


class Look:
    """How one card sets its lines: indent, bullet, label, separator, value."""

    def __init__(self, rng: random.Random) -> None:
        self.separator = NEXT_LINE if rng.random() < 0.1 else rng.choice(SEPARATORS)
        self.bullet = rng.choice(BULLETS) if rng.random() < 0.6 else ""
        self.indent = rng.choice(INDENTS) if rng.random() < 0.6 else ""
        self.case = rng.choice(("kept",) * 8 + ("lower", "lower", "upper", "title"))
        self.bold = rng.choice(("{}",) * 14 + ("**{}**", "*{}*", "<b>{}</b>", "[{}]", "__{}__"))
        self.gap = rng.choice((0, 0, 0, 0, 1))
        self.bare = rng.random() < 0.04

    def cased(self, label: str) -> str:
        """The label in the casing of this card."""
        if self.case == "lower":
            return label.lower()
        if self.case == "upper":
            return capitals(label)
        return label.title() if self.case == "title" else label

    def lines(self, label: str, text: str, filler: bool) -> Block:
        """A label and its value on one line or two."""
        text = squeeze(text)
        category = "lorem" if filler else CATEGORY
        if self.bare:
            return [(category, text)] + [BLANK] * self.gap
        start = self.indent + self.bullet + self.bold.format(self.cased(label))
        if self.separator == NEXT_LINE:
            return [(CATEGORY, start), (category, text)] + [BLANK] * self.gap
        return [(category, start + self.separator + text)] + [BLANK] * self.gap


def card(rng: random.Random, locale: str | None = None) -> Block:
    """A made-up author card, from a single line to a page of fields and accounts."""
    labels, locale = labels_for(rng, locale)
    fake = seeded(rng, locale)
    look = Look(rng)
    block: Block = []
    heading = rng.random() < 0.8
    if heading:
        block.append((CATEGORY, _heading(rng, labels.label(rng, "heading"))))
        if rng.random() < 0.5:
            block.append(BLANK)
    fields = _fields(rng, labels, fake, look)
    if rng.random() < 0.12:
        fields = _one_line(rng, fields)
    block += fields
    if rng.random() < 0.55 or not fields:
        if rng.random() < 0.7:
            block.append(BLANK)
        block += _socials(rng, labels, fake, look)
    return _ended(rng, block)


def _heading(rng: random.Random, text: str) -> str:
    text = text.rstrip(":")
    draw = rng.random()
    if draw < 0.1:
        text = capitals(text)
    elif draw < 0.15:
        text = text.lower()
    ends = (":", ":", ":", ":", "", "", "", "", " :", " -", "...", " ↓", " –")
    frames = ("{}",) * 14 + (
        "## {}",
        "### {}",
        "**{}**",
        "--- {} ---",
        "[{}]",
        "// {}",
        "📝 {}",
        "✍ {}",
    )
    return rng.choice(frames).format(text + rng.choice(ends))


def _fields(rng: random.Random, labels: LabelSet, fake: Faker, look: Look) -> Block:
    known = [key for key in KEYS if key in labels.words]
    usual = known[:8]
    draw = rng.random()
    if draw < 0.35:
        keys = usual + ([k for k in known[8:] if rng.random() < 0.2])
    else:
        keys = sorted(rng.sample(known, rng.randint(2, min(11, len(known)))), key=known.index)
    if rng.random() < 0.35:
        rng.shuffle(keys)
    block: Block = []
    for key in keys:
        text, filler = value(rng, key, fake)
        block += look.lines(labels.label(rng, key), text, filler)
    return block


def _one_line(rng: random.Random, fields: Block) -> Block:
    glue = rng.choice((" ", " ", "  ", " | ", ", ", "; ", " • ", " / ", " - ", ". "))
    return [(CATEGORY, glue.join(squeeze(text) for _, text in fields if text))]


def _socials(rng: random.Random, labels: LabelSet, fake: Faker, look: Look) -> Block:
    block: Block = []
    if rng.random() < 0.85:
        block += [(CATEGORY, _heading(rng, labels.label(rng, "socials")))]
        block += [BLANK] * rng.choice((0, 1))
    chosen = platforms(rng)
    shape = rng.choice(("fields", "fields", "fields", "url", "handle", "row"))
    if shape == "row":
        return [*block, (CATEGORY, rng.choice((" ", " | ", " • ", " / ", ", ")).join(chosen))]
    if shape in ("url", "handle"):
        for name in chosen:
            user = value(rng, "username", fake)[0]
            text = platform_url(rng, name, user) if shape == "url" else "@" + user
            block += look.lines(name, text, False)
        return block
    gap = rng.choice((0, 0, 1, 1))
    keys = [k for k in SOCIAL_KEYS if rng.random() < 0.85] or ["username"]
    chosen_labels = {key: labels.label(rng, key) for key in SOCIAL_KEYS}
    for name in chosen:
        block += [(CATEGORY, look.cased(name) + rng.choice((":", ":", ":", "", " :")))] + [
            BLANK
        ] * gap
        user = value(rng, "username", fake)[0]
        for key in keys:
            if key == "bio" and rng.random() < 0.3:
                continue
            text, filler = value(rng, key, fake)
            text = {"url": platform_url(rng, name, user), "username": user}.get(key, text)
            block += look.lines(chosen_labels[key], text, filler)
        block += [BLANK] * gap
    return block


def _ended(rng: random.Random, block: Block) -> Block:
    """Cut some cards off, and end none with a blank line."""
    if rng.random() < 0.15 and len(block) > 4:
        block = block[: rng.randint(3, len(block))]
        category, text = block[-1]
        if text and rng.random() < 0.5:
            block[-1] = (category, cut(rng, text, 6))
    while block[-1] == BLANK:
        block.pop()
    return block


def author_bio(rng: random.Random, language: str = "en") -> Block:
    """A biography of the author in one to four sentences, now and then under a heading."""
    block: Block = []
    person = expand(rng, language, "bio_name")
    he, him, his = rng.choice((("he", "him", "his"), ("she", "her", "her")))
    slots = {"person": person, "given": person.split()[0], "he": he, "him": him, "his": his}
    if rng.random() < 0.35:
        block.append((CATEGORY, expand(rng, language, "bio_head", **slots)))
    if rng.random() < 0.2:
        block.append((CATEGORY, person))
    block.append((CATEGORY, expand(rng, language, "bio", **slots)))
    if rng.random() < 0.15:
        block.append((CATEGORY, expand(rng, language, "bio_more", **slots)))
    return block
