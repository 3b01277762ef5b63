"""A look says at once what the fragments say that it would make."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.document import CATEGORIES, Fragment
from cleaner.looks import Counts
from tests.conftest import Texts

LINES = st.sampled_from(
    ["The ferry left the old harbour at six.", "Share on Facebook", "", "Tags: sea, ferry", "漢字"]
)


def counts_of(fragments: Sequence[Fragment]) -> Counts:
    """What a look at these fragments must count."""
    lines, characters, weight = [0] * len(CATEGORIES), [0] * len(CATEGORIES), 0.0
    for one in fragments:
        at = 0 if one.keep else CATEGORIES.index(one.category)
        lines[at] += 1
        characters[at] += one.end - one.start
        weight += (one.end - one.start) * one.score
    return Counts(lines, characters, weight)


@given(st.lists(st.lists(LINES, max_size=12).map("\n".join), max_size=5))
def test_a_look_agrees_with_clean_and_inspect(texts: list[str]) -> None:
    cleaner = Cleaner(mode="thorough")
    looks = list(cleaner.looks(texts))
    assert [look.body for look in looks] == list(cleaner.clean_batch(texts))
    fragments = list(cleaner.inspect_batch(texts))
    assert [look.fragments() for look in looks] == fragments
    for look, some in zip(looks, fragments, strict=True):
        lines, characters, weight = counts_of(some)
        assert (look.counts.lines, look.counts.characters) == (lines, characters)
        assert abs(look.counts.weight - weight) < 1e-6


def test_what_a_page_of_spam_counts(cleaner: Cleaner, texts: Texts) -> None:
    (look,) = cleaner.looks([texts.page])
    fragments = look.fragments()
    assert look.counts.lines[0] == sum(one.keep for one in fragments)
    assert sum(look.counts.lines) == len(fragments)
    assert sum(look.counts.lines[1:]) == len(texts.spam)
