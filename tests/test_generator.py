"""The spam generator: the same seed gives the same spam, and two seeds hardly ever do."""

import random
import re
from collections.abc import Callable

import pytest

pytest.importorskip("faker", reason="the spam generator needs faker")

from data import generator as spam
from data.generator import chrome, fillers, grammar, labels, profiles
from data.generator.seams import seamed

MAKERS: dict[str, Callable[[random.Random, str], spam.Block]] = {
    "any_block": spam.any_block,
    "link_list": spam.link_list,
    "captions": spam.captions,
    "author_bio": spam.author_bio,
    "menu": spam.menu,
    "breadcrumb": spam.breadcrumb,
    "pagination": spam.pagination,
    "share": spam.share,
    "call_to_action": spam.call_to_action,
    "comments": spam.comments,
    "notice": spam.notice,
    "advertisement": spam.advertisement,
    "metadata": spam.metadata,
    "footer": spam.footer,
}
LOCALES = sorted({locale for choices in fillers.LOCALES.values() for locale in choices})


def check(block: spam.Block) -> None:
    """A block has lines, each with a known category and a text of one line."""
    assert block
    assert block[0] != ("", "")
    assert block[-1] != ("", "")
    for category, text in block:
        if category == "":
            assert text == ""
            continue
        assert category in spam.CATEGORIES
        assert text.strip()
        assert text.splitlines() == [text]


@pytest.mark.parametrize("language", spam.LANGUAGES)
@pytest.mark.parametrize("maker", MAKERS)
def test_every_maker_speaks_every_language(maker: str, language: str) -> None:
    for seed in range(30):
        block = MAKERS[maker](random.Random(seed), language)
        check(block)
        assert block == MAKERS[maker](random.Random(seed), language)


@pytest.mark.parametrize("locale", [None, *LOCALES, *labels.locales()])
def test_cards(locale: str | None) -> None:
    for seed in range(40):
        block = spam.card(random.Random(seed), locale)
        check(block)
        assert block == spam.card(random.Random(seed), locale)


def test_cards_have_many_looks() -> None:
    assert len(labels.label_sets()) >= 25
    assert len(labels.locales()) >= 18
    shapes = set()
    for seed in range(300):
        lines = [text for _, text in profiles.card(random.Random(seed))]
        shapes.add(tuple(re.sub(r"\w+", "w", line[:12]) for line in lines[:4]))
    assert len(shapes) > 200


@pytest.mark.parametrize("language", spam.LANGUAGES)
def test_titles_are_different(language: str) -> None:
    rng = random.Random(7)
    titles = [spam.title(rng, language) for _ in range(500)]
    assert all(title.strip() and title.splitlines() == [title] for title in titles)
    assert len(set(titles)) >= 475


@pytest.mark.parametrize(
    "maker", ["call_to_action", "notice", "advertisement", "menu", "share", "metadata"]
)
def test_english_has_hundreds_of_forms(maker: str) -> None:
    rng = random.Random(3)
    lines = {text for _ in range(600) for _, text in MAKERS[maker](rng, "en")}
    assert len(lines) > 300


@pytest.mark.parametrize("language", spam.LANGUAGES)
def test_every_section_has_variety(language: str) -> None:
    sections = grammar.sections_for(language)
    for name in ("cta", "notice", "ad", "comment_text", "form_field", "bio"):
        assert len(sections[name].patterns) >= 3
        rng = random.Random(1)
        assert len({fillers.expand(rng, language, name, given="Ada", person="Ada")
                    for _ in range(300)}) >= 6  # fmt: skip


@pytest.mark.parametrize("language", spam.LANGUAGES)
def test_every_slot_is_filled(language: str) -> None:
    sections = grammar.sections_for(language)
    known = {*sections, *fillers.FILLERS, "person", "given"}

    def slots(pattern: grammar.Pattern) -> set[str]:
        found: set[str] = set()
        for part in pattern:
            if isinstance(part, grammar.Slot):
                found.add(part.name)
            elif isinstance(part, grammar.Choice):
                found = found.union(*(slots(option) for option in part.options))
        return found

    for name, section in sections.items():
        for pattern in section.patterns:
            unknown = {s for s in slots(pattern) - known if not grammar.RANGE_RE.fullmatch(s)}
            assert not unknown, f"{name} of {language} asks for {unknown}"


def test_topics_are_worked_into_captions() -> None:
    rng = random.Random(5)
    topic = ("zirconium", "harpsichord")
    blocks = [spam.captions(rng, "en", topic) for _ in range(100)]
    about = [b for b in blocks if any(word in text.lower() for _, text in b for word in topic)]
    assert len(about) > 50


def test_blocks_cover_the_categories() -> None:
    rng = random.Random(11)
    seen = {category for _ in range(1500) for category, _ in spam.any_block(rng, "en")}
    assert seen - {""} >= set(spam.CATEGORIES) - {"toc"}


def test_fillers_are_lorem() -> None:
    rng = random.Random(2)
    sentences = {spam.sentence(rng) for _ in range(500)}
    assert len(sentences) > 350
    assert all(text.splitlines() == [text] for text in sentences)
    assert all(spam.paragraph(rng).splitlines() for _ in range(100))


@pytest.mark.parametrize("language", spam.LANGUAGES)
def test_no_mark_of_the_grammar_is_left(language: str) -> None:
    rng = random.Random(13)
    for _ in range(150):
        for _, text in spam.link_list(rng, language) + chrome.footer(rng, language):
            assert "{" not in text
            assert "TITLE" not in text


@pytest.mark.parametrize(
    ("language", "text", "written"),
    [
        ("en", "a actor and a nurse", "an actor and a nurse"),
        ("hu", "a alma és a körte", "az alma és a körte"),
        ("ko", "집은(는) 나무은(는)", "집은 나무는"),
        ("ko", "집(으)로 서울(으)로 바다(으)로", "집으로 서울로 바다로"),
        ("ko", "LG이(가)", "LG이(가)"),
        ("de", "a actor", "a actor"),
    ],
)
def test_patterns_meet_what_fills_them(language: str, text: str, written: str) -> None:
    assert seamed(random.Random(1), language, text) == written


def test_persian_figures_are_not_for_models_and_addresses() -> None:
    found = {seamed(random.Random(seed), "fa", "12 A52 page7.html 3") for seed in range(20)}
    assert found == {"12 A52 page7.html 3", "۱۲ A52 page7.html ۳"}
