"""The written blocks: well formed, various, and dealt out so that what is held out stays unseen."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("faker", reason="faker is needed here: pip install 'cleaner[model]'")

from cleaner.dataset import laid_out, split_of
from cleaner.document import ARTICLE, STRIPPED_CATEGORIES
from cleaner.errors import DataError
from cleaner.examples import fold_of
from data import bank, mixing
from data.bank import PLACES, Bank, Written
from tests.test_mixing import labelled

BODY = [
    (ARTICLE, f"The {thing} was closed in May, and nobody in the town could say for how long.")
    for thing in ("ferry", "bakery", "library", "bridge", "school")
]


@pytest.fixture(scope="module")
def blocks() -> list[Written]:
    return bank.read()


def test_there_are_many_in_many_languages(blocks: list[Written]) -> None:
    assert len(blocks) >= 1500
    languages = Counter(block.language for block in blocks)
    assert sum(count >= 15 for count in languages.values()) >= 15


def test_every_category_that_is_written_in_prose_has_many(blocks: list[Written]) -> None:
    counts = Counter(category for block in blocks for category, text in block.lines if text)
    assert set(counts) <= set(STRIPPED_CATEGORIES)
    for category in ("author_profile", "notice", "call_to_action", "advertisement", "comments"):
        assert counts[category] >= 200, category


def test_none_is_there_twice(blocks: list[Written]) -> None:
    counts = Counter(block.name for block in blocks)
    assert [name for name, times in counts.items() if times > 1] == []


def test_a_block_goes_into_documents_of_its_fold_only(blocks: list[Written]) -> None:
    dealt = Bank(blocks, 4)
    rng = random.Random(1)
    known = {block.name: fold_of(block.name, 4) for block in blocks}
    for number in range(200):
        name, place = f"document-{number}", rng.choice(PLACES)
        drawn = dealt.draw(rng, "en", name, place)
        assert drawn
        assert known["\n".join(text for _, text in drawn)] == fold_of(name, 4)


def test_a_language_without_blocks_gives_none(blocks: list[Written]) -> None:
    assert Bank(blocks, 4).draw(random.Random(1), "tlh", "document", "end") == []


def test_the_held_out_blocks_are_in_no_training_copy(blocks: list[Written]) -> None:
    held = {block.name for block in blocks if split_of(block.name) == "dev"}
    assert held
    assert len(held) < len(blocks) / 3
    lines = {line for name in held for line in name.split("\n") if len(line) > 30}
    rng = random.Random(1)
    seen = set()
    for number in range(150):
        document = labelled(f"town-{number}", *BODY)
        copy = mixing.mixed(rng, document, "copy", bank.bank("train"))
        seen |= {copy.text[span.start : span.end] for span in copy.spans}
    assert not seen & lines
    trained = {text for block in blocks if block.name not in held for _, text in block.lines}
    assert len(seen & trained) > 50


def test_a_copy_keeps_the_article_and_labels_the_blocks_as_they_are(blocks: list[Written]) -> None:
    labels = {text.strip(): category for block in blocks for category, text in block.lines}
    rng = random.Random(3)
    for number in range(50):
        document = labelled(f"town-{number}", *BODY)
        copy = mixing.mixed(rng, document, "copy", bank.bank("train"))
        kept = [copy.text[s.start : s.end] for s in copy.spans if s.label == ARTICLE]
        assert kept == [text for _, text in BODY]
        for span in copy.spans:
            text = copy.text[span.start : span.end]
            if text in labels and len(text) > 30:
                assert span.label == labels[text]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 2"),
        ('{"language": "en", "place": "end"}', "fragments"),
        ('{"language": "en", "place": "end", "fragments": [["article", "x"]]}', "article"),
        ('{"language": "en", "place": "top", "fragments": [["notice", "x"]]}', "top"),
        ('{"language": "en", "place": "end", "fragments": [""]}', "no text"),
    ],
)
def test_a_broken_line_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, complaint: str
) -> None:
    good = {"language": "en", "place": "end", "fragments": [["notice", "All rights reserved"]]}
    (tmp_path / "some.jsonl").write_text(json.dumps(good) + "\n" + line + "\n", encoding="utf-8")
    monkeypatch.setattr(bank, "BLOCKS", tmp_path)
    with pytest.raises(DataError, match=r"some\.jsonl, line 2") as raised:
        bank.read()
    assert complaint in str(raised.value)


def test_laid_out_blocks_have_a_span_a_line(blocks: list[Written]) -> None:
    for block in blocks:
        _, spans = laid_out(block.lines)
        assert len(spans) == sum(bool(text.strip()) for _, text in block.lines)
