"""Libraries of the extras: imported when first needed, and missed with an install line."""

from __future__ import annotations

import importlib
from typing import Any

from cleaner.errors import ExtraError

#: Which extra brings a library.
EXTRAS = {
    "pyarrow": "parquet",
    "zstandard": "zstd",
    "fastwarc": "warc",
    "fsspec": "remote",
}


def library(module: str, purpose: str) -> Any:
    """The module; raises `ExtraError` with the install line if its library is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise ExtraError(
            f"{purpose} needs {name}, which is not installed: pip install 'cleaner[{EXTRAS[name]}]'"
        ) from None
