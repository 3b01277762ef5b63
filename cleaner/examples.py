"""Labelled documents as the numbers that a model learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cleaner.dataset import OTHER, LabelledDocument
from cleaner.document import CATEGORIES
from cleaner.evaluation import TOKEN
from cleaner.features import BUCKETS, Floats, grams, line_keys, looks, view, words
from cleaner.recipe import Recipe
from cleaner.setting import settings
from cleaner.splitting import Batch, Ints, assemble, split_lines

#: Documents are laid into batches of so many for feature extraction; nothing depends on it.
DOCUMENTS_AT_ONCE = 64


@dataclass(frozen=True)
class Examples:
    """All fragments of a training set in order, with what is known of them.

    ngrams: (fragments, BUCKETS), sparse; shape: (fragments, shapes); label: index in
    `CATEGORIES`, -1 for `OTHER`, -2 unclear; region: 0 article, 1 before it, 2 within, 3 after it,
    -1 unknown; tokens: words of the fragment; document, first: as in a batch; weight: per
    fragment; fold: per fragment.
    """

    ngrams: Any
    shape: Floats
    label: Ints
    region: Ints
    tokens: Ints
    document: Ints
    first: Ints
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


def ngram_matrix(batch: Batch) -> Any:
    """The scaled n-gram counts of every fragment, as `features.gathered` weighs them; CSR."""
    from scipy import sparse

    seen = view(batch)
    found = grams(seen, words(seen))
    total = None
    for buckets, start in found.parts:
        ones = np.ones(buckets.size, np.float32)
        ones[buckets == 0] = 0
        shape = (len(batch), BUCKETS)
        part = sparse.csr_matrix((ones, buckets.astype(np.int32), start), shape=shape)
        total = part if total is None else total + part
    scaled = sparse.csr_matrix(sparse.diags(found.scale) @ total, dtype=np.float32)
    scaled.eliminate_zeros()
    return scaled


def examples_of(documents: Sequence[LabelledDocument], recipe: Recipe) -> Examples:
    from scipy import sparse

    matrices, shapes, labels, tokens, first = [], [], [], [], [np.zeros(1, np.int64)]
    for begin in range(0, len(documents), DOCUMENTS_AT_ONCE):
        some = documents[begin : begin + DOCUMENTS_AT_ONCE]
        batch, named = labelled_batch(some)
        seen = view(batch)
        told = words(seen)
        looked = looks(batch, seen, told)
        matrices.append(ngram_matrix(batch))
        shapes.append(
            np.concatenate([looked, settings(batch, told, line_keys(seen), looked)], axis=1)
        )
        labels += [_label_index(label) for label in named]
        tokens += [
            sum(1 for _ in TOKEN.finditer(document.text, span.start, span.end))
            for document in some
            for span in document.spans
        ]
        first.append(first[-1][-1] + batch.first[1:])
    starts = np.concatenate(first)
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
        ngrams=sparse.vstack(matrices).tocsr(),
        shape=np.concatenate(shapes),
        label=label,
        region=_regions(label, starts),
        tokens=count,
        document=document,
        first=starts,
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
