"""Every choice of a training run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Every choice of a training run; the defaults are those of the shipped model."""

    seed: int = 1
    #: Documents are dealt into so many folds; what judges a document never saw it.
    folds: int = 4
    line_alpha: float = 1e-6
    line_epochs: int = 4
    hidden: tuple[int, ...] = (64, 32)
    networks: int = 3
    epochs: int = 6
    #: The share of inputs blanked at each step, so that no single one is leant on.
    dropout: float = 0.3
    #: For the glue network, which has fewer and surer inputs.
    glue_dropout: float = 0.1
    #: A true joint weighs as much as so many false ones: they are rare.
    joint_weight: float = 4.0
    #: One line in so many may be cut wrongly, on documents not seen. Most of what counts as wrong
    #: in the corpora was glued by their own scraper, so that the true share is far smaller.
    lines_a_wrong_cut: int = 1000
    #: Below this probability nothing is cut, however few were wrong.
    least_glue_threshold: float = 0.5
    alpha: float = 1e-3
    rate: float = 1e-3
    #: The fewest steps a network takes, however few the fragments.
    steps: int = 2000
    batch: int = 1024
    #: How much a document of an origin weighs; 1 where nothing is said.
    weights: tuple[tuple[str, float], ...] = ()
