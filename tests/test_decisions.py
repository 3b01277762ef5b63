"""From probabilities to keep or strip: modes, categories asked for, documents spared or emptied."""

from __future__ import annotations

import numpy as np
import pytest

from cleaner.decisions import MODES, REASONS, Options, decide
from cleaner.document import CATEGORIES, STRIPPED_CATEGORIES, Fragment
from cleaner.errors import CleanerError, OptionError
from cleaner.model import CLARITY, Scores, Thresholds
from cleaner.reporting import Stats
from cleaner.splitting import split_lines
from tests.test_looks import counts_of

KEPT = "article"
STRIPPED = "not article"
ASKED = "category kept on request"
SPARED = "kept: little in this document looks like an article"
NOTHING = "nothing in this document looks like an article"

BANDS = len(CLARITY) + 1
LEVELS = {"gentle": [0.1] * BANDS, "balanced": [0.3] * BANDS, "thorough": [0.6] * BANDS}
UNTOUCHED = "kept: too little in this document looks like boilerplate"


def learned(levels: dict[str, list[float]], evidence: float = -1e9) -> Thresholds:
    return Thresholds(levels, dict.fromkeys(MODES, evidence))


Line = tuple[float, str]


def scores_of(*documents: list[Line]) -> Scores:
    """Scores of documents of ten-character lines, each line its score and likeliest category."""
    batch = split_lines(["\n".join(["x" * 10] * len(lines)) for lines in documents])
    lines = [line for document in documents for line in document]
    categories = np.full((len(lines), len(STRIPPED_CATEGORIES)), 0.01, np.float32)
    for row, (_, name) in enumerate(lines):
        categories[row, STRIPPED_CATEGORIES.index(name)] = 0.9
    article = np.array([score for score, _ in lines], np.float32)
    return Scores(batch, article, categories, np.zeros(len(lines), np.uint64))


def verdicts(
    *documents: list[Line],
    mode: str = "balanced",
    keep: tuple[str, ...] = (),
    evidence: float = -1e9,
) -> list[tuple[bool, str, str]]:
    found = decide(scores_of(*documents), learned(LEVELS, evidence), Options(mode, keep))
    return [
        (bool(kept), CATEGORIES[category], REASONS[reason])
        for kept, category, reason in zip(found.keep, found.category, found.reason, strict=True)
    ]


PAGE: list[Line] = [(0.9, "toc"), (0.5, "share"), (0.2, "caption"), (0.05, "toc"), (0.3, "notice")]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("gentle", [True, True, True, False, True]),
        ("balanced", [True, True, False, False, True]),
        ("thorough", [True, False, False, False, False]),
    ],
)
def test_modes(mode: str, expected: list[bool]) -> None:
    found = verdicts(PAGE, mode=mode)
    assert [keep for keep, _, _ in found] == expected
    for (keep, category, reason), (_, likeliest) in zip(found, PAGE, strict=True):
        assert category == ("article" if keep else likeliest)
        assert reason == (KEPT if keep else STRIPPED)


def test_every_mode_is_tried_above() -> None:
    assert MODES == ("gentle", "balanced", "thorough")


def test_categories_kept_on_request() -> None:
    found = verdicts(PAGE, keep=("caption", "share"))
    assert found[2] == (True, "caption", ASKED)
    assert found[3] == (False, "toc", STRIPPED)
    assert found[1] == (True, "article", KEPT)


def test_asking_for_all_keeps_all() -> None:
    assert all(keep for keep, _, _ in verdicts(PAGE, keep=STRIPPED_CATEGORIES))


def test_a_document_that_would_be_emptied_is_judged_gently() -> None:
    lines: list[Line] = [(0.2, "toc"), (0.05, "share"), (0.29, "toc")]
    assert verdicts(lines) == [
        (True, "article", SPARED),
        (False, "share", STRIPPED),
        (True, "article", SPARED),
    ]


def test_a_document_is_spared_in_every_mode() -> None:
    for mode in MODES:
        assert [keep for keep, _, _ in verdicts([(0.2, "toc")], mode=mode)] == [True]


