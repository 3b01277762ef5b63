"""pandas: a `Series` of texts in, a `Series` of article bodies out."""

from __future__ import annotations

import os
from collections.abc import Sequence

from cleaner import Cleaner
from cleaner.extras import needs

with needs("pandas", extra="pandas"):
    import pandas as pd


def clean(
    texts: pd.Series,
    mode: str = "balanced",
    keep: Sequence[str] = (),
    model: str | os.PathLike[str] | None = None,
) -> pd.Series:
    """The article bodies of `texts`, by the same index, name and dtype; what is missing stays so.

    Raises as `Cleaner` does, and `TypeError` for a value that is neither text nor missing.
    """
    cleaner = Cleaner(model, mode, keep)
    present = texts.notna()
    bodies = texts.copy()
    bodies[present] = list(cleaner.clean_batch(texts[present]))
    return bodies
