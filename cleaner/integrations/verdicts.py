"""A text's article body beside what was stripped of it, judged once."""

from __future__ import annotations

from cleaner import Cleaner, Fragment
from cleaner.mending import mended


def judged(cleaner: Cleaner, text: str) -> tuple[str, list[Fragment]]:
    """The body, exactly what `cleaner.clean(text)` gives, and the fragments that went, in order."""
    fragments = cleaner.inspect(text)
    return mended(text, fragments), [fragment for fragment in fragments if not fragment.keep]
