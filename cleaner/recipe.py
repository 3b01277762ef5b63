"""Every choice of a training run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Every choice of a training run with one's own labels; a build of the shipped model shares
    the glue network's and has more of its own (`data.learning.plan`)."""

    seed: int = 1
    #: Documents are dealt into so many folds; what judges a document never saw it.
    folds: int = 4
    #: How far a head may go from the base model's: scikit-learn's C, and how cheap it is to lean on
    #: what the base says (its log-odds are multiplied by this).
    head_strength: float = 0.01
    leaning: float = 10.0
    #: The glue network: hidden units, passes, the share of inputs blanked at each step.
    hidden: tuple[int, ...] = (24,)
    epochs: int = 12
    dropout: float = 0.1
    alpha: float = 1e-3
    rate: float = 1e-3
    #: The fewest steps a network takes, however few the fragments.
    steps: int = 2000
    batch: int = 1024
    #: A true joint weighs as much as so many false ones: they are rare.
    joint_weight: float = 4.0
    #: One line in so many may be cut wrongly, on documents not seen. Most of what counts as wrong
    #: in the corpora was glued by their own scraper, so that the true share is far smaller.
    lines_a_wrong_cut: int = 1000
    #: Below this probability nothing is cut, however few were wrong.
    least_glue_threshold: float = 0.6
    #: How much a document of an origin weighs; 1 where nothing is said.
    weights: tuple[tuple[str, float], ...] = ()
