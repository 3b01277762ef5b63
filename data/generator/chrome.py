"""Everything round an article that a site says on every page: menus, bars, requests, notices."""

import random

from .comments import comments
from .fillers import expand, grammar
from .looks import BLANK, Block, capitals, dress, sentence_case, spread
from .titles import title

__all__ = [
    "advertisement", "breadcrumb", "call_to_action", "comments", "footer", "menu", "metadata",
    "notice", "pagination", "share",
]  # fmt: skip

JOINTS = (" | ", " | ", " > ", " / ", " • ", " · ", "  ", " ", " - ", ", ", " » ", "\t", "|", " – ")


def several(rng: random.Random, language: str, section: str, least: int, most: int) -> list[str]:
    """Some different expansions of a section."""
    wanted = rng.randint(least, most)
    found: dict[str, None] = {}
    for _ in range(wanted * 3):
        if len(found) < wanted:
            found[expand(rng, language, section)] = None
    return list(found)


def cased(rng: random.Random, lines: list[str]) -> list[str]:
    """All lines in one casing, mostly their own."""
    draw = rng.random()
    if draw < 0.1:
        return [capitals(line) for line in lines]
    if draw < 0.15:
        return [line.lower() for line in lines]
    return [sentence_case(line) for line in lines] if draw < 0.25 else lines


def menu(rng: random.Random, language: str = "en") -> Block:
    """A menu, a row of it, a slogan or a link to the content."""
    draw = rng.random()
    if draw < 0.15:
        return spread(rng, "navigation", several(rng, language, "nav_phrase", 1, 3))
    items = cased(rng, several(rng, language, "menu_item", 3, rng.choice((6, 9, 14, 22))))
    if draw < 0.4:
        lines = [rng.choice(JOINTS).join(items)]
    else:
        lines = dress(rng, items) if rng.random() < 0.4 else items
    if rng.random() < 0.2:
        lines.insert(0, expand(rng, language, "nav_phrase"))
    if rng.random() < 0.2:
        lines.insert(0, expand(rng, language, "site"))
    return spread(rng, "navigation", lines, 0.2)


def breadcrumb(rng: random.Random, language: str = "en") -> Block:
    """The way from the front page to here."""
    mark = rng.choice(
        (" > ", " » ", " / ", " › ", " → ", " | ", ">", "/", " :: ", " ▸ ", " - ", " ➜ ")
    )
    steps = [expand(rng, language, "crumb_home"), *several(rng, language, "rubric", 1, 3)]
    if rng.random() < 0.4:
        steps.append(title(rng, language))
    if rng.random() < 0.1:
        return [("navigation", step) for step in steps]
    text = mark.join(steps)
    if rng.random() < 0.12:
        text = expand(rng, language, "crumb_lead") + " " + text
    return [("navigation", text)]


def pagination(rng: random.Random, language: str = "en") -> Block:
    """Page numbers, next and previous."""
    if rng.random() < 0.3:
        pages = [str(n) for n in range(1, rng.randint(3, 10))]
        if rng.random() < 0.5:
            pages += ["…", str(rng.randint(11, 400))]
        if rng.random() < 0.6:
            pages.append(expand(rng, language, "page_next"))
        if rng.random() < 0.5:
            return [("navigation", rng.choice((" ", " | ", "  ", " · ")).join(pages))]
        return [("navigation", page) for page in pages]
    texts = several(rng, language, "page", 1, 2)
    neighbour = rng.random() < 0.4
    block: Block = []
    for text in texts:
        block.append(("navigation", text))
        if neighbour:
            block.append(("link_list", title(rng, language)))
    return block


def share(rng: random.Random, language: str = "en") -> Block:
    """A bar that shares or follows."""
    draw = rng.random()
    lines: list[str] = []
    if draw < 0.6:
        lines.append(expand(rng, language, "share_head"))
    if draw > 0.25:
        items = several(rng, language, "share_item", 1, rng.choice((2, 4, 7, 9)))
        if rng.random() < 0.3:
            items = [rng.choice(JOINTS).join(items)]
        elif rng.random() < 0.2:
            items = dress(rng, items)
        lines += items
    return spread(rng, "share", cased(rng, lines), 0.2)


def _lines(rng: random.Random, language: str, category: str, section: str, most: int) -> Block:
    count = rng.choices(range(1, most + 1), [2 ** (most - i) for i in range(most)])[0]
    lines = several(rng, language, section, count, count)
    return spread(rng, category, cased(rng, lines) if rng.random() < 0.4 else lines)


def call_to_action(rng: random.Random, language: str = "en") -> Block:
    """Subscribe, comment, buy, download, explore the site."""
    return _lines(rng, language, "call_to_action", "cta", 3)


def notice(rng: random.Random, language: str = "en") -> Block:
    """Cookies, copyright, affiliates, disclaimers, privacy, terms."""
    return _lines(rng, language, "notice", "notice", 3)


def advertisement(rng: random.Random, language: str = "en") -> Block:
    """An ad's label, an ad's text or both."""
    block = _lines(rng, language, "advertisement", "ad", 2)
    if rng.random() < 0.15:
        block += block[:1]
    return block


def metadata(rng: random.Random, language: str = "en") -> Block:
    """Tags, categories, views, reading time, posted in."""
    if rng.random() < 0.35:
        tags = several(rng, language, "tag", 2, 9)
        label = expand(rng, language, "tags_label")
        mark = rng.choice((", ", ", ", " ", ", #", " #", " | ", " / ", "; ", " · ", "\n"))
        if mark == "\n":
            return [("metadata", label), *[("metadata", tag) for tag in cased(rng, tags)]]
        if mark.endswith("#"):
            tags = ["".join(tag.split()) for tag in tags]
            tags[0] = "#" + tags[0]
        label = label + " " if rng.random() < 0.85 else ""
        return [("metadata", label + mark.join(tags))]
    lines = several(rng, language, "meta", 1, rng.choice((1, 2, 4)))
    if rng.random() < 0.2:
        lines = [rng.choice(JOINTS).join(lines)]
    return spread(rng, "metadata", cased(rng, lines), 0.2)


def footer(rng: random.Random, language: str = "en") -> Block:
    """The foot of a page: links, notices, a bar, a request."""
    block: Block = []
    makers = [menu, notice, notice, share, call_to_action, breadcrumb]
    for maker in rng.sample(makers, rng.randint(2, 4)):
        if block and rng.random() < 0.5:
            block.append(BLANK)
        block += maker(rng, language)
    if rng.random() < 0.4 and "footer" in grammar(language):
        block.append(("navigation", expand(rng, language, "footer")))
    return block
