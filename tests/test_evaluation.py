"""Figures by hand, and against the project's reference scorer on the same documents."""

from __future__ import annotations

import dataclasses
import doctest
import importlib.util
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cleaner import snippets, tables, worst
from cleaner.dataset import LabelledDocument, Span, laid_out
from cleaner.document import ARTICLE, STRIPPED_CATEGORIES, Fragment
from cleaner.evaluation import evaluate, evaluate_modes
from cleaner.splitting import split_lines

SCORER = Path(__file__).parents[2] / "shared" / "score.py"


def document(name: str, lines: list[tuple[str, str]], origin: str = "towns") -> LabelledDocument:
    text, spans = laid_out(lines)
    return LabelledDocument(name, origin, "en", "", "dev", text, spans)


def fragment(text: str, line: str, score: float, keep: bool, category: str) -> Fragment:
    start = text.index(line)
    return Fragment(line, start, start + len(line), category, score, keep, "")


ONE = document(
    "one",
    [
        (ARTICLE, "one two three four"),  # kept
        (ARTICLE, "five six"),  # lost
        ("toc", "seven eight nine"),  # stripped as what it is
        ("share", "ten"),  # stripped as something else
        ("other", "eleven"),  # kept
        ("", ""),
    ],
)
TWO = document("two", [(ARTICLE, "one two"), ("lorem", "three four five")], "cities")
JUDGED = {
    ONE.text: [
        fragment(ONE.text, "one two three four", 0.9, True, ARTICLE),
        fragment(ONE.text, "five six", 0.2, False, "caption"),
        fragment(ONE.text, "seven eight nine", 0.1, False, "toc"),
        fragment(ONE.text, "ten", 0.15, False, "notice"),
        fragment(ONE.text, "eleven", 0.7, True, ARTICLE),
    ],
    TWO.text: [
        fragment(TWO.text, "one two", 0.8, True, ARTICLE),
        fragment(TWO.text, "three four five", 0.05, False, "lorem"),
    ],
}


def judged(texts: Iterable[str]) -> Iterable[list[Fragment]]:
    return (JUDGED[text] for text in texts)


def test_figures_by_hand() -> None:
    report = evaluate([ONE, TWO], judged)
    assert list(report.sets) == ["cities", "towns", "all"]
    towns = report.sets["towns"]
    assert towns.documents == 1
    assert towns.lost == pytest.approx(2 / 6)
    assert towns.stripped == pytest.approx(4 / 5)
    assert towns.f1 == pytest.approx(2 * 4 / (2 * 4 + 2 + 1)) == pytest.approx(towns.mean_f1)
    assert towns.keep_all_f1 == pytest.approx(2 * 6 / (2 * 6 + 5))
    # One per cent of the article tokens is lost at 0.2: below it are 3 + 1 of the 5 others.
    assert towns.at_1_percent == pytest.approx(4 / 5)
    assert towns.perfect == 0
    assert towns.category == pytest.approx(1 / 2)
    cities = report.sets["cities"]
    assert (cities.lost, cities.stripped, cities.f1, cities.perfect) == (0, 1, 1, 1)
    assert cities.at_1_percent == 1
    whole = report.sets["all"]
    assert whole.documents == 2
    assert whole.lost == pytest.approx(2 / 8)
    assert whole.stripped == pytest.approx(7 / 8)
    assert whole.f1 == pytest.approx(2 * 6 / (2 * 6 + 2 + 1))
    assert whole.mean_f1 == pytest.approx((8 / 11 + 1) / 2)
    assert whole.perfect == pytest.approx(1 / 2)
    assert whole.category == pytest.approx(2 / 3)
    assert report.categories == {
        ARTICLE: (8, pytest.approx(2 / 8), None),
        "toc": (3, 1, 1),
        "share": (1, 1, 0),
        "lorem": (3, 1, 1),
        "other": (1, 0, None),
    }
    assert report.confusion == {
        ARTICLE: {"caption": 1},
        "toc": {"toc": 1},
        "share": {"notice": 1},
        "lorem": {"lorem": 1},
    }


