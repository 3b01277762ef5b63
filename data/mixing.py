"""Article bodies with spam put in, the way content farms and scrapers do."""

from __future__ import annotations

import random
from collections.abc import Callable

from cleaner.dataset import LabelledDocument, laid_out
from cleaner.document import ARTICLE
from data import generator
from data.bank import Bank

Block = list[tuple[str, str]]

BLANK = ("", "")

_CONTENTS = {
    "de": ("Inhaltsverzeichnis", "Inhalt", "In diesem Artikel"),
    "fr": ("Sommaire", "Table des matières", "Au sommaire"),
    "es": ("Tabla de contenidos", "Índice", "Contenido", "En este artículo"),
    "it": ("Indice", "Sommario", "Indice dei contenuti"),
    "pt": ("Índice", "Conteúdo", "Neste artigo"),
    "nl": ("Inhoudsopgave", "Inhoud"),
    "pl": ("Spis treści", "W tym artykule"),
    "ru": ("Содержание", "Оглавление"),
    "tr": ("İçindekiler",),
    "sv": ("Innehåll", "Innehållsförteckning", "I den här artikeln"),
    "da": ("Indhold", "Indholdsfortegnelse", "I denne artikel"),
    "fi": ("Sisällys", "Sisällysluettelo", "Tässä artikkelissa"),
    "cs": ("Obsah", "Obsah článku", "V tomto článku"),
    "id": ("Daftar Isi",),
    "ja": ("目次",),
    "zh": ("目录", "文章目录"),
    "uk": ("Зміст", "Зміст статті", "У цій статті"),
    "hu": ("Tartalomjegyzék", "Tartalom", "A cikk tartalma"),
    "ro": ("Cuprins", "Cuprinsul articolului", "În acest articol"),
    "bg": ("Съдържание", "Съдържание на статията", "В тази статия"),
    "ar": ("جدول المحتويات", "محتويات المقال"),
    "ko": ("목차", "차례", "글 목차", "이 글의 순서"),
    "he": ("תוכן עניינים", "תוכן העניינים", "מה בכתבה"),
    "fa": ("فهرست مطالب", "فهرست", "آنچه در این مقاله می‌خوانید"),
    "el": ("Περιεχόμενα", "Πίνακας περιεχομένων", "Σε αυτό το άρθρο"),
    "hi": ("विषय सूची", "इस लेख में", "अनुक्रम"),
    "bn": ("সূচিপত্র", "এই লেখায় যা থাকছে", "সূচি"),
    "vi": ("Mục lục", "Nội dung chính", "Nội dung bài viết"),
    "th": ("สารบัญ", "เนื้อหาในบทความ", "สารบัญเนื้อหา"),
}
_CONTENTS_ENGLISH = (
    "Table of Contents",
    "TABLE OF CONTENTS",
    "Table of contents",
    "Contents",
    "Contents [hide]",
    "In this article",
    "In This Article:",
    "What you will find here",
    "Quick Navigation",
    "Jump to section",
    "Page Contents",
    "Article outline",
)
_FINAL = tuple(".!?…。！？।:;,")
_ENDS = _FINAL[:8]


def fragments_of(document: LabelledDocument) -> Block:
    """The document as (category, text) lines, glued pieces marked "+", blank lines kept.

    Lines of which is not known what they are stay out.
    """
    out: Block = []
    text = document.text
    line_end = last_end = -1
    for start, end, label in document.spans:
        if label is None:
            continue
        between = text[max(last_end, 0) : start]
        glued = start < line_end
        if not glued:
            out += [BLANK] * max(0, between.count("\n") - (1 if out else 0))
        found = text.find("\n", end)
        line_end, last_end = (found if found >= 0 else len(text)), end
        lead = between if glued else between.rpartition("\n")[2]
        out.append((f"+{label}" if glued else label, lead + text[start:end]))
    return out


