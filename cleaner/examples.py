"""Labelled documents as the fragments that a model learns from, and what is known of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.dataset import OTHER, TOKEN, LabelledDocument
from cleaner.document import CATEGORIES
from cleaner.features import Floats
from cleaner.recipe import Recipe
from cleaner.splitting import Batch, Ints, assemble, split_lines

#: Documents are laid into batches of so many for feature extraction; nothing depends on it.
DOCUMENTS_AT_ONCE = 64


@dataclass(frozen=True)
class Examples:
    """All fragments of a training set in order, with what is known of them.

    label: index in `CATEGORIES`, -1 for `OTHER`, -2 unclear; region: 0 article, 1 before it, 2
    within, 3 after it, -1 unknown; length, tokens: characters and words of the fragment; document,
    first: as in a batch; origin: of each document; weight: how much each fragment counts; fold: of
    each fragment.
    """

    label: Ints
    region: Ints
    length: Ints
    tokens: Ints
    document: Ints
    first: Ints
    origin: NDArray[np.str_]
    weight: Floats
    fold: Ints


def labelled_batch(documents: Sequence[LabelledDocument]) -> tuple[Batch, list[str | None]]:
    """The documents laid end to end, with their labelled fragments instead of split ones."""
    laid = split_lines([document.text for document in documents])
    spans = [
        (span.start + offset, span.end + offset, span.label)
        for document, offset in zip(documents, laid.offsets.tolist(), strict=False)
        for span in document.spans
    ]
    start = np.array([span[0] for span in spans], np.int64)
    end = np.array([span[1] for span in spans], np.int64)
    line = np.searchsorted(np.flatnonzero(laid.kinds == 0), start)
    batch = assemble(laid.codes, laid.kinds, laid.offsets, start, end, line)
    return batch, [span[2] for span in spans]


def batches(documents: Sequence[LabelledDocument]) -> Iterator[Batch]:
    """The documents' labelled fragments, so many documents at a time; nothing depends on it."""
    for begin in range(0, len(documents), DOCUMENTS_AT_ONCE):
        yield labelled_batch(documents[begin : begin + DOCUMENTS_AT_ONCE])[0]


def examples_of(documents: Sequence[LabelledDocument], recipe: Recipe) -> Examples:
    """What is known of every labelled fragment of the documents."""
    labels = [_label_index(span.label) for document in documents for span in document.spans]
    tokens = [
        sum(1 for _ in TOKEN.finditer(document.text, span.start, span.end))
        for document in documents
        for span in document.spans
    ]
    length = [span.end - span.start for document in documents for span in document.spans]
    starts = np.cumsum([0, *(len(document.spans) for document in documents)])
    label, count = np.array(labels, np.int64), np.array(tokens, np.int64)
    document = np.repeat(np.arange(len(documents)), np.diff(starts))
    fold = np.array([fold_of(d.id, recipe.folds) for d in documents], np.int64)
    origin_weight = dict(recipe.weights)
    own = np.array([origin_weight.get(d.origin, 1.0) for d in documents])
    # A page weighs as the square root of its text, however many renderings of it there are; its
    # spam-ridden copies are documents of their own, as far as their weight goes.
    weight = np.sqrt(count + 1.0) * (label >= -1)
    kinds = [f"{d.id} {d.origin if d.origin in origin_weight else ''}" for d in documents]
    groups = {name: number for number, name in enumerate(dict.fromkeys(kinds))}
    group = np.array([groups[name] for name in kinds], np.int64)[document]
    of_group = np.bincount(group, weight, minlength=len(groups))
    weight = weight / np.sqrt(of_group[group] + 1) * own[document]
    return Examples(
        label=label,
        region=_regions(label, starts),
        length=np.array(length, np.int64),
        tokens=count,
        document=document,
        first=starts,
        origin=np.array([d.origin for d in documents]),
        weight=(weight / weight[weight > 0].mean()).astype(np.float32),
        fold=fold[document],
    )


def _label_index(label: str | None) -> int:
    if label is None:
        return -2
    return -1 if label == OTHER else CATEGORIES.index(label)


def fold_of(identifier: str, folds: int) -> int:
    hashed = hashlib.blake2b(f"fold {identifier}".encode(), digest_size=8).digest()
    return int.from_bytes(hashed, "big") % folds


def _regions(label: Ints, first: Ints) -> Ints:
    region = np.full(label.size, -1, np.int64)
    for begin, end in zip(first[:-1].tolist(), first[1:].tolist(), strict=True):
        own = label[begin:end]
        article = np.flatnonzero(own == 0)
        if article.size:
            place = np.arange(end - begin)
            side = np.where(place < article[0], 1, np.where(place > article[-1], 3, 2))
            region[begin:end] = np.where(own == -2, -1, np.where(own == 0, 0, side))
    return region
