"""Texts to verdicts, in threads of their own, so that the service goes on listening meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cleaner import Cleaner, Fragment
from cleaner.serve.metrics import Metrics
from cleaner.serve.settings import Settings

#: One text at a time would let a long one hold up all others; more share the one interpreter.
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Judged:
    """A text with its fragments and the body that is left of it."""

    text: str
    fragments: list[Fragment]
    body: str


class Judge:
    """Judges texts by the service's model, within its time."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._threads = ThreadPoolExecutor(_THREADS, "cleaner")
        self.cleaner(
            settings.mode, ()
        )  # loads the model, so that the first request need not wait for it

    def cleaner(self, mode: str, keep: Sequence[str]) -> Cleaner:
        """A `Cleaner` by these options; without categories to keep, by the service's own."""
        return Cleaner(self._settings.model, mode, tuple(keep) or self._settings.keep)

    async def judged(self, cleaner: Cleaner, texts: Sequence[str]) -> list[Judged]:
        """The texts, judged, in order. Raises `TimeoutError` if that takes too long.

        What is being judged then is judged to its end for nothing: the limit on the size of texts
        says how long that can be.
        """
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, _judged, cleaner, list(texts)
        )
        async with asyncio.timeout(self._settings.timeout):
            done = await work
        for one in done:
            self._metrics.count(one.text, one.fragments)
        return done


def _judged(cleaner: Cleaner, texts: list[str]) -> list[Judged]:
    verdicts = zip(texts, cleaner.clean_and_inspect_batch(texts), strict=True)
    return [Judged(text, fragments, body) for text, (body, fragments) in verdicts]
