"""Texts against hand-made texts, by their tokens in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cleaner.dataset import TOKEN


@dataclass(frozen=True, slots=True)
class Score:
    """How texts agree with what they should be; tokens as in the project's reference scorer.

    f1, precision, recall: over the tokens of all pages, in order (the longest common subsequence
    of each page's); mean_f1: the mean of the pages' own.
    """

    f1: float
    precision: float
    recall: float
    mean_f1: float


def common(one: Sequence[str], two: Sequence[str]) -> int:
    """The length of the longest common subsequence.

    By whole rows of bits (Hyyrö 2004, "Bit-parallel LCS-length computation revisited"): a step
    for each token of the longer text, over a number of as many bits as the shorter has tokens.
    """
    if len(one) > len(two):
        one, two = two, one
    places: dict[str, int] = {}
    for number, token in enumerate(one):
        places[token] = places.get(token, 0) | 1 << number
    every = (1 << len(one)) - 1
    row = every
    for token in two:
        found = places.get(token)
        if found is not None:
            both = row & found
            row = ((row + both) | (row - both)) & every
    return len(one) - row.bit_count()


def scored(texts: Sequence[str], gold: Sequence[str]) -> Score:
    """The texts' figures; both are in the same order."""
    counts = []
    for text, wanted in zip(texts, gold, strict=True):
        got, asked = TOKEN.findall(text), TOKEN.findall(wanted)
        counts.append((common(got, asked), len(got), len(asked)))
    hits, got_all, asked_all = (sum(column) for column in zip(*counts, strict=True))
    own = [2 * hit / (got + asked) if got + asked else 1.0 for hit, got, asked in counts]
    return Score(
        f1=2 * hits / max(1, got_all + asked_all),
        precision=hits / max(1, got_all),
        recall=hits / max(1, asked_all),
        mean_f1=sum(own) / max(1, len(own)),
    )
