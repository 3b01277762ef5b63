"""Ray Data: a class for `Dataset.map_batches` that cleans one column."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from cleaner import Cleaner, OptionError
from cleaner.extras import needs
from cleaner.integrations.arrow import cleaned_batch

with needs("Ray Data", extra="ray"):
    import ray.data  # noqa: F401  not used here, but what `CleanBatches` is called by


class CleanBatches:
    """Leaves the article bodies in the column `field`; all else, schema and nulls, as it was.

    For `ds.map_batches(CleanBatches, fn_constructor_kwargs={...}, batch_format="pyarrow",
    concurrency=2)`: each actor loads the model once. `cleaner` must be installed on every machine,
    and `model` lie there by that path. Raises as `Cleaner` does.
    """

    def __init__(
        self,
        field: str = "text",
        mode: str = "balanced",
        keep: Sequence[str] = (),
        model: str | os.PathLike[str] | None = None,
    ) -> None:
        self._cleaner = Cleaner(model, mode, keep)
        self._field = field

    def __call__(self, batch: Any) -> Any:
        """A `pyarrow.Table` with the column cleaned.

        Raises `OptionError` if it has no such column of strings, or is no `pyarrow.Table`.
        """
        if not hasattr(batch, "schema"):
            raise OptionError('CleanBatches takes tables; say batch_format="pyarrow"')
        return cleaned_batch(self._cleaner, batch, self._field)
