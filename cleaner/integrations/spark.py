"""Spark: a data frame with one column of texts cleaned, in Arrow batches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cleaner import Cleaner, OptionError
from cleaner.extras import needs
from cleaner.integrations.arrow import cleaned_batch
from cleaner.integrations.columns import require_field

with needs("PySpark", extra="spark"):
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StringType


def clean(
    df: DataFrame,
    field: str = "text",
    mode: str = "balanced",
    keep: Sequence[str] = (),
    model: str | os.PathLike[str] | None = None,
) -> DataFrame:
    """`df` with the article bodies in column `field`; all else, schema and nulls, as it was.

    `cleaner` must be installed for the executors, and `model` lie on each machine by that path.
    Raises as `Cleaner` does, and `OptionError` if there is no such column of strings.
    """
    require_field(field, df.columns)
    if not isinstance(df.schema[field].dataType, StringType):
        raise OptionError(f"column {field!r} is not of strings")
    return df.mapInArrow(_batches(Cleaner(model, mode, keep), field), df.schema)


def _batches(cleaner: Cleaner, field: str) -> Callable[[Iterator[Any]], Iterator[Any]]:
    # The `Cleaner` is sent as a few bytes; its model is loaded once for each Python worker, which
    # Spark keeps for later tasks.
    def cleaned(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            yield cleaned_batch(cleaner, batch, field)

    return cleaned
