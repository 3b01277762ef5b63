"""In how many documents a line stands, across a site or a corpus, and what that tells of it."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import InputError
from cleaner.features import BUCKETS, PROSE_LENGTH
from cleaner.model import LINE_SCORES, Scores
from cleaner.network import sigmoid
from cleaner.setting import document_keys
from cleaner.splitting import Ints, split_lines
from cleaner.tally import tallied
from cleaner.writing import write_file

#: Bump when files of counts written by this version cannot be read as before.
FORMAT = 1

_ROWS, _BITS = 4, 20
_WIDTH = 1 << _BITS
_MULTIPLIERS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64
)
_MOST = np.iinfo(np.uint32).max

#: The fewest other documents that each class of counts begins with; fewer tell nothing.
CLASSES = (1, 2, 4, 8, 16)


class Counts:
    """Counts of lines by host in bounded memory: a count-min sketch of 16 MB.

    A line is counted once a document, by its letters and digits (`features.line_keys`). No count
    is too low; one is too high where all of a line's four cells are shared with other lines
    (Cormode and Muthukrishnan 2005, "An improved data stream summary: the count-min sketch").
    Sketches of parts of a corpus add up to that of the whole (`merge`), in any order.
    """

    def __init__(self) -> None:
        self._cells = np.zeros((_ROWS, _WIDTH), np.uint32)
        self.documents = 0

    def add(self, texts: Sequence[str], hosts: Sequence[str] | None = None) -> None:
        """Count the lines of the texts; hosts: where each is from, by default all from one."""
        self.count(lines_of(texts, hosts), len(texts))

    def count(self, lines: NDArray[np.uint64], documents: int) -> None:
        """Count what `lines_of` gave for so many documents."""
        for row, places in zip(self._cells, _places(lines), strict=True):
            found, times = np.unique(places, return_counts=True)
            row[found] += np.minimum(times, _MOST - row[found]).astype(np.uint32)
        self.documents += documents

    def merge(self, other: Counts) -> None:
        """Add what another part of the corpus has counted."""
        room = _MOST - self._cells
        self._cells += np.minimum(other._cells, room)
        self.documents += other.documents

    def others(
        self, keys: NDArray[np.uint64], document: Ints, hosts: Sequence[str] | None = None
    ) -> Ints:
        """In how many documents besides its own each fragment stands; (fragments,).

        keys: the fragments' `features.line_keys`; document: the document of each, of `hosts`. The
        documents are taken to be among those counted.
        """
        keys = _told_apart(keys, document, hosts)
        rows = zip(self._cells, _places(keys), strict=True)
        found = np.min([row[places] for row, places in rows], axis=0).astype(np.int64)
        out: Ints = np.where(keys == 0, 0, np.maximum(found - 1, 0))
        return out

    @property
    def digest(self) -> str:
        """What tells these counts from others, in hexadecimal."""
        return hashlib.blake2b(self._cells.tobytes(), digest_size=16).hexdigest()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the counts to one file, whole or not at all."""
        header = json.dumps({"cleaner": "repeats", "format": FORMAT, "documents": self.documents})
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer, header=np.frombuffer(header.encode(), np.uint8), cells=self._cells
        )
        write_file(Path(path), buffer.getvalue())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The counts in the file; raises `InputError` if it holds none or is damaged."""
        try:
            with Path(path).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                header: dict[str, Any] = json.loads(file["header"].tobytes())
                cells = file["cells"]
        except OSError as error:
            raise InputError(f"{os.fspath(path)}: {error.strerror or error}") from None
        except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            raise InputError(_bad(path)) from None
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            raise InputError(_bad(path))
        if cells.shape != (_ROWS, _WIDTH) or cells.dtype != np.uint32:
            raise InputError(_bad(path))
        out = cls()
        out._cells, out.documents = cells, int(header["documents"])
        return out


def _bad(path: str | os.PathLike[str]) -> str:
    return f"{os.fspath(path)}: no counts of this version; make them with 'cleaner repeats'"


def lines_of(texts: Sequence[str], hosts: Sequence[str] | None = None) -> NDArray[np.uint64]:
    """The lines of the texts as they are counted, each once a text; (lines,)."""
    batch = split_lines(list(texts))
    keys = _told_apart(tallied(batch, _no_table()).keys, batch.document, hosts)
    once = np.unique(document_keys(keys, batch.document), return_index=True)[1]
    told: NDArray[np.uint64] = keys[once]
    out: NDArray[np.uint64] = told[told != 0]
    return out


@functools.cache
def _no_table() -> NDArray[np.int8]:
    """A table without weights, where no scores are asked for."""
    return np.zeros((BUCKETS, len(LINE_SCORES)), np.int8)


def _told_apart(
    keys: NDArray[np.uint64], document: Ints, hosts: Sequence[str] | None
) -> NDArray[np.uint64]:
    """The keys told apart by host; 0 stays 0."""
    if hosts is None or not any(hosts):
        return keys
    salt = np.array([_salt(host) for host in hosts], np.uint64)[document]
    mixed = ((keys ^ salt) * _MULTIPLIERS[0]) | np.uint64(1)
    out: NDArray[np.uint64] = np.where((keys == 0) | (salt == 0), keys, mixed)
    return out


def _salt(host: str) -> int:
    """A number for the host; 0 for none, which is as good as not asking for hosts."""
    if not host:
        return 0
    name = hashlib.blake2b(host.casefold().encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(name.digest(), "little")


def _places(keys: NDArray[np.uint64]) -> list[Ints]:
    """Where each key's count lies in each row of the sketch; (keys,) a row."""
    out = []
    for multiplier in _MULTIPLIERS:
        mixed = (keys ^ (keys >> np.uint64(31))) * multiplier
        mixed ^= mixed >> np.uint64(29)
        mixed *= _MULTIPLIERS[1]
        out.append((mixed >> np.uint64(64 - _BITS)).astype(np.int64))
    return out


def host_of(url: str) -> str:
    """The host of a URL, by which lines are counted; empty where it names none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def classes(others: Ints) -> Ints:
    """The class of each count by `CLASSES`: 0 for lines that stand nowhere else; (fragments,)."""
    return np.digitize(others, CLASSES)


def shifted(scores: Scores, others: Ints, shifts: Sequence[Sequence[float]]) -> Scores:
    """The scores with what the counts say of each fragment.

    shifts: what is added to the log-odds of article, a row for fragments shorter than
    `PROSE_LENGTH` and one for the others, a number a class (`Model.repeats`).
    """
    batch = scores.batch
    prose = (batch.end - batch.start >= PROSE_LENGTH).astype(np.int64)
    change = np.array(shifts, np.float64)[prose, classes(others)]
    sure = np.clip(scores.article.astype(np.float64), 1e-6, 1 - 1e-6)
    odds = np.log(sure / (1 - sure)) + change
    article = np.where(change == 0, scores.article, sigmoid(odds.astype(np.float32)).round(5))
    return replace(scores, article=article.astype(np.float32))
