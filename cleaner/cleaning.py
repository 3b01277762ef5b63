"""The hallway: texts through splitting, scoring, deciding and mending, a batch at a time."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cleaner.decisions import REASONS, Options, decide
from cleaner.document import CATEGORIES, Fragment
from cleaner.mending import Piece, mended
from cleaner.model import SHIPPED, Model, Scores, Thresholds, load

#: A batch is full at so many characters or documents; large enough that numpy's fixed costs
#: vanish, small enough that memory stays bounded whatever the number of documents.
_CHARACTERS_AT_ONCE = 1 << 19
_DOCUMENTS_AT_ONCE = 256


class Cleaner:
    """Cleans texts with a model, by a mode; cheap to pickle and safe to share between threads.

    model: a path, a loaded `Model`, or None for the shipped one; mode: "gentle", "balanced" or
    "thorough"; keep: categories to leave in place. Raises `ModelError` for a bad model file and
    `OptionError` for an unknown mode or category.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | Model | None = None,
        mode: str = "balanced",
        keep: Sequence[str] = (),
    ) -> None:
        self.options = Options(mode, (keep,) if isinstance(keep, str) else tuple(keep))
        self._source: str | Model | None
        if isinstance(model, Model):
            self._source = self._model = model
        else:
            self._source = None if model is None else os.fspath(model)
            self._model = _model(self._source)

    @property
    def model(self) -> Model:
        """The model in use."""
        return self._model

    def clean(self, text: str) -> str:
        """The article body of `text`.

        >>> Cleaner().clean("")
        ''
        """
        return next(self.clean_batch((text,)))

    def inspect(self, text: str) -> list[Fragment]:
        """Every fragment of `text` with its verdict, in order; they tile its visible content."""
        return next(self.inspect_batch((text,)))

    def clean_batch(self, texts: Iterable[str]) -> Iterator[str]:
        """The article bodies of `texts`, in order, as the texts come in."""
        for batch in _batches(texts):
            for text, pieces in zip(batch, self._pieces(batch), strict=True):
                yield mended(text, pieces)

    def inspect_batch(self, texts: Iterable[str]) -> Iterator[list[Fragment]]:
        """The fragments of each of `texts`, in order, as the texts come in."""
        for batch in _batches(texts):
            yield from self._fragments(batch)

    def _judged(self, texts: list[str]) -> tuple[Scores, Thresholds]:
        """What the fragments of `texts` score, and what to decide by."""
        return self._model.scores(texts), self._model.thresholds

    def _pieces(self, texts: list[str]) -> Iterator[list[Piece]]:
        scores, thresholds = self._judged(texts)
        keep = decide(scores, thresholds, self.options).keep.tolist()
        batch = scores.batch
        start, end = batch.start.tolist(), batch.end.tolist()
        for number in range(len(texts)):
            offset = int(batch.offsets[number])
            yield [
                Piece(start[i] - offset, end[i] - offset, keep[i])
                for i in range(int(batch.first[number]), int(batch.first[number + 1]))
            ]

    def _fragments(self, texts: list[str]) -> Iterator[list[Fragment]]:
        scores, thresholds = self._judged(texts)
        verdicts = decide(scores, thresholds, self.options)
        batch = scores.batch
        start, end, article = batch.start.tolist(), batch.end.tolist(), scores.article.tolist()
        keep, category = verdicts.keep.tolist(), verdicts.category.tolist()
        reason = verdicts.reason.tolist()
        for number, text in enumerate(texts):
            offset = int(batch.offsets[number])
            yield [
                Fragment(
                    text=text[start[i] - offset : end[i] - offset],
                    start=start[i] - offset,
                    end=end[i] - offset,
                    category=CATEGORIES[category[i]],
                    score=round(article[i], 5),
                    keep=keep[i],
                    reason=REASONS[reason[i]],
                )
                for i in range(int(batch.first[number]), int(batch.first[number + 1]))
            ]

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._source, self.options.mode, self.options.keep))

    def __repr__(self) -> str:
        source = "shipped model" if self._source is None else self._source
        return f"Cleaner({source!s}, mode={self.options.mode!r}, keep={self.options.keep!r})"


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"texts must be str, not {type(text).__name__}; decode bytes first")
        batch.append(text)
        size += len(text)
        if size >= _CHARACTERS_AT_ONCE or len(batch) >= _DOCUMENTS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


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
