"""Hugging Face datasets: a function for `Dataset.map` that cleans one column, batch by batch."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cleaner import Cleaner, OptionError, __version__
from cleaner.extras import needs
from cleaner.integrations.columns import cleaned, require_field
from cleaner.model_file import SHIPPED

with needs("datasets", extra="datasets"):
    import datasets  # noqa: F401  not used here, but what `CleanBatch` is handed comes from it


@dataclass(frozen=True)
class CleanBatch:
    """Cleans the column `field` of a batch; `clean_batch` makes one.

    made_by: what the result depends on besides, this version and the model's content. It travels
    with the object, so that `datasets` takes nothing from its cache that another model made.
    """

    cleaner: Cleaner
    field: str
    made_by: tuple[str, str]

    def __call__(self, batch: Mapping[str, Sequence[str | None]]) -> dict[str, list[str | None]]:
        """The cleaned column by its name. Raises `OptionError` if the batch has none such."""
        require_field(self.field, batch.keys())
        texts = batch[self.field]
        if isinstance(texts, str):
            raise OptionError("clean_batch takes batches; call map(..., batched=True)")
        return {self.field: cleaned(self.cleaner, texts)}


def clean_batch(
    field: str = "text",
    mode: str = "balanced",
    keep: Sequence[str] = (),
    model: str | os.PathLike[str] | None = None,
) -> CleanBatch:
    """A function for `map(..., batched=True)` that leaves the article bodies in column `field`.

    It pickles to a few bytes, and two of the same options and model have the same fingerprint, in
    every process. Raises as `Cleaner` does.
    """
    cleaner = Cleaner(model, mode, keep)
    content = (SHIPPED if model is None else Path(model)).read_bytes()
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return CleanBatch(cleaner, field, (__version__, digest))
