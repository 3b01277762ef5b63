"""A text's article body beside what was stripped of it, judged once."""

from __future__ import annotations

from cleaner import Cleaner, Fragment


def judged(cleaner: Cleaner, text: str) -> tuple[str, list[Fragment]]:
    """The body, exactly what `cleaner.clean(text)` gives, and the fragments that went, in order."""
    ((body, fragments),) = cleaner.clean_and_inspect_batch((text,))
    return body, [fragment for fragment in fragments if not fragment.keep]
