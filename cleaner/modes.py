"""The verdicts of several modes from one look by the model."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cleaner.cleaning import Cleaner
from cleaner.document import Fragment
from cleaner.model import Model, Scores


class _Remembering(Model):
    """A model that does not look again when it is asked for the same texts twice in a row."""

    def scores(self, texts: list[str]) -> Scores:
        last: tuple[list[str], Scores] | None = self.__dict__.get("_last")
        if last is None or last[0] != texts:
            last = (texts, super().scores(texts))
            object.__setattr__(self, "_last", last)
        return last[1]


def inspect_modes(
    texts: Iterable[str], model: Model, modes: Sequence[str], keep: Sequence[str] = ()
) -> Iterator[dict[str, list[Fragment]]]:
    """What `Cleaner.inspect` says of each of `texts`, by mode, in order, as the texts come in."""
    fields: dict[str, Any] = {name: getattr(model, name) for name in model.__dataclass_fields__}
    shared = _Remembering(**fields)
    # In step, so that every cleaner asks for a batch before any asks for the next.
    verdicts = [
        Cleaner(shared, mode, keep).inspect_batch(copy)
        for mode, copy in zip(modes, itertools.tee(texts, len(modes)), strict=True)
    ]
    for judged in zip(*verdicts, strict=True):
        yield dict(zip(modes, judged, strict=True))