def body(block: Block) -> Block:
    """The article lines alone, with at most one blank line between any two."""
    out: Block = []
    for category, text in block:
        if category.removeprefix("+") == ARTICLE:
            out.append((ARTICLE, text.strip() if category.startswith("+") else text))
        elif not text and out and out[-1] != BLANK:
            out.append(BLANK)
    while out and out[-1] == BLANK:
        out.pop()
    return out


def respaced(rng: random.Random, block: Block) -> Block:
    """The same lines with the blank lines as found, all gone, or one between all lines."""
    draw = rng.random()
    if draw < 0.5:
        return block
    lines = [line for line in block if line != BLANK]
    if draw < 0.75:
        return lines
    out: Block = []
    for line in lines:
        if out and not line[0].startswith("+"):
            out.append(BLANK)
        out.append(line)
    return out


def _is_paragraph(line: tuple[str, str]) -> bool:
    return line[0] == ARTICLE and len(line[1]) > 100 and line[1].rstrip().endswith(_ENDS)


def _is_sentence(line: tuple[str, str]) -> bool:
    return line[0] == ARTICLE and len(line[1]) > 40 and line[1].rstrip().endswith(_ENDS)


def _is_heading(line: tuple[str, str]) -> bool:
    text = line[1].strip()
    return line[0] == ARTICLE and 8 < len(text) < 90 and not text.endswith(_FINAL)


def _contents(rng: random.Random, language: str, block: Block) -> Block:
    """A table of contents of the body's own headings."""
    headings = [
        line[1].strip()
        for before, line, after in zip(block, block[1:], block[2:], strict=False)
        if _is_heading(line)
        and (before == BLANK or _is_paragraph(before))
        and (after == BLANK or _is_paragraph(after))
    ]
    names = _CONTENTS.get(language, ()) if rng.random() < 0.8 else ()
    header = rng.choice(names or _CONTENTS_ENGLISH)
    mark = rng.choice(_ENTRY_MARKS)
    items = headings[:12] if rng.random() < 0.85 else []
    if len(items) > 1 and rng.random() < 0.08:  # all on one line
        row = "{}. {}" if rng.random() < 0.6 else "{1}"
        joint = rng.choice(("  ", " ", " | ", " · "))
        numbered = (row.format(n, item) for n, item in enumerate(items, 1))
        return [("toc", header.rstrip(":") + rng.choice((": ", " ")) + joint.join(numbered))]
    out: Block = [("toc", header)] if rng.random() < 0.9 or not items else []
    if out and rng.random() < 0.3:
        out.append(BLANK)
    return out + [("toc", _numbered(mark, n) + item) for n, item in enumerate(items, 1)]


_ENTRY_MARKS = ("- ", "- ", "• ", "* ", "", "", "{}. ", "{}) ", "  - ", "1.{} ", "{roman}. ",
                "{letter}) ", "{letter}. ")  # fmt: skip
_ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]


def _numbered(mark: str, number: int) -> str:
    """The mark of a table's entry of that number, at most twelve."""
    return mark.format(number, roman=_ROMAN[number - 1], letter="abcdefghijkl"[number - 1])


def _glued_headings(rng: random.Random, block: Block) -> Block:
    """Some of the body's headings stuck to the paragraph before them."""
    out: Block = []
    share = rng.choice((0.4, 1.0))
    for line in block:
        before = next((item for item in reversed(out) if item != BLANK), BLANK)
        if _is_heading(line) and _is_paragraph(before) and rng.random() < share:
            while out[-1] == BLANK:
                out.pop()
            out.append((f"+{ARTICLE}", line[1].strip()))
        else:
            out.append(line)
    return out


