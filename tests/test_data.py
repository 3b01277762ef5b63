"""The documents written for this project: whole, various, and as many as were promised."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from cleaner.dataset import LabelledDocument, read
from cleaner.document import ARTICLE, CATEGORIES, STRIPPED_CATEGORIES
from cleaner.splitting import split_lines

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"


@pytest.fixture(scope="module")
def documents() -> list[LabelledDocument]:
    return list(read([DOCUMENTS]))


def only_article(document: LabelledDocument) -> bool:
    return bool(document.spans) and all(span.label == ARTICLE for span in document.spans)


def test_there_are_enough(documents: list[LabelledDocument]) -> None:
    assert len(documents) >= 150


def test_ids_are_unique(documents: list[LabelledDocument]) -> None:
    counts = Counter(document.id for document in documents)
    assert [name for name, times in counts.items() if times > 1] == []
    assert all(name.strip() == name != "" for name in counts)


def test_texts_are_unique(documents: list[LabelledDocument]) -> None:
    assert len({document.text for document in documents}) == len(documents)


def test_languages(documents: list[LabelledDocument]) -> None:
    assert all(document.language for document in documents)
    foreign = [document.language for document in documents if document.language != "en"]
    assert len(foreign) >= 25
    assert len(set(foreign)) >= 10


def test_documents_without_boilerplate(documents: list[LabelledDocument]) -> None:
    assert sum(only_article(document) for document in documents) >= 40


def test_content_farms(documents: list[LabelledDocument]) -> None:
    farms = [document for document in documents if document.kind == "farm"]
    assert len(farms) >= 60
    for document in farms:
        labels = {span.label for span in document.spans}
        assert ARTICLE in labels, document.id
        assert labels - {ARTICLE}, document.id


def test_clean_kinds_are_clean(documents: list[LabelledDocument]) -> None:
    dirty = [d.id for d in documents if d.kind in ("clean", "hard") and not only_article(d)]
    assert dirty == []


def test_every_category_occurs_in_several_documents(documents: list[LabelledDocument]) -> None:
    found = Counter(
        label for document in documents for label in {span.label for span in document.spans}
    )
    assert set(found) <= set(CATEGORIES)  # our own labels leave nothing unclear
    assert {name: found[name] for name in STRIPPED_CATEGORIES if found[name] < 5} == {}


@pytest.mark.parametrize("kind", ["farm", "hard", "clean"])
def test_both_splits_hold_the_kind(documents: list[LabelledDocument], kind: str) -> None:
    splits = Counter(document.split for document in documents if document.kind == kind)
    assert splits["train"] > splits["dev"] > 0


def test_some_lines_are_glued(documents: list[LabelledDocument]) -> None:
    glued = 0
    for document in documents:
        for one, two in zip(document.spans, document.spans[1:], strict=False):
            glued += "\n" not in document.text[one.end : two.start]
    assert glued >= 30


def test_labels_fit_the_lines_that_splitting_finds(documents: list[LabelledDocument]) -> None:
    for document in documents:
        batch = split_lines([document.text])
        begins = {span.start for span in document.spans}
        ends = {span.end for span in document.spans}
        assert set(batch.start.tolist()) <= begins, document.id
        assert set(batch.end.tolist()) <= ends, document.id


def test_texts_are_plain(documents: list[LabelledDocument]) -> None:
    for document in documents:
        strange = {
            char
            for char in document.text
            if unicodedata.category(char) in ("Cc", "Cs", "Cn", "Co") and char not in "\n\t"
        }
        assert not strange, (document.id, strange)


# The generator.


@pytest.mark.parametrize("maker", ["any_block", "link_list"])
def test_the_generator_never_runs_into_an_unknown_slot(maker: str) -> None:
    pytest.importorskip("faker", reason="Faker is needed here: pip install 'cleaner[model]'")
    from data import generator

    missing = Counter()
    for language in generator.LANGUAGES:
        for seed in range(120):
            rng = random.Random(seed)
            try:
                block = getattr(generator, maker)(rng, language, ["harbour", "bridge"])
            except KeyError as error:
                missing[language, str(error)] += 1
            else:
                assert all(c.removeprefix("+") in ("", *CATEGORIES) for c, _ in block)
                assert not any("\n" in text for _, text in block)
    assert not missing


def test_the_generator_gives_the_same_for_the_same_seed() -> None:
    pytest.importorskip("faker", reason="Faker is needed here: pip install 'cleaner[model]'")
    from data import generator

    def made(seed: int) -> list[object]:
        rng = random.Random(seed)
        return [generator.any_block(rng, language, ["a"]) for language in generator.LANGUAGES]

    assert made(3) == made(3)
    assert made(3) != made(4)


def test_a_mixed_document_keeps_its_article(documents: list[LabelledDocument]) -> None:
    pytest.importorskip("faker", reason="Faker is needed here: pip install 'cleaner[model]'")
    from data import mixing

    rng = random.Random(11)
    clean = [document for document in documents if document.kind == "clean"]
    spam = 0
    for document in clean:
        mixed = mixing.mixed(rng, document, "mixed")
        assert (mixed.id, mixed.origin, mixed.split) == (document.id, "mixed", document.split)
        article = [mixed.text[s.start : s.end] for s in mixed.spans if s.label == ARTICLE]
        before = [document.text[s.start : s.end] for s in document.spans]
        assert "".join("".join(article).split()) == "".join("".join(before).split())
        spam += len(mixed.spans) - len(article)
    assert spam > len(clean)