def test_the_report_for_people_and_machines() -> None:
    report = evaluate([ONE, TWO], judged)
    lines = list(report.lines())
    assert lines[0].split()[:4] == ["set", "docs", "lost", "stripped"]
    assert lines[2].split() == [
        "towns", "1", "0.3333", "0.8000", "0.7273", "0.7273", "0.7059", "0.8000", "0.0000", "0.500",
        "0", "0",
    ]  # fmt: skip
    again = json.loads(json.dumps(report.as_dict()))
    assert again["sets"]["towns"]["lost"] == pytest.approx(2 / 6)
    assert again["categories"]["toc"] == {"tokens": 3, "stripped": 1.0, "right": 1.0}
    assert again["confusion"]["share"] == {"notice": 1}
    assert again["languages"]["en"] == again["sets"]["all"]
    assert again["renderings"] == again["snippets"] == {}
    assert set(again["calibration"]) == set(again["sets"])


def test_the_figures_hold_no_text_and_no_name_of_a_document() -> None:
    secret = dataclasses.replace(ONE, id="the-secret-page", must_stay=("five six",))
    told = evaluate_modes([secret], by_mode, ("none",), most=9)["none"]
    assert "the-secret-page" in json.dumps(told.worst_as_dict())
    assert "five six" in json.dumps(told.worst_as_dict())
    assert "secret" not in json.dumps(told.as_dict())
    assert "five six" not in json.dumps(told.as_dict())


# Groups of documents, and documents as a whole.


def test_renderings_and_languages_are_told_where_they_are_given() -> None:
    one = dataclasses.replace(ONE, rendering="plain", language="de")
    two = dataclasses.replace(TWO, rendering="main", language="")
    report = evaluate([one, two], judged)
    assert list(report.renderings) == ["main", "plain"]
    assert report.renderings["plain"] == report.sets["towns"]
    assert report.renderings["main"] == report.sets["cities"]
    assert report.languages == {"de": report.sets["towns"]}


def whole(keep: bool, text: str = "one two three") -> list[Fragment]:
    return [fragment(text, text, 0.3, keep, ARTICLE if keep else "toc")]


def test_emptied_is_a_document_with_an_article_and_nothing_left() -> None:
    told = document("a", [(ARTICLE, "one two three")])
    spam = document("b", [("toc", "one two three")])
    report = evaluate([told, spam], lambda texts: (whole(False) for _ in texts))
    assert report.sets["towns"].emptied == 1
    report = evaluate([told, spam], lambda texts: (whole(True) for _ in texts))
    assert report.sets["towns"].emptied == 0


def test_altered_is_a_clean_document_that_does_not_come_out_as_it_should() -> None:
    clean = document("a", [(ARTICLE, "one two three")])
    glued = document("b", [(ARTICLE, "one two"), (f"+{ARTICLE}", "three four")])
    spam = document("c", [(ARTICLE, "one two three"), ("toc", "four")])
    unclear = dataclasses.replace(clean, spans=(Span(0, 13, None),))

    def altered(told: LabelledDocument, fragments: list[Fragment]) -> int:
        return evaluate([told], lambda texts: (fragments for _ in texts)).sets["towns"].altered

    def cut(text: str, *lines: str) -> list[Fragment]:
        return [fragment(text, line, 0.9, True, ARTICLE) for line in lines]

    assert altered(clean, whole(True)) == 0
    assert altered(clean, whole(False)) == 1
    assert altered(clean, cut(clean.text, "one", "two three")) == 1  # a line break is put in
    assert altered(glued, cut(glued.text, "one two", "three four")) == 0  # as the labels ask
    assert altered(glued, cut(glued.text, glued.text)) == 1
    assert altered(spam, whole(False)) == altered(unclear, whole(False)) == 0


def test_snippets_alone_are_no_set_and_beside_labels_count_too() -> None:
    bare = LabelledDocument("x", "checks", "", "", "dev", "one\ntwo\nthree four", ())
    bare = dataclasses.replace(bare, must_stay=("one",), must_go=("two", "three four"))
    fragments = [
        fragment(bare.text, "one", 0.9, True, ARTICLE),
        fragment(bare.text, "two", 0.1, False, "toc"),
        fragment(bare.text, "three four", 0.8, True, ARTICLE),
    ]
    judged_bare = evaluate([bare], lambda texts: (fragments for _ in texts))
    assert judged_bare.sets == judged_bare.scored == {}
    found = judged_bare.snippets["checks"]
    assert (found.documents, found.stayed, found.must_stay) == (1, 1, 1)
    assert (found.gone, found.must_go) == (1, 2)
    assert found.f1 == pytest.approx(2 / 3)
    assert found.keep_all_f1 == pytest.approx(2 / 4)
    both = dataclasses.replace(ONE, must_go=("ten",))
    report = evaluate([both], judged)
    assert report.sets["towns"].documents == report.snippets["towns"].documents == 1
    assert report.snippets["towns"].gone == 1