def _insert(rng: random.Random, block: Block, place: int, spam: Block) -> Block:
    """The spam put in before the line at `place`, sometimes stuck to the paragraph before it."""
    spam = [line for line in spam if line[1].strip() or line == BLANK]
    if not spam:
        return block
    before = block[place - 1] if place else BLANK
    while before == BLANK and place > 1:
        place -= 1
        before = block[place - 1]
    first = spam[0][0]
    glue_odds = 0.35 if first in ("link_list", "caption") else 0.03
    if _is_sentence(before) and rng.random() < glue_odds:
        category, text = spam[0]
        text = text.strip()
        bulleted = bool(text) and not text[0].isalnum()
        lead = rng.choice(("", "", " ")) if bulleted else rng.choice(("", " ", " "))
        spam = [(f"+{category}", lead + text), *spam[1:]]
        if rng.random() < 0.15:  # the whole list on the paragraph's line
            spam = [
                line if line[0].startswith("+") else (f"+{line[0]}", line[1].strip())
                for line in spam
                if line != BLANK
            ][:6]
    elif rng.random() < 0.45:
        spam = [BLANK, *spam]
    if rng.random() < 0.45 and spam[-1] != BLANK:
        spam = [*spam, BLANK]
    return block[:place] + spam + block[place:]


def _stuck_label(rng: random.Random, language: str, block: Block) -> Block:
    """An advertisement label stuck to the beginning of a paragraph."""
    places = [n for n, line in enumerate(block) if n and _is_paragraph(line)]
    labels = [line[1].strip() for line in generator.advertisement(rng, language) if line[1].strip()]
    if not places or not labels or len(labels[0]) > 25:
        return block
    out = list(block)
    for place in sorted(rng.sample(places, min(len(places), rng.choice((1, 1, 2)))), reverse=True):
        lead = rng.choice(("", " ", " "))
        out[place : place + 1] = [
            ("advertisement", labels[0]),
            (f"+{ARTICLE}", lead + out[place][1].strip()),
        ]
    return out


def _farm_blocks(
    rng: random.Random, language: str, topic: list[str]
) -> tuple[list[Block], list[Block]]:
    """What goes between paragraphs, and what goes at the end."""
    links: Callable[[], Block] = lambda: generator.link_list(  # noqa: E731
        rng, language if rng.random() < 0.6 else "en"
    )
    within = [
        links() if rng.random() < 0.6 else generator.any_block(rng, language, topic)
        for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 4)))
    ]
    end: list[Block] = []
    if rng.random() < 0.4:
        end.append(links())
    if rng.random() < 0.5:
        end.append(generator.captions(rng, language, topic))
    if rng.random() < 0.45:
        end.append(generator.card(rng))
    end += [
        generator.any_block(rng, language, topic) for _ in range(rng.choice((0, 0, 1, 1, 2, 3)))
    ]
    if rng.random() < 0.15:
        lorem: Block = [("lorem", generator.paragraph(rng, language))]
        (within if rng.random() < 0.5 else end).append(lorem)
    return within, end


#: How often written blocks alone are put into a copy, without machine-made spam.
_WRITTEN_ALONE = 0.35


def mixed(
    rng: random.Random, document: LabelledDocument, name: str, bank: Bank | None = None
) -> LabelledDocument:
    """A copy of the document with spam put in; `name` tells the copies of one document apart.

    bank: where written blocks are drawn from; without it all spam is machine-made.
    """
    language = document.language or "en"
    language = language if language in generator.LANGUAGES else "en"
    if bank is not None and rng.random() < _WRITTEN_ALONE:
        block = respaced(rng, fragments_of(document))
        if rng.random() < 0.5:
            block = body(block)
        return _laid(document, name, _furnished(rng, document, block, bank, (1, 2, 2, 3, 4)))
    block = fragments_of(document)
    if rng.random() < 0.7:
        block = body(block)
    block = respaced(rng, block)
    if not block:
        return document
    opening = next((text for category, text in block if category == ARTICLE), "")
    topic = [word for word in opening.split() if len(word) > 3][:6]
    if rng.random() < 0.15:
        block = _glued_headings(rng, block)
    if rng.random() < 0.15:
        block = _stuck_label(rng, language, block)
    within, end = _farm_blocks(rng, language, topic)
    for spam in within:
        places = [n for n in range(1, len(block)) if not block[n][0].startswith("+")]
        if places:
            block = _insert(rng, block, rng.choice(places), spam)
    if rng.random() < 0.45:
        places = [n for n in range(1, min(8, len(block))) if not block[n][0].startswith("+")]
        headed = [n for n in places if _is_heading(block[n]) and _is_paragraph(block[n - 1])]
        if places:
            # Most often it stands right before the first heading, which is its first entry.
            place = headed[0] if headed and rng.random() < 0.6 else rng.choice(places)
            block = _insert(rng, block, place, _contents(rng, language, block))
    for spam in end:
        block = _insert(rng, block, len(block), spam)
    if rng.random() < 0.15:
        start = generator.any_block(rng, language, topic)
        if start and not start[0][0].startswith("+"):
            block = [*start, *([BLANK] if rng.random() < 0.5 else []), *block]
    if bank is not None:
        block = _furnished(rng, document, block, bank, (0, 1, 1, 2))
    return _laid(document, name, block)