def test_an_emptied_document_says_so() -> None:
    for mode in MODES:
        assert verdicts([(0.05, "toc"), (0.01, "share")], mode=mode) == [
            (False, "toc", NOTHING),
            (False, "share", NOTHING),
        ]


def test_documents_are_judged_apart() -> None:
    good: list[Line] = [(0.95, "toc"), (0.2, "share")]
    spared: list[Line] = [(0.2, "toc")]
    emptied: list[Line] = [(0.01, "toc")]
    whole = verdicts(good, [], spared, emptied, good)
    assert whole == [
        *verdicts(good),
        *verdicts(spared),
        *verdicts(emptied),
        *verdicts(good),
    ]
    assert [reason for _, _, reason in whole] == [KEPT, STRIPPED, SPARED, NOTHING, KEPT, STRIPPED]


def test_no_documents() -> None:
    assert verdicts() == []
    assert verdicts([], []) == []


def test_what_is_kept_on_request_in_a_document_without_article() -> None:
    lines: list[Line] = [(0.01, "toc"), (0.01, "caption")]
    found = verdicts(lines, keep=("caption",))
    assert [keep for keep, _, _ in found] == [False, True]
    assert found[1] == (True, "caption", ASKED)
    stats = Stats()
    fragments = [
        Fragment("x" * 10, 11 * n, 11 * n + 10, category, 0.01, keep, reason)
        for n, (keep, category, reason) in enumerate(found)
    ]
    stats.add("page.txt", counts_of(fragments))
    # The caption is left: nobody may be told that nothing is.
    assert not any("nothing is left" in line for line in stats.summary())


def test_each_band_of_clarity_has_its_threshold() -> None:
    levels = {
        mode: [0.001 * (1 + band) * (1 + rank) for band in range(BANDS)]
        for rank, mode in enumerate(MODES)
    }
    levels["balanced"] = [0.2] * (BANDS - 1) + [0.6]
    clear: list[Line] = [(1.0, "toc")] * 99 + [(0.5, "share")]
    unclear: list[Line] = [(0.5, "share")] * 3
    found = decide(scores_of(clear, unclear), learned(levels), Options())
    # In a document that is nearly all article beyond doubt a middling line goes; else it stays.
    assert found.keep.tolist() == [True] * 99 + [False] + [True] * 3


# Options.


@pytest.mark.parametrize("mode", ["", "Balanced", "harsh"])
def test_an_unknown_mode(mode: str) -> None:
    with pytest.raises(OptionError, match="choose one of gentle, balanced, thorough"):
        Options(mode)


@pytest.mark.parametrize("keep", [("",), ("toc", "spam"), ("Caption",)])
def test_an_unknown_category(keep: tuple[str, ...]) -> None:
    with pytest.raises(OptionError, match=r"no category .*choose from link_list, toc"):
        Options(keep=keep)


def test_an_option_error_is_caught_as_either() -> None:
    assert issubclass(OptionError, CleanerError)
    assert issubclass(OptionError, ValueError)


def test_options_are_values() -> None:
    assert Options("gentle", ("toc",)) == Options("gentle", ("toc",))
    assert hash(Options()) == hash(Options("balanced", ()))


def test_a_document_with_too_little_evidence_is_left_alone() -> None:
    odds = float(np.log(0.8 / 0.2))
    one: list[Line] = [(0.95, "toc"), (0.2, "share")]
    two: list[Line] = [*one, (0.2, "toc")]
    found = verdicts(one, two, evidence=1.5 * odds)
    assert found[:2] == [(True, "article", KEPT), (True, "article", UNTOUCHED)]
    assert [keep for keep, _, _ in found[2:]] == [True, False, False]


def test_evidence_is_asked_for_by_mode() -> None:
    lines: list[Line] = [(0.95, "toc"), (0.05, "share")]
    scores = scores_of(lines)
    limits = Thresholds(LEVELS, {"gentle": 9.0, "balanced": 1.0, "thorough": 1.0})
    assert decide(scores, limits, Options("gentle")).keep.all()
    assert not decide(scores, limits, Options("balanced")).keep.all()
