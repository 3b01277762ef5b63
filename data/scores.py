"""The shipped model's scores on held-out documents, for the README."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.model import load

_NAMES = {
    "documents": "`data/documents`, held out",
    "gold-plain": "whole-page dumps (gold-plain dev)",
    "gold-resiliparse-main": "what a fast extractor leaves (gold-resiliparse-main dev)",
    "gold-trafilatura-recall": "what a good extractor leaves (gold-trafilatura-recall dev)",
    "silver-plain": "modern pages, many languages (silver-plain dev)",
}


def lines() -> Iterator[str]:
    """The scores in the shipped model's header as a Markdown table, line by line."""
    scores = load().header["scores"]
    yield "| held-out set | documents | lost | stripped | F1 | keep-all F1 | stripped at 1 % lost |"
    yield "|---|---|---|---|---|---|---|"
    for name, title in _NAMES.items():
        if name in scores["sets"]:
            found = scores["sets"][name]
            yield (
                f"| {title} | {found['documents']} | {found['lost']:.2%} | {found['stripped']:.1%} "
                f"| {found['f1']:.3f} | {found['keep_all_f1']:.3f} | {found['at_1_percent']:.1%} |"
            )
