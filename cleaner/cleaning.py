"""The hallway: texts through splitting, scoring, deciding and mending, a batch at a time."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cleaner.decisions import REASONS, Options, Verdicts, decide
from cleaner.document import CATEGORIES, Fragment, fragments_of
from cleaner.errors import OptionError
from cleaner.mending import Laid, all_mended
from cleaner.model import SHIPPED, Model, Scores, Thresholds, load
from cleaner.repeats import Counts, shifted
from cleaner.splitting import line_edges

#: A batch is full at so many characters or documents; large enough that numpy's fixed costs
#: vanish, small enough that memory stays bounded whatever the number of documents.
_CHARACTERS_AT_ONCE = 1 << 19
_DOCUMENTS_AT_ONCE = 256


class Cleaner:
    """Cleans texts with a model, by a mode; cheap to pickle and safe to share between threads.

    model: a path, a loaded `Model`, or None for the shipped one; mode: "gentle", "balanced" or
    "thorough"; keep: categories to leave in place; repeats: counts of the lines of the site or
    corpus that the texts are from, or their file. Raises `ModelError` for a bad model file,
    `OptionError` for an unknown mode or category, `InputError` for a bad file of counts.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | Model | None = None,
        mode: str = "balanced",
        keep: Sequence[str] = (),
        repeats: str | os.PathLike[str] | Counts | None = None,
    ) -> None:
        self.options = Options(mode, (keep,) if isinstance(keep, str) else tuple(keep))
        self._source: str | Model | None
        if isinstance(model, Model):
            self._source = self._model = model
        else:
            self._source = None if model is None else os.fspath(model)
            self._model = _model(self._source)
        if repeats is not None and not self._model.repeats:
            raise OptionError("this model has not learned from repeats; train it again")
        self._repeats: str | Counts | None
        self._counts: Counts | None
        if repeats is None or isinstance(repeats, Counts):
            self._repeats = self._counts = repeats
        else:
            self._repeats = os.fspath(repeats)
            self._counts = Counts.load(self._repeats)

    @property
    def model(self) -> Model:
        """The model in use."""
        return self._model

    @property
    def repeats(self) -> Counts | None:
        """The counts of lines in use."""
        return self._counts

    def clean(self, text: str) -> str:
        """The article body of `text`.

        >>> Cleaner().clean("")
        ''
        """
        return next(self.clean_batch((text,)))

    def inspect(self, text: str) -> list[Fragment]:
        """Every fragment of `text` with its verdict, in order; they tile its visible content."""
        return next(self.inspect_batch((text,)))

    def clean_batch(
        self, texts: Iterable[str], hosts: Iterable[str] | None = None
    ) -> Iterator[str]:
        """The article bodies of `texts`, in order, as the texts come in.

        hosts: the site of each, where repeats are told apart by site.
        """
        for batch, sites in _batches(texts, hosts):
            yield from self._bodies(batch, *self._verdicts(batch, sites))

    def inspect_batch(
        self, texts: Iterable[str], hosts: Iterable[str] | None = None
    ) -> Iterator[list[Fragment]]:
        """The fragments of each of `texts`, in order, as the texts come in; hosts as above."""
        for batch, sites in _batches(texts, hosts):
            yield from self._fragments(batch, *self._verdicts(batch, sites))

    def clean_and_inspect_batch(
        self, texts: Iterable[str], hosts: Iterable[str] | None = None
    ) -> Iterator[tuple[str, list[Fragment]]]:
        """What `clean_batch` and `inspect_batch` say of each of `texts`, from one look at it."""
        for batch, sites in _batches(texts, hosts):
            said = self._verdicts(batch, sites)
            yield from zip(self._bodies(batch, *said), self._fragments(batch, *said), strict=True)

    def _judged(self, texts: list[str], hosts: list[str] | None) -> tuple[Scores, Thresholds]:
        """What the fragments of `texts` score, and what to decide by."""
        scores = self._model.scores(texts)
        if self._counts is not None:
            others = self._counts.others(scores.keys, scores.batch.document, hosts)
            scores = shifted(scores, others, self._model.repeats)
        return scores, self._model.thresholds

    def _verdicts(self, texts: list[str], hosts: list[str] | None) -> tuple[Scores, Verdicts]:
        scores, thresholds = self._judged(texts, hosts)
        return scores, decide(scores, thresholds, self.options)

    def _bodies(self, texts: list[str], scores: Scores, verdicts: Verdicts) -> Iterator[str]:
        batch = scores.batch
        edges = line_edges(batch)
        laid = Laid(batch.offsets, edges, batch.first, batch.start, batch.end, batch.line)
        return all_mended(texts, laid, verdicts.keep)

    def _fragments(
        self, texts: list[str], scores: Scores, verdicts: Verdicts
    ) -> Iterator[list[Fragment]]:
        batch = scores.batch
        offset = batch.offsets[batch.document]
        start, end = (batch.start - offset).tolist(), (batch.end - offset).tolist()
        # Rounded once more, as what single precision rounds to has more digits than it says.
        score = np.round(scores.article.astype(np.float64), 5).tolist()
        keep = verdicts.keep.tolist()
        category = [CATEGORIES[number] for number in verdicts.category.tolist()]
        reason = [REASONS[number] for number in verdicts.reason.tolist()]
        first = batch.first.tolist()
        for text, low, high in zip(texts, first[:-1], first[1:], strict=True):
            here = slice(low, high)
            cut = [text[one:two] for one, two in zip(start[here], end[here], strict=True)]
            columns = (cut, start, end, category, score, keep, reason)
            yield fragments_of(cut, *(column[here] for column in columns[1:]))

    def __reduce__(self) -> tuple[Any, ...]:
        options = self.options
        return (type(self), (self._source, options.mode, options.keep, self._repeats))

    def __repr__(self) -> str:
        source = "shipped model" if self._source is None else self._source
        return f"Cleaner({source!s}, mode={self.options.mode!r}, keep={self.options.keep!r})"


def _batches(
    texts: Iterable[str], hosts: Iterable[str] | None
) -> Iterator[tuple[list[str], list[str] | None]]:
    batch: list[str] = []
    sites: list[str] = []
    size = 0
    told = zip(texts, hosts, strict=True) if hosts is not None else ((text, "") for text in texts)
    for text, site in told:
        if not isinstance(text, str):
            raise TypeError(f"texts must be str, not {type(text).__name__}; decode bytes first")
        batch.append(text)
        sites.append(site)
        size += len(text)
        if size >= _CHARACTERS_AT_ONCE or len(batch) >= _DOCUMENTS_AT_ONCE:
            yield batch, None if hosts is None else sites
            batch, sites, size = [], [], 0
    if batch:
        yield batch, None if hosts is None else sites


def _model(source: str | None) -> Model:
    path = SHIPPED if source is None else Path(source)
    try:
        about = path.stat()
    except OSError:
        return load(path)  # which says what is wrong
    return _loaded(path, about.st_mtime_ns, about.st_size)


@functools.lru_cache(maxsize=4)
def _loaded(path: Path, _changed: int, _size: int) -> Model:
    """Models by file as it stands, so that a pickled or second `Cleaner` loads nothing again."""
    return load(path)


def clean(text: str) -> str:
    """The article body of `text`, by the shipped model with the default options."""
    return _loaded_cleaner().clean(text)


@functools.cache
def _loaded_cleaner() -> Cleaner:
    return Cleaner()
