"""A column of texts in, a column of bodies out: what is missing stays missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cleaner import Cleaner, OptionError


def cleaned(cleaner: Cleaner, texts: Sequence[str | None]) -> list[str | None]:
    """The article bodies of `texts`, in order, with None where a text is None.

    Raises `TypeError` for anything that is neither `str` nor None.
    """
    bodies = cleaner.clean_batch(text for text in texts if text is not None)
    return [None if text is None else next(bodies) for text in texts]


def require_field(field: str, names: Iterable[str]) -> None:
    """Raise `OptionError` unless `field` is among the columns `names`."""
    known = list(names)
    if field not in known:
        raise OptionError(f"no column {field!r}; choose one of {', '.join(known) or 'none'}")