# Modes side by side, and the worst documents.


def by_mode(texts: Iterable[str]) -> Iterator[dict[str, list[Fragment]]]:
    for text in texts:
        told = JUDGED[text]
        kept = [dataclasses.replace(one, keep=True, category=ARTICLE) for one in told]
        yield {
            "some": told,
            "all": kept,
            "none": [dataclasses.replace(one, keep=False) for one in told],
        }


def test_each_mode_has_the_report_that_it_has_alone() -> None:
    modes = ("some", "all", "none")
    together = evaluate_modes([ONE, TWO], by_mode, modes)
    assert tuple(together) == modes
    for mode in modes:
        alone = evaluate([ONE, TWO], lambda texts, mode=mode: (v[mode] for v in by_mode(texts)))
        assert together[mode].as_dict() == alone.as_dict()
    assert together["all"].sets["all"].stripped == 0
    assert together["none"].sets["all"].emptied == 2


def test_the_worst_documents_with_their_lines() -> None:
    reports = evaluate_modes([ONE, TWO], by_mode, ("some", "all", "none"), most=1)
    (lost,) = reports["some"].worst["lost"]
    assert (lost.id, lost.origin, lost.tokens, lost.count) == ("one", "towns", 2, 1)
    assert lost.lines == (("five six", 2, 0.2, ARTICLE, "caption"),)
    (kept,) = reports["some"].worst["kept"]
    assert [(line.text, line.tokens, line.label) for line in kept.lines] == [("eleven", 1, "other")]
    assert reports["some"].worst["emptied"] == reports["all"].worst["lost"] == ()
    assert [case.id for case in reports["none"].worst["emptied"]] == ["one"]
    assert [case.tokens for case in reports["all"].worst["kept"]] == [5]
    none = evaluate_modes([ONE, TWO], by_mode, ("some", "all", "none"))
    assert not any(cases for report in none.values() for cases in report.worst.values())


def test_documents_stream() -> None:
    alive = 0
    most = 0

    class Text(str):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def documents() -> Iterator[LabelledDocument]:
        nonlocal alive, most
        for number in range(1000):
            alive += 1
            most = max(most, alive)
            yield dataclasses.replace(ONE, id=str(number), text=Text(ONE.text))

    scores = evaluate(documents(), judged).sets["towns"]
    assert scores.documents == 1000
    assert most < 100


def test_one_set_alone_has_no_sum() -> None:
    assert list(evaluate([ONE], judged).sets) == ["towns"]


def test_nothing_to_judge() -> None:
    report = evaluate([], judged)
    assert sum(scores.documents for scores in report.sets.values()) == 0
    assert list(report.lines())


def test_unclear_lines_and_lines_without_tokens_do_not_count() -> None:
    text = "one two\n***\nthree"
    spans = (Span(0, 7, None), Span(8, 11, ARTICLE), Span(12, 17, ARTICLE))
    told = LabelledDocument("a", "s", "", "", "dev", text, spans)
    fragments = [
        fragment(text, "one two", 0.1, False, "toc"),
        fragment(text, "***", 0.1, False, "toc"),
        fragment(text, "three", 0.9, True, ARTICLE),
    ]
    scores = evaluate([told], lambda texts: (fragments for _ in texts)).sets["s"]
    assert (scores.lost, scores.perfect, scores.f1) == (0, 1, 1)


def test_a_line_cut_in_two_is_counted_token_by_token() -> None:
    text = "one two.Three four five"
    told = LabelledDocument("a", "s", "", "", "dev", text, (Span(0, len(text), ARTICLE),))
    pieces = [
        fragment(text, "one two.", 0.9, True, ARTICLE),
        fragment(text, "Three four five", 0.1, False, "toc"),
    ]
    scores = evaluate([told], lambda texts: (pieces for _ in texts)).sets["s"]
    assert scores.lost == pytest.approx(3 / 5)


