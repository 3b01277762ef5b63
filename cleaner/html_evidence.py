"""What the markup says of each fragment of a page, beside what the text model says: numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.features import Floats
from cleaner.html_names import NAMES, TAGS
from cleaner.html_text import PageText
from cleaner.splitting import Batch, Ints

_Doubles = NDArray[np.float64]

#: How many of the blocks that a line stands in are looked at, the innermost first.
_LEVELS = 6

#: Log-odds beyond this say no more, and how many neighbours either side tell theirs.
_MOST_ODDS, _NEIGHBOURS = 7.0, 3

#: A core is the smallest block that holds so much of the page's expected article text.
_CORES = (0.5, 0.8)


def evidence_names() -> tuple[str, ...]:
    """What each of the numbers is, in order; fixes the meaning of what is learned of them."""
    steps = [step for n in range(1, _NEIGHBOURS + 1) for step in (-n, n)]
    levels = [f"{what}{level}" for level in range(_LEVELS) for what in _OF_BLOCK]
    cores = [f"core{share:.0%}.{what}" for share in _CORES for what in ("in", "mean", "away")]
    return (
        "odds", *(f"odds{step:+d}" for step in steps),
        "size", "link", "link-1", "link+1", "place", "article_before",
        "page_mean", "page_article", "page_fragments",
        "alike_mean", "alike_article", "alike_share",
        *levels, *cores,
        *(f"own.{name}" for name in NAMES), *(f"in.{name}" for name in (*NAMES, *TAGS)),
    )  # fmt: skip


#: Of a block: the mean probability of article of its text, the log of its expected article text
#: in characters, the share of the page's, the share of its text that is links.
_OF_BLOCK = ("mean", "article", "share", "link")


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The blocks and lines of several pages laid end to end, as `Page` has them.

    kind: a key for each block of its tag, names and page; root: the first block of each page;
    page: which page each block is of. place, link, mark: of lines.
    """

    parent: Ints
    first: Ints
    last: Ints
    own: Ints
    all: Ints
    kind: NDArray[np.uint64]
    root: Ints
    page: Ints
    place: Ints
    link: Ints
    mark: Ints


def _joined(parts: Iterable[Sequence[int]]) -> Ints:
    return np.fromiter(chain.from_iterable(parts), np.int64)


def _laid(texts: Sequence[PageText]) -> _Blocks:
    pages = [text.page for text in texts]
    blocks = np.array([len(page.tag) for page in pages])
    lines = np.array([len(page.lines) for page in pages])
    root, begin = np.cumsum(blocks) - blocks, np.cumsum(lines) - lines
    of_block = np.repeat(np.arange(len(pages)), blocks)
    own = _joined(page.own for page in pages)
    numbers: dict[str, int] = {}
    tags = chain.from_iterable(page.tag for page in pages)
    tag = np.array([numbers.setdefault(name, len(numbers)) for name in tags], np.uint64)
    parent = _joined(page.parent for page in pages) + root[of_block]
    kind = (own.astype(np.uint64) << np.uint64(8)) + tag
    # Two blocks are alike if they and what they are in bear the same tags and names.
    kind = (kind * _ODD + kind[parent]) * _ODD + of_block.astype(np.uint64)
    return _Blocks(
        parent=parent,
        first=_joined(page.first for page in pages) + begin[of_block],
        last=_joined(page.last for page in pages) + begin[of_block],
        own=own,
        all=_joined(page.all for page in pages),
        kind=kind,
        root=root,
        page=of_block,
        place=_joined(page.place for page in pages) + np.repeat(root, lines),
        link=_joined(page.link for page in pages),
        mark=_joined(page.mark for page in pages),
    )


#: Spreads keys over 64 bits (the golden ratio's fraction, as Knuth proposes).
_ODD = np.uint64(0x9E3779B97F4A7C15)


def _line_of_fragment(texts: Sequence[PageText], batch: Batch) -> Ints:
    """The line of all the pages' that each fragment is of."""
    rows = _joined(text.rows for text in texts)
    lines = [len(text.page.lines) for text in texts]
    begin = np.cumsum(lines) - lines
    return np.asarray(rows[batch.line] + begin[batch.document], np.int64)