def _furnished(
    rng: random.Random,
    document: LabelledDocument,
    block: Block,
    bank: Bank,
    counts: tuple[int, ...],
) -> Block:
    """The lines with so many written blocks put in, one of `counts`."""
    for _ in range(rng.choice(counts)):
        where = rng.choice(("start", "within", "within", "end", "end", "end"))
        # The documents of one language in three are few: English blocks stand there too, as they
        # do on the pages of many a theme that nobody translated.
        language = document.language if rng.random() < 0.9 else "en"
        written = bank.draw(rng, language or "en", document.id, where)
        places = [n for n in range(1, len(block)) if not block[n][0].startswith("+")]
        if not written or not places:
            continue
        if where == "start":
            place = rng.choice(places[:4]) if rng.random() < 0.7 else 0
        else:
            place = rng.choice(places) if where == "within" else len(block)
        block = _insert(rng, block, place, written)
    return block


def _laid(document: LabelledDocument, name: str, block: Block) -> LabelledDocument:
    text, spans = laid_out(block)
    return LabelledDocument(
        document.id, name, document.language, document.kind, document.split, text, spans
    )


def bare(rng: random.Random, document: LabelledDocument, name: str) -> LabelledDocument:
    """A copy with nothing but the article, so that bare articles are known too."""
    return _laid(document, name, respaced(rng, body(fragments_of(document))))


def recombined(
    rng: random.Random, host: LabelledDocument, guest: LabelledDocument, name: str
) -> LabelledDocument | None:
    """The page of `host` around the article of `guest`; None if either has no article.

    What surrounds an article says little about what it is about, so that a page's menus and
    footers with another page's text are one page more. What stood between the host's lines of
    article stands at about the same place between the guest's.
    """
    page = fragments_of(host)
    found = [n for n, line in enumerate(page) if line[0].removeprefix("+") == ARTICLE]
    text_lines = body(fragments_of(guest))
    if not found or not text_lines:
        return None
    if rng.random() < 0.5:
        spaced = any(line == BLANK for line in page)
        text_lines = [line for line in text_lines if line != BLANK]
        text_lines = [x for line in text_lines for x in ((line, BLANK) if spaced else (line,))]
    middle = page[found[0] : found[-1] + 1]
    runs: list[tuple[float, Block]] = []
    for n, line in enumerate(middle):
        if line == BLANK or line[0].removeprefix("+") == ARTICLE:
            continue
        line = (line[0].removeprefix("+"), line[1].strip())
        if runs and n and middle[n - 1][0].removeprefix("+") != ARTICLE and middle[n - 1] != BLANK:
            runs[-1][1].append(line)
        else:
            runs.append((n / len(middle), [line]))
    size = len(text_lines)
    for place, run in reversed(runs):
        at = min(size, max(1, round(place * size)))
        text_lines = text_lines[:at] + run + text_lines[at:]
    tail = [(line[0].removeprefix("+"), line[1].strip()) for line in page[found[-1] + 1 :]]
    return _laid(guest, name, [*page[: found[0]], *text_lines, *tail])