def test_text_that_no_fragment_covers_is_lost() -> None:
    scores = evaluate([ONE], lambda texts: ([] for _ in texts)).sets["towns"]
    assert (scores.lost, scores.stripped) == (1, 1)


@pytest.mark.parametrize("room", [snippets, tables, worst])
def test_the_examples_of_the_rooms_hold(room: ModuleType) -> None:
    tried = doctest.testmod(room)
    assert tried.attempted > 0 == tried.failed


# The reference scorer.


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    if not SCORER.is_file():
        pytest.skip(f"no reference scorer at {SCORER}")
    made = importlib.util.spec_from_file_location("reference_scorer", SCORER)
    assert made is not None
    assert made.loader is not None
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    return module


WORDS = {
    "western": ["the", "Harbour", "was_closed,", "1987", "(for", "l'été);", "“co-op”", "3.5%"],
    "Han and kana": ["旧桥终于", "关闭了。", "「仕方がない」", "と住民は言う", "2019年"],
    "Cyrillic and Arabic": ["Понтонный", "мост", "разведут,", "أُغلق", "الجسر", "القديم."],
    "decomposed": ["cafe\u0301", "e\u0301te\u0301,", "no\u0308el", "a\u0300 la"],
    "Devanagari": ["पुराना", "पुल", "मंगलवार", "को", "बंद", "हुआ।"],
    "Thai": ["สะพานเก่า", "ปิดแล้ว", "เมื่อวันอังคาร"],
    "joiners": ["می\u200cخواهم", "👩\u200d👧", "नही\u200cं", "a\u200db"],
    "marks alone": ["***", "---", "|", "…", "•"],
}


def random_documents(words: list[str], seed: int) -> list[LabelledDocument]:
    rng = random.Random(seed)
    out = []
    for number in range(12):
        lines: list[Any] = [
            (
                rng.choice([ARTICLE, ARTICLE, "toc", "other"]),
                " ".join(rng.choices(words, k=rng.randint(1, 9))),
            )
            for _ in range(rng.randint(1, 9))
        ]
        made = document(f"{number}", lines)
        spans = tuple(
            span._replace(label=None) if rng.random() < 0.1 else span for span in made.spans
        )
        out.append(LabelledDocument(made.id, made.origin, "", "", "dev", made.text, spans))
    return out


def random_fragments(text: str, seed: int) -> list[Fragment]:
    """Verdicts by chance on the text's lines, some of them cut in two between words."""
    rng = random.Random(f"{seed} {text}")
    batch = split_lines([text])
    out = []
    for start, end in zip(batch.start.tolist(), batch.end.tolist(), strict=True):
        at = text.find(" ", start, end)
        cuts = [(start, at), (at + 1, end)] if at > 0 and rng.random() < 0.4 else [(start, end)]
        for begin, finish in cuts:
            score, keep = round(rng.random() ** 0.3, 5), rng.random() < 0.7
            name = rng.choice(STRIPPED_CATEGORIES)
            out.append(Fragment(text[begin:finish], begin, finish, name, score, keep, ""))
    return out


@pytest.mark.parametrize("name", WORDS)
def test_the_figures_are_those_of_the_reference_scorer(reference: ModuleType, name: str) -> None:
    documents = random_documents(WORDS[name], 5)
    ours = evaluate(documents, lambda texts: (random_fragments(text, 5) for text in texts))
    pairs = []
    for told in documents:
        by_line = {told.text.count("\n", 0, span.start): span.label for span in told.spans}
        lines = told.text.split("\n")
        labels = [by_line.get(number) for number in range(len(lines))]
        pairs.append((lines, [None if y is None else int(y == ARTICLE) for y in labels]))
    theirs = reference.score(
        pairs,
        lambda text: [(f.start, f.end, f.keep, f.score) for f in random_fragments(text, 5)],
    )
    found = ours.sets["towns"]
    assert found.documents == theirs["documents"]
    for mine, yours in {
        "lost": "lost",
        "stripped": "stripped",
        "f1": "F1",
        "mean_f1": "mean F1",
        "keep_all_f1": "keep-all F1",
        "at_1_percent": "@1%",
        "perfect": "perfect",
    }.items():
        assert getattr(found, mine) == pytest.approx(theirs[yours], abs=1e-12), yours
