"""Polars: an expression that gives the article bodies of a column of texts."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence

from cleaner import Cleaner
from cleaner.extras import needs
from cleaner.integrations.columns import cleaned

with needs("Polars", extra="polars"):
    import polars as pl


def clean(
    texts: str | pl.Expr = "text",
    mode: str = "balanced",
    keep: Sequence[str] = (),
    model: str | os.PathLike[str] | None = None,
) -> pl.Expr:
    """The article bodies of `texts`, a column's name or an expression of strings; null stays null.

    Raises as `Cleaner` does; a column of anything but strings fails when the query runs.
    """
    expression = pl.col(texts) if isinstance(texts, str) else texts
    bodies = functools.partial(_bodies, Cleaner(model, mode, keep))
    return expression.map_batches(bodies, return_dtype=pl.String, is_elementwise=True)


def _bodies(cleaner: Cleaner, texts: pl.Series) -> pl.Series:
    return pl.Series(texts.name, cleaned(cleaner, texts.to_list()), dtype=pl.String)
