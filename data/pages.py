"""Pages of HTML with their hand-made text: read, put into parts, and their lines labelled."""

from __future__ import annotations

import difflib
import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cleaner.dataset import TOKEN

#: What is learned from and chosen by, and what is reported on; no page is in both.
PARTS = ("tuning", "reporting")

#: The name of the corpora's set.
NAME = "html-dev.jsonl.gz"

#: Matches of fewer tokens are chance, unless they are a line as a whole.
_LEAST = 3


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A page and what a person took for its article."""

    id: str
    html: str
    gold: str

    @property
    def origin(self) -> str:
        """The collection it is of."""
        return self.id.partition("/")[0].removesuffix("-dev")

    @property
    def part(self) -> str:
        """Which of `PARTS` it is in: by a hash of its id, so that no list has to be kept."""
        return PARTS[hashlib.sha256(self.id.encode()).digest()[0] % 2]


def read_pages(path: Path) -> Iterator[GoldPage]:
    """The pages of a file, or of all the `.jsonl` and `.jsonl.gz` files of a folder that hold any.

    One JSON object a line: "id", "html", "gold". What has no "html" is passed over.
    """
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.name.endswith((".jsonl", ".jsonl.gz")):
                yield from read_pages(file)
        return
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as lines
    ):
        for line in lines:
            record = json.loads(line)
            if "html" not in record or "gold" not in record:
                break
            yield GoldPage(str(record.get("id", "")), record["html"], record["gold"])


def matched(lines: Sequence[str], gold: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each line how many tokens are in the gold text, by an ordered alignment, and how many
    there are; both of shape (lines,).
    """
    tokens = [TOKEN.findall(line.lower()) for line in lines]
    count = np.array([len(words) for words in tokens], np.int64)
    line_of = np.repeat(np.arange(len(lines)), count)
    flat = [word for words in tokens for word in words]
    hits = np.zeros(len(lines), np.int64)
    aligned = difflib.SequenceMatcher(None, flat, TOKEN.findall(gold.lower()), autojunk=False)
    for start, _, size in aligned.get_matching_blocks():
        if size >= _LEAST or (size and size == count[line_of[start]]):
            np.add.at(hits, line_of[start : start + size], 1)
    return hits, count
