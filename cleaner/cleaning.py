"""The hallway: texts through splitting, scoring, deciding and mending, a batch at a time."""

from __future__ import annotations

import functools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from cleaner.decisions import Options, decide
from cleaner.document import Fragment
from cleaner.errors import OptionError
from cleaner.looks import Batch, Look, in_a_row, joined
from cleaner.mending import Laid
from cleaner.model import Model, Scores, Thresholds
from cleaner.model_file import SHIPPED, load
from cleaner.repeats import Counts, shifted
from cleaner.splitting import line_edges
from cleaner.stretches import Widened, all_gaps, edges, without

_T = TypeVar("_T")

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

    A text much longer than `stretches.STRETCH` is judged stretch by stretch, and a line longer than
    twice `stretches.LINE_ENDS` by its ends, so that memory is that of the text and its outcome.
    """

    #: Whether texts are judged as a whole, and by all of their lines, however long they are.
    _whole = False

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
        for _, found in self._seen(texts, hosts, Batch.bodies):
            yield "".join(found)

    def inspect_batch(
        self, texts: Iterable[str], hosts: Iterable[str] | None = None
    ) -> Iterator[list[Fragment]]:
        """The fragments of each of `texts`, in order, as the texts come in; hosts as above."""
        for bounds, found in self._seen(texts, hosts, Batch.fragments):
            yield in_a_row(bounds, found)

    def clean_and_inspect_batch(
        self, texts: Iterable[str], hosts: Iterable[str] | None = None
    ) -> Iterator[tuple[str, list[Fragment]]]:
        """What `clean_batch` and `inspect_batch` say of each of `texts`, from one look at it."""
        for look in self.looks(texts, hosts):
            yield look.body, look.fragments()

    def looks(self, texts: Iterable[str], hosts: Iterable[str] | None = None) -> Iterator[Look]:
        """The article of each of `texts`, counts, and its fragments only where they are asked for.

        Fragments take as long to make as the verdicts on them. A look holds on to the texts that
        were judged with its own.
        """
        for bounds, found in self._seen(texts, hosts, Batch.looks):
            yield joined(bounds, found)

    def _seen(
        self,
        texts: Iterable[str],
        hosts: Iterable[str] | None,
        tell: Callable[[Batch], Iterator[_T]],
    ) -> Iterator[tuple[list[int], list[_T]]]:
        """The edges of each text's stretches, and what `tell` says of each stretch."""
        waiting: deque[list[int]] = deque()
        told = zip(texts, hosts, strict=True) if hosts is not None else ((one, "") for one in texts)

        def stretches() -> Iterator[tuple[str, str]]:
            for text, site in told:
                if not isinstance(text, str):
                    kind = type(text).__name__
                    raise TypeError(f"texts must be str, not {kind}; decode bytes first")
                bounds = [0, len(text)] if self._whole else edges(text)
                waiting.append(bounds)
                if len(bounds) == 2:
                    yield text, site
                else:
                    yield from ((text[one:two], site) for one, two in pairwise(bounds))

        held: list[_T] = []
        for batch, sites in _batches(stretches()):
            for one in tell(self._batch(batch, None if hosts is None else sites)):
                held.append(one)
                if len(held) == len(waiting[0]) - 1:
                    yield waiting.popleft(), held
                    held = []

    def _judged(self, texts: list[str], hosts: list[str] | None) -> tuple[Scores, Thresholds]:
        """What the fragments of `texts` score, and what to decide by."""
        scores = self._model.scores(texts)
        if self._counts is not None:
            others = self._counts.others(scores.keys, scores.batch.document, hosts)
            scores = shifted(scores, others, self._model.repeats)
        return scores, self._model.thresholds

    def _batch(self, texts: list[str], hosts: list[str] | None) -> Batch:
        """What is decided of `texts`."""
        left_out = [] if self._whole else all_gaps(texts)
        judged = list(map(without, texts, left_out)) if left_out else texts
        scores, thresholds = self._judged(judged, hosts)
        batch = scores.batch
        spans = (batch.offsets, line_edges(batch), batch.start, batch.end)
        if left_out:
            spans = tuple(map(Widened(texts, left_out), spans))  # type: ignore[assignment]
        offsets, lines, start, end = spans
        laid = Laid(offsets, lines, batch.first, start, end, batch.line)
        return Batch(texts, laid, scores, decide(scores, thresholds, self.options))

    def __reduce__(self) -> tuple[Any, ...]:
        options = self.options
        return (type(self), (self._source, options.mode, options.keep, self._repeats))

    def __repr__(self) -> str:
        source = "shipped model" if self._source is None else self._source
        return f"Cleaner({source!s}, mode={self.options.mode!r}, keep={self.options.keep!r})"


def _batches(told: Iterable[tuple[str, str]]) -> Iterator[tuple[list[str], list[str]]]:
    """Texts, and the site of each, as many as are judged together."""
    batch: list[str] = []
    sites: list[str] = []
    size = 0
    for text, site in told:
        batch.append(text)
        sites.append(site)
        size += len(text)
        if size >= _CHARACTERS_AT_ONCE or len(batch) >= _DOCUMENTS_AT_ONCE:
            yield batch, sites
            batch, sites, size = [], [], 0
    if batch:
        yield batch, sites


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
