"""What the shipped model is, made from its own header: data/MODEL_CARD.md."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.model_file import load
from data import scores


def lines() -> Iterator[str]:
    """The card as Markdown, line by line."""
    header = load().header
    training = header["training"]
    yield "## What it was trained on"
    yield ""
    yield (
        f"{training['documents']} documents, {training['fragments']} fragments; digest "
        f"`{training['digest']}`."
    )
    yield ""
    yield "| set | documents | digest |"
    yield "|---|---|---|"
    for name, found in training["sets"].items():
        yield f"| {name} | {found['documents']} | `{found['digest']}` |"
    yield ""
    yield "## Scores on held-out documents"
    yield ""
    yield from scores.table(header["scores"])
    yield ""
    yield "By language (balanced mode; languages that a set of documents names):"
    yield ""
    yield "| language | documents | lost | stripped | F1 | keep-all F1 |"
    yield "|---|---|---|---|---|---|"
    for name, found in sorted(header["scores"]["balanced"]["languages"].items()):
        yield (
            f"| {name} | {found['documents']} | {found['lost']:.2%} | {found['stripped']:.1%} "
            f"| {found['f1']:.3f} | {found['keep_all_f1']:.3f} |"
        )
    yield ""
    yield "Calibration (expected error of `score` as a probability, weighed by tokens):"
    yield ""
    yield "| set | error |"
    yield "|---|---|"
    for name, error in header["scores"]["balanced"]["calibration"].items():
        yield f"| {name} | {error:.3f} |"
    yield ""
    yield "## Thresholds"
    yield ""
    yield "| mode | by clarity of the document, least clear first | least evidence |"
    yield "|---|---|---|"
    for mode, bands in header["thresholds"].items():
        told = ", ".join(f"{value:.3f}" for value in bands)
        yield f"| {mode} | {told} | {header['evidence'][mode]:.2f} |"
