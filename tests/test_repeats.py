"""Counts of lines across a corpus: what they count, how they add up, and what they change."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner, InputError, OptionError
from cleaner.features import line_keys, view
from cleaner.model import Model
from cleaner.model_file import save
from cleaner.repeats import CLASSES, Counts, classes, shifted
from cleaner.splitting import split_lines


@pytest.fixture(scope="module")
def model(chance_model: Callable[..., Model]) -> Model:
    return chance_model()


PROSE = (
    "The ferry to the island leaves twice a day in summer, and in winter only when the captain "
    "has looked at the sky and found nothing in it that he does not like."
)
SLOGAN = "The Lantern, your window on the harbour"


def others_of(counts: Counts, text: str, host: str | None = None) -> list[int]:
    batch = split_lines([text])
    hosts = None if host is None else [host]
    return counts.others(line_keys(view(batch)), batch.document, hosts).tolist()


def test_a_line_is_counted_once_a_document() -> None:
    counts = Counts()
    counts.add([f"{SLOGAN}\n{PROSE}\n{SLOGAN}", f"{SLOGAN}\nAnother text", "A third"])
    assert counts.documents == 3
    assert others_of(counts, f"{SLOGAN}\n{PROSE}\nA third") == [1, 0, 0]


def test_bullets_case_and_marks_make_no_difference() -> None:
    counts = Counts()
    counts.add([f"- {SLOGAN.upper()}!", f"• {SLOGAN}", SLOGAN])
    assert others_of(counts, SLOGAN) == [2]


def test_what_stands_nowhere_counts_nothing() -> None:
    counts = Counts()
    counts.add([SLOGAN] * 4)
    assert others_of(counts, f"{PROSE}\n***\n") == [0, 0]


def test_sites_are_counted_apart() -> None:
    counts = Counts()
    counts.add([SLOGAN] * 5, ["lantern.example"] * 4 + ["other.example"])
    assert others_of(counts, SLOGAN, "Lantern.example") == [3]
    assert others_of(counts, SLOGAN, "other.example") == [0]
    assert others_of(counts, SLOGAN, "third.example") == [0]


TEXTS = st.lists(
    st.lists(st.sampled_from([SLOGAN, PROSE, "Home", "12", "§§", "第一行", ""]), max_size=6).map(
        "\n".join
    ),
    max_size=8,
)


@given(TEXTS, st.integers(0, 8))
def test_parts_add_up_in_any_order(texts: list[str], at: int) -> None:
    whole, left, right = Counts(), Counts(), Counts()
    whole.add(texts)
    left.add(texts[:at])
    right.add(texts[at:])
    right.merge(left)
    assert right.documents == whole.documents
    for text in (SLOGAN, PROSE, "Home", "12", "第一行"):
        expected = sum(text in other.split("\n") for other in texts)
        assert others_of(whole, text) == others_of(right, text) == [max(expected - 1, 0)]


def test_saved_and_loaded(tmp_path: Path) -> None:
    counts = Counts()
    counts.add([SLOGAN] * 3)
    counts.save(tmp_path / "counts.npz")
    again = Counts.load(tmp_path / "counts.npz")
    assert again.documents == 3
    assert others_of(again, SLOGAN) == [2]


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "counts.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"counts\.npz: no counts"):
        Counts.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.npz"):
        Counts.load(tmp_path / "none.npz")


def test_a_model_is_no_file_of_counts(tmp_path: Path, model: Model) -> None:
    save(model, tmp_path / "model.npz")
    with pytest.raises(InputError, match="no counts"):
        Counts.load(tmp_path / "model.npz")


def test_classes_rise_with_the_counts() -> None:
    found = classes(np.array([0, *CLASSES, 10_000]))
    assert found.tolist() == [0, *range(1, len(CLASSES) + 1), len(CLASSES)]


def test_scores_are_shifted_by_length_and_class(model: Model) -> None:
    scores = model.scores([f"{SLOGAN}\n{PROSE}\n{PROSE} {PROSE}"])
    shifts = [[0, -1, -1, -1, -1, -1], [0, -2, -2, -2, -2, -3]]
    found = shifted(scores, np.array([1, 0, 99]), shifts)
    odds = np.log(scores.article / (1 - scores.article)) + np.array([-1, 0, -3])
    assert np.allclose(found.article, 1 / (1 + np.exp(-odds)), atol=2e-5)
    assert found.article[1] == scores.article[1]
    assert np.array_equal(found.categories, scores.categories)


def test_what_the_shipped_model_has_learned_speaks_against_repeated_lines(cleaner: Cleaner) -> None:
    learned = cleaner.model.repeats
    assert len(learned) == 2
    for row in learned:
        assert len(row) == 1 + len(CLASSES)
        assert row[0] == 0
        assert row == sorted(row, reverse=True)
        assert row[-1] < 0


PAGES = [
    f"{SLOGAN}\nA story of harbour number {number}\n{PROSE} It is day {number}.\n"
    "Readers of The Lantern have saved the lighthouse twice, and they may yet be asked again, "
    "for the sea has not signed anything, and the council has not either."
    for number in range(30)
]


def test_a_corpus_that_was_counted_is_judged_by_it(cleaner: Cleaner) -> None:
    counts = Counts()
    counts.add(PAGES)
    told = Cleaner(repeats=counts)
    alone, counted = cleaner.inspect(PAGES[7]), told.inspect(PAGES[7])
    assert [one.text for one in alone] == [one.text for one in counted]
    for number, repeated in enumerate([True, False, False, True]):
        if repeated:
            assert counted[number].score < alone[number].score
        else:
            assert counted[number].score == alone[number].score
    other = Cleaner(repeats=Counts())
    assert other.inspect(PAGES[7]) == alone


def test_hosts_say_where_texts_are_from(cleaner: Cleaner) -> None:
    counts = Counts()
    counts.add(PAGES, ["lantern.example"] * len(PAGES))
    told = Cleaner(repeats=counts)
    here, elsewhere = told.inspect_batch([PAGES[3]] * 2, ["lantern.example", "else.example"])
    assert here[0].score < elsewhere[0].score
    assert elsewhere == cleaner.inspect(PAGES[3])
    bodies = list(told.clean_batch([PAGES[3]] * 2, ["lantern.example", "else.example"]))
    assert bodies[1] == cleaner.clean(PAGES[3])


def test_a_host_for_each_text_is_needed() -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        list(Cleaner(repeats=Counts()).inspect_batch(PAGES, ["lantern.example"]))


def test_a_cleaner_with_a_file_of_counts_pickles_small(tmp_path: Path) -> None:
    counts = Counts()
    counts.add(PAGES)
    counts.save(tmp_path / "counts.npz")
    told = Cleaner(repeats=tmp_path / "counts.npz")
    packed = pickle.dumps(told)
    assert len(packed) < 1000
    assert pickle.loads(packed).inspect(PAGES[7]) == told.inspect(PAGES[7])


def test_a_model_that_has_not_learned_from_repeats_says_so(model: Model) -> None:
    unlearned = dataclasses.replace(model, header=model.header | {"repeats": []})
    with pytest.raises(OptionError, match="repeats"):
        Cleaner(unlearned, repeats=Counts())
