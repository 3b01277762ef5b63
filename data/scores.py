"""The shipped model's scores on held-out documents, as tables for the README and the model card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cleaner.model_file import load

NAMES = {
    "documents": "`data/documents`, held out",
    "gold-plain": "whole-page dumps (gold-plain dev)",
    "gold-inscriptis": "whole pages, layout kept (gold-inscriptis dev)",
    "gold-text-nodes": "whole pages, a line a text node (gold-text-nodes dev)",
    "gold-resiliparse-main": "what a fast extractor leaves (gold-resiliparse-main dev)",
    "gold-trafilatura-recall": "what a good extractor leaves (gold-trafilatura-recall dev)",
    "silver-plain": "modern pages, many languages (silver-plain dev)",
    "real-mixed": "real articles with machine-made spam put in",
    "real-written": "real articles with such spam and written boilerplate",
}


def lines() -> Iterator[str]:
    """The scores in the shipped model's header as Markdown, line by line."""
    yield from table(load().header["scores"])


def table(scores: dict[str, Any]) -> Iterator[str]:
    """Balanced mode's figures by set, beside thorough mode's F1; then the snippet checks."""
    yield (
        "| held-out set | documents | lost | stripped | F1 | thorough F1 | keep-all F1 "
        "| stripped at 1 % lost |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    balanced, thorough = scores["balanced"], scores["thorough"]
    for name, title in NAMES.items():
        if name in balanced["sets"]:
            found = balanced["sets"][name]
            yield (
                f"| {title} | {found['documents']} | {found['lost']:.2%} | {found['stripped']:.1%} "
                f"| {found['f1']:.3f} | {thorough['sets'][name]['f1']:.3f} "
                f"| {found['keep_all_f1']:.3f} | {found['at_1_percent']:.1%} |"
            )
    for name, found in balanced["snippets"].items():
        yield ""
        yield (
            f"Snippet checks on {found['documents']} modern pages in several languages ({name}): "
            f"F1 {found['f1']:.3f} balanced, {thorough['snippets'][name]['f1']:.3f} thorough; "
            f"{found['keep_all_f1']:.3f} for keeping everything."
        )
