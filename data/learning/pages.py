"""Labelled documents as the arrays that line scores and encoders are learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.dataset import LabelledDocument
from cleaner.document import STRIPPED_CATEGORIES
from cleaner.examples import Examples, batches
from cleaner.features import Floats, Grams, grams, view, words
from cleaner.model import LINE_SCORES
from cleaner.setting import shapes
from cleaner.splitting import Ints


@dataclass(slots=True)
class Page:
    """One document's fragments.

    buckets: the n-grams of all its fragments, grouped by fragment; counts: how many each has,
    (fragments,); scale: as in `Grams`; shape: (fragments, shapes); length: characters; label,
    region, weight: as in `Examples`; fold; scores: bounded line scores by a table that has not
    seen the document, (fragments, scores), once there are any.
    """

    buckets: NDArray[np.int32]
    counts: Ints
    scale: Floats
    shape: Floats
    length: Ints
    label: Ints
    region: Ints
    weight: Floats
    fold: int
    origin: str
    scores: Floats

    def __len__(self) -> int:
        return int(self.label.size)


def pages_of(documents: Sequence[LabelledDocument], examples: Examples) -> list[Page]:
    """The documents as pages, in order."""
    return list(_pages(documents, examples))


def _pages(documents: Sequence[LabelledDocument], examples: Examples) -> Iterator[Page]:
    number = 0
    for batch in batches(documents):
        seen = view(batch)
        told = words(seen)
        shape = shapes(batch, seen, told)
        found = grams(seen, told)
        buckets, bounds = _by_fragment(found)
        for one in range(batch.documents):
            begin, end = int(batch.first[one]), int(batch.first[one + 1])
            known = slice(int(examples.first[number]), int(examples.first[number + 1]))
            yield Page(
                buckets=buckets[bounds[begin] : bounds[end]],
                counts=np.diff(bounds[begin : end + 1]),
                scale=found.scale[begin:end],
                shape=shape[begin:end],
                length=(batch.end - batch.start)[begin:end],
                label=examples.label[known],
                region=examples.region[known],
                weight=examples.weight[known],
                fold=int(examples.fold[known][0]) if end > begin else 0,
                origin=documents[number].origin,
                scores=np.zeros((0, len(LINE_SCORES)), np.float32),
            )
            number += 1


def _by_fragment(found: Grams) -> tuple[NDArray[np.int32], Ints]:
    """All orders' buckets grouped by fragment, and where each fragment's begin."""
    fragments = found.scale.size
    owners, kept = [], []
    for buckets, start in found.parts:
        owner = np.repeat(np.arange(fragments, dtype=np.int32), np.diff(start))
        here = buckets[start[0] : start[-1]]
        owners.append(owner[here != 0])
        kept.append(here[here != 0].astype(np.int32))
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(fragments + 1))
    return np.concatenate(kept)[order], bounds


def steps(
    rng: np.random.Generator, pages: Sequence[Page], chosen: Ints, lines: int
) -> Iterator[list[Page]]:
    """The chosen pages in random order, about so many lines at a time."""
    some: list[Page] = []
    size = 0
    for number in rng.permutation(chosen).tolist():
        some.append(pages[number])
        size += len(pages[number])
        if size >= lines:
            yield some
            some, size = [], 0
    if some:
        yield some


def targets(label: Ints, region: Ints) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each line score what it is to find, and where it may learn; (fragments, scores) each."""
    wanted = [label == 0, *(region == number for number in (1, 2, 3))]
    known = [label >= -1, *([region >= 0] * 3)]
    wanted += [label == 1 + number for number in range(len(STRIPPED_CATEGORIES))]
    known += [label >= 0] * len(STRIPPED_CATEGORIES)
    return np.stack(wanted, axis=1), np.stack(known, axis=1)
