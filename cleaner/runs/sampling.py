"""A sample of what was stripped, to be looked at by people."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

#: So many characters of a stripping are shown.
_SHOWN = 1000

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  color: #222; background: #fff }
article { border-top: 1px solid #ddd; padding: .5rem 0 }
p { margin: .1rem 0; white-space: pre-wrap; overflow-wrap: anywhere }
.near { color: #777 }
.gone { background: #fbe9e0; padding: .1rem .4rem }
.about { font-size: .85rem; color: #555 }
"""


class Sample:
    """The strippings with the lowest priorities of all that were added: so many at most."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._rows: list[dict[str, Any]] = []

    def add(self, rows: bytes) -> None:
        """Add a part of the corpus: its own sample, as lines of JSON."""
        found = map(json.loads, rows.splitlines())
        self._rows = heapq.nsmallest(
            self._size, [*self._rows, *found], key=lambda row: str(row["priority"])
        )

    def page(self, total: int) -> str:
        """An HTML page that loads nothing from elsewhere; `total` strippings were made."""
        places = sorted(self._rows, key=lambda row: (row["category"], str(row["priority"])))
        return _page(places, total)


def _page(rows: Sequence[dict[str, Any]], total: int) -> str:
    parts: list[str] = []
    for row in rows:
        where = f", {row['record']}" if row["record"] else ""
        about = f"{row['category']}, score {row['score']:.3f} — {row['document']}{where}"
        parts += [
            "<article>",
            f'<p class="about">{_safe(about)}</p>',
            *_lines("near", [row["above"]]),
            *_lines("gone", [row["text"][:_SHOWN]]),
            *_lines("near", [row["below"]]),
            "</article>",
        ]
    return "\n".join([
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><title>Strippings</title>',
        f"<style>{_STYLE}</style></head><body>",
        "<h1>What was stripped</h1>",
        f"<p>{len(rows)} of {total} stripped lines, drawn at random, with the lines around them. "
        "Marked is what went.</p>",
        *parts,
        "</body></html>\n",
    ])  # fmt: skip


def _lines(name: str, texts: Iterable[str]) -> list[str]:
    return [f'<p class="{name}">{_safe(text)}</p>' for text in texts if text]


def _safe(text: str) -> str:
    return escape(text.encode("utf-8", "replace").decode())
