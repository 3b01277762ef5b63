"""Libraries that only an extra brings: one error, with the install line, where one is missing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

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
