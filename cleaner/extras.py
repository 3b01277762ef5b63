"""Libraries that only an extra brings: one error, with the install line, where one is missing."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from cleaner.errors import MissingError


@contextlib.contextmanager
def needs(library: str, *, extra: str) -> Iterator[None]:
    """Imports within the block need `library`, which `cleaner[extra]` installs.

    Raises `MissingError` where one of them is not there. A library that is there but broken says
    so itself.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingError(
            f"{library} is not installed; install it with: pip install 'cleaner[{extra}]'"
        ) from error


#: Which extra brings a library.
EXTRAS = {
    "pyarrow": "parquet",
    "zstandard": "zstd",
    "fastwarc": "warc",
    "fsspec": "remote",
    "resiliparse": "html",
}


def library(module: str, purpose: str) -> Any:
    """The module; raises `MissingError` with the install line if its library is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise MissingError(
            f"{purpose} needs {name}, which is not installed: pip install 'cleaner[{EXTRAS[name]}]'"
        ) from None