def evidence(texts: Sequence[PageText], batch: Batch, article: Floats) -> Floats:
    """The numbers of each fragment; shape (fragments, len(evidence_names())).

    batch: the fragments of the texts; article: the text model's probabilities, (fragments,).
    """
    if not len(batch):
        return np.zeros((0, len(evidence_names())), np.float32)
    laid = _laid(texts)
    line = _line_of_fragment(texts, batch)
    place, page = laid.place[line], batch.document
    size = (batch.end - batch.start).astype(np.float64)
    expected = size * article
    link = np.minimum(1, laid.link / np.maximum(np.bincount(line, size, laid.place.size), 1))[line]
    upto = np.searchsorted(line, np.arange(laid.place.size + 1))

    def held(values: _Doubles) -> _Doubles:
        """The sum over each block's lines."""
        total = np.concatenate(([0.0], np.cumsum(values)))[upto]
        out: _Doubles = total[laid.last] - total[laid.first]
        return out

    sizes, masses = held(size), held(expected)
    means, links = _ratio(masses, sizes), _ratio(held(size * link), sizes)
    whole = masses[laid.root]
    odds = _odds(article)
    start = batch.first[:-1][page]
    begun, said = np.cumsum(size) - size, np.cumsum(expected) - expected
    columns: list[NDArray[np.generic]] = [
        odds,
        *(_shifted(odds, page, step) for n in range(1, _NEIGHBOURS + 1) for step in (-n, n)),
        np.log1p(size),
        link,
        _shifted(link, page, -1),
        _shifted(link, page, 1),
        _ratio(begun - begun[start], sizes[laid.root][page]),
        _ratio(said - said[start], whole[page]),
        means[laid.root][page],
        np.log1p(whole)[page],
        np.log1p(np.diff(batch.first))[page],
    ]
    _, alike = np.unique(laid.kind[place], return_inverse=True)
    mass = np.bincount(alike, expected)[alike]
    columns += [
        _ratio(mass, np.bincount(alike, size)[alike]),
        np.log1p(mass),
        _ratio(mass, whole[page]),
    ]
    for block in _levels(laid, place):
        held_there = masses[block]
        share = _ratio(held_there, whole[page])
        columns += [means[block], np.log1p(held_there), share, links[block]]
    depth = _depths(laid.parent)
    for part in _CORES:
        core = _cores(laid, masses, sizes, part * whole)[page]
        inside = (laid.first[core] <= line) & (line < laid.last[core])
        away = np.clip(depth[place] - depth[core], 0, 20) * inside
        columns += [inside, means[core], away]
    inline = laid.mark[line]
    columns += list(_bits(laid.own[place] | laid.own[laid.parent[place]] | inline, len(NAMES)))
    columns += list(_bits(laid.all[place] | inline, len(NAMES) + len(TAGS)))
    return np.stack(columns, axis=1).astype(np.float32)


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> _Doubles:
    """Parts of wholes; what is no whole character counts as one."""
    return np.asarray(part / np.maximum(whole, 1), np.float64)


def _odds(article: Floats) -> _Doubles:
    bounded = np.clip(article.astype(np.float64), 1e-6, 1 - 1e-6)
    odds = np.log(bounded) - np.log1p(-bounded)
    return np.asarray(np.clip(odds, -_MOST_ODDS, _MOST_ODDS), np.float64)


def _shifted(values: _Doubles, page: Ints, step: int) -> _Doubles:
    """Those of the fragment `step` further on in the same page; where there is none, the least."""
    at = np.arange(values.size) + step
    inside = np.clip(at, 0, values.size - 1)
    exists = (at == inside) & (page[inside] == page)
    return np.where(exists, values[inside], -_MOST_ODDS)


def _levels(laid: _Blocks, place: Ints) -> Iterator[Ints]:
    """The blocks that each line stands in, the innermost first; above the root, the root again."""
    for _ in range(_LEVELS):
        yield place
        place = laid.parent[place]


def _depths(parent: Ints) -> Ints:
    """How many blocks each is in, by doubling: as many rounds as the greatest depth has bits."""
    depth = (parent != np.arange(parent.size)).astype(np.int64)
    while (more := depth[parent]).any():
        depth, parent = depth + more, parent[parent]
    return np.asarray(depth, np.int64)


def _cores(laid: _Blocks, masses: _Doubles, sizes: _Doubles, least: _Doubles) -> Ints:
    """Of each page the smallest block that holds the least asked for, of equals the innermost."""
    enough = np.flatnonzero(masses >= least[laid.page] - 1e-6)
    order = enough[np.lexsort((-enough, sizes[enough], laid.page[enough]))]
    first = np.searchsorted(laid.page[order], np.arange(laid.root.size))
    return np.asarray(order[first], np.int64)


def _bits(values: Ints, count: int) -> Iterator[Ints]:
    return (values >> bit & 1 for bit in range(count))
