"""Documents into fragments: lines first, then the pieces of lines that a scraper glued together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner import kernel
from cleaner.characters import Kind, code_points, kind_table, kinds_of

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some documents laid end to end, a line feed after each, and their fragments in order.

    codes, kinds: shape (characters,); offsets: where each document starts in them, shape
    (documents + 1,). start, end: the fragments' spans in `codes` without outer whitespace; line:
    which line each stands on, counted through the whole batch; document: which document; all of
    shape (fragments,). first: the first fragment of each document, shape (documents + 1,).
    """

    codes: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    offsets: Ints
    start: Ints
    end: Ints
    line: Ints
    document: Ints
    first: Ints

    def __len__(self) -> int:
        return int(self.start.size)

    @property
    def documents(self) -> int:
        return int(self.offsets.size - 1)


def split_lines(texts: Sequence[str]) -> Batch:
    """Every visible line of every text as a fragment; line feed, CR and CRLF end a line."""
    codes = code_points("".join(text + "\n" for text in texts))
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) + 1 for text in texts], out=offsets[1:])
    if kernel.COMPILED is None:
        return assemble(codes, *_lines(codes, offsets))
    kinds = np.empty(codes.size, np.uint8)
    found = kernel.COMPILED.split(codes, offsets, kind_table(), kinds)
    start, end, line = (np.frombuffer(part, np.int64) for part in found)
    return assemble(codes, kinds, offsets, start, end, line)


def _lines(
    codes: NDArray[np.uint32], offsets: Ints
) -> tuple[NDArray[np.uint8], Ints, Ints, Ints, Ints]:
    """The twin of the compiled pass: kinds, offsets, and each visible line's start, end, number."""
    kinds = kinds_of(codes)
    # A lone CR at the very end of a document must not pair up with the line feed laid after it.
    last = offsets[1:] - 2
    last = last[last >= 0]
    kinds[last[codes[last] == 0x0D]] = Kind.NEWLINE
    breaks = np.flatnonzero(kinds == Kind.NEWLINE)
    visible = np.flatnonzero(kinds > Kind.SPACE)
    upto = np.searchsorted(visible, breaks)
    since = np.concatenate(([0], upto[:-1])) if upto.size else upto
    line = np.flatnonzero(upto > since)
    return kinds, offsets, visible[since[line]], visible[upto[line] - 1] + 1, line


def line_edges(batch: Batch) -> Ints:
    """Where every line of the batch begins, and where one after the last would; (lines + 1,)."""
    return np.append(0, np.flatnonzero(batch.kinds == Kind.NEWLINE) + 1)


def assemble(
    codes: NDArray[np.uint32],
    kinds: NDArray[np.uint8],
    offsets: Ints,
    start: Ints,
    end: Ints,
    line: Ints,
) -> Batch:
    """A `Batch` of the given fragments, with what follows from them filled in."""
    first = np.searchsorted(start, offsets)
    document = np.repeat(np.arange(offsets.size - 1), np.diff(first))
    return Batch(codes, kinds, offsets, start, end, line, document, first)


def cut(batch: Batch, fragment: Ints, left_end: Ints, right_start: Ints) -> Batch:
    """The batch with some fragments cut, each cut given in order; a fragment may have several.

    fragment: which one; left_end: where the left piece ends; right_start: where the right begins.
    """
    if not fragment.size:
        return batch
    start = np.insert(batch.start, fragment + 1, right_start)
    end = np.insert(batch.end, fragment, left_end)
    line = np.insert(batch.line, fragment, batch.line[fragment])
    return assemble(batch.codes, batch.kinds, batch.offsets, start, end, line)
