"""The held-out documents that the systems are compared on, set by set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from cleaner import dataset
from cleaner.dataset import LabelledDocument
from data.build import held_out

#: The sets of the corpora: whole pages, what extractors leave, and the page's other renderings.
CORPORA = (
    "gold-plain",
    "gold-resiliparse-main",
    "gold-trafilatura-recall",
    "silver-plain",
    "gold-inscriptis",
    "gold-text-nodes",
)


def dev_sets(
    corpora: Path | None, limit: int | None = None
) -> Iterator[tuple[str, list[LabelledDocument]]]:
    """Each set's name and its "dev" documents, at most `limit`; without corpora, our own alone."""
    yield "documents", _named("documents", held_out(None), limit)
    for name in CORPORA if corpora is not None else ():
        assert corpora is not None
        documents = dataset.read([corpora / f"{name}.jsonl.gz"])
        yield name, _named(name, (d for d in documents if d.split == "dev" and d.spans), limit)


def _named(
    name: str, documents: Iterator[LabelledDocument], limit: int | None
) -> list[LabelledDocument]:
    return [replace(document, origin=name) for document in islice(documents, limit)]
