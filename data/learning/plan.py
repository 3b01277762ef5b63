"""Every choice of the shipped model's training, and what it was measured by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The choices; the figures they rest on are in docs/error-study.md."""

    seed: int = 1
    folds: int = 4

    # Line scores: one logistic regression a score over hashed n-grams, learned together.
    table_epochs: int = 3
    table_rate: float = 0.06
    #: The share of n-grams (of all lines of a step alike) that are left out.
    table_dropout: float = 0.4
    #: A category is rare among all lines; at most so manyfold it evens the odds.
    rarest: float = 30.0

    # Encoders.
    encoders: int = 1
    units: int = 56
    dilations: tuple[int, ...] = (1, 3, 9, 15)
    epochs: int = 14
    rate: float = 2e-3
    decay: float = 0.02
    lines_a_step: int = 4000
    #: The share of the documents seen in an epoch.
    seen: float = 0.5
    input_dropout: float = 0.2
    unit_dropout: float = 0.1
    document_dropout: float = 0.3
    #: The share of documents, and of lines, whose words are hidden: what is left must do, as it
    #: must for a language that was never seen.
    wordless: float = 0.1
    category_share: float = 0.3
    region_share: float = 0.1
