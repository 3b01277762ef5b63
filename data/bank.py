"""Written blocks of boilerplate, dealt out to the documents that they are put into."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaner.dataset import split_of
from cleaner.document import STRIPPED_CATEGORIES
from cleaner.errors import DataError
from cleaner.examples import fold_of
from cleaner.recipe import Recipe

BLOCKS = Path(__file__).with_name("blocks")

PLACES = ("start", "within", "end")
#: A block for any place is drawn for each of them.
ANYWHERE = "any"

Lines = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Written:
    """A block as it was written: lines of (category, text), and where such blocks stand."""

    language: str
    place: str
    lines: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return "\n".join(text for _, text in self.lines)


def read() -> list[Written]:
    """All blocks, in order; raises `DataError` with file and line number at a broken line."""
    out = []
    for path in sorted(BLOCKS.glob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    out.append(_written(json.loads(line)))
                except (ValueError, KeyError, TypeError) as error:
                    raise DataError(f"{path.name}, line {number}: {error}") from None
    return out


def _written(record: Mapping[str, Any]) -> Written:
    lines = tuple(
        (line[0], line[1]) if line and line[1].strip() else ("", "") for line in record["fragments"]
    )
    unknown = {category for category, text in lines if text} - set(STRIPPED_CATEGORIES)
    if unknown:
        raise ValueError(f"no such category: {', '.join(sorted(unknown))}")
    if not any(text.strip() for _, text in lines):
        raise ValueError("no text")
    if record["place"] not in (*PLACES, ANYWHERE):
        raise ValueError(f"no such place: {record['place']}")
    return Written(record["language"], record["place"], lines)


class Bank:
    """Blocks to draw from, by language, fold and place.

    A block goes only into documents of its own fold, so that what judges a document never saw its
    blocks either.
    """

    def __init__(self, blocks: Iterable[Written], folds: int) -> None:
        self.folds = folds
        self._by: dict[tuple[str, int, str], list[Written]] = {}
        for block in blocks:
            fold = fold_of(block.name, folds)
            for place in PLACES if block.place == ANYWHERE else (block.place,):
                self._by.setdefault((block.language, fold, place), []).append(block)

    def draw(self, rng: random.Random, language: str, document: str, place: str) -> Lines:
        """A block that may stand there in the document of that id; none, if none is known."""
        known = self._by.get((language, fold_of(document, self.folds), place), ())
        return list(rng.choice(known).lines) if known else []


@functools.cache
def bank(split: str) -> Bank:
    """The blocks of the split, "train" or "dev"; one in five is held out."""
    folds = Recipe().folds if split == "train" else 1
    return Bank((block for block in read() if split_of(block.name) == split), folds)
