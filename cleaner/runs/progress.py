"""A line on the terminal that tells how far a run is."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from cleaner.reporting import Stats

_EVERY = 0.2
_WIDTH = 24


class Progress:
    """How far a run is, on a line that is written over and over; or nothing, if not `shown`."""

    def __init__(self, total: int, shown: bool, stream: TextIO | None = None) -> None:
        self._total, self._shown = total, shown
        self._stream = stream or sys.stderr
        self._began = time.monotonic()
        self._last, self._width, self._bytes, self._stats = 0.0, 0, 0, Stats()

    def add(self, read: int, stats: Stats) -> None:
        """Count bytes of files that are done, as they lie, and what was in them."""
        self._bytes += read
        self._stats.merge(stats)
        now = time.monotonic()
        if self._shown and now - self._last >= _EVERY:
            self._last = now
            self._write(self._line(now - self._began))

    def _line(self, seconds: float) -> str:
        share = min(self._bytes / self._total, 1.0) if self._total else 1.0
        speed = self._bytes / max(seconds, 1e-9)
        left = (self._total - self._bytes) / speed if speed else 0.0
        bar = "#" * round(share * _WIDTH)
        return (
            f"[{bar:-<{_WIDTH}}] {share:4.0%}  {self._stats.documents} documents  "
            f"{speed / 1e6:.1f} MB/s  {1 - self._stats.share:.1%} stripped  "
            f"{_clock(max(left, 0.0))} left"
        )

    def _write(self, line: str) -> None:
        try:
            self._stream.write(f"\r{line:<{self._width}}")
            self._stream.flush()
        except (OSError, ValueError):
            self._shown = False  # standard error is closed
        self._width = len(line)

    def close(self) -> None:
        """Wipe the line."""
        if self._shown and self._width:
            self._write("")
            self._write("")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
