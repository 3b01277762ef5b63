"""Line scores: logistic regressions over hashed n-grams, learned side by side with PyTorch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from cleaner.features import BUCKETS, Floats
from cleaner.model import LINE_SCORES, bounded
from data.learning.pages import Page, steps, targets
from data.learning.plan import Plan

Table = tuple[Floats, Floats]

_LINES_A_STEP = 8000
_WARM_UP = 50


def fit(pages: Sequence[Page], plan: Plan) -> Table:
    """The weights, (BUCKETS, scores), and biases, (scores,), learned from the pages."""
    rng = np.random.default_rng(plan.seed)
    weights = torch.nn.Parameter(torch.zeros(BUCKETS, len(LINE_SCORES)))
    biases = torch.nn.Parameter(torch.zeros(len(LINE_SCORES)))
    optimizer = torch.optim.AdamW(
        [weights, biases], lr=plan.table_rate, betas=(0.9, 0.99), weight_decay=1e-6
    )
    positive = torch.from_numpy(_evened(pages, plan))
    total = plan.table_epochs * sum(map(len, pages)) / _LINES_A_STEP + 1
    step = 0
    for _ in range(plan.table_epochs):
        for some in steps(rng, pages, np.arange(len(pages)), _LINES_A_STEP):
            warm = min(1.0, step / _WARM_UP)
            falling = 0.02 + 0.49 * (1 + math.cos(math.pi * min(step / total, 1)))
            for group in optimizer.param_groups:
                group["lr"] = plan.table_rate * warm * falling
            buckets, counts = _thinned(rng, some, plan.table_dropout)
            scale = np.concatenate([page.scale for page in some]) / (1 - plan.table_dropout)
            said = _sums(weights, buckets, counts, scale.astype(np.float32)) + biases
            parts = [targets(page.label, page.region) for page in some]
            wanted = np.concatenate([part[0] for part in parts]).astype(np.float32)
            known = np.concatenate([part[1] for part in parts])
            weight = np.concatenate([page.weight for page in some])[:, None] * known
            loss = functional.binary_cross_entropy_with_logits(
                said, torch.from_numpy(wanted), reduction="none", pos_weight=positive
            )
            loss = (loss * torch.from_numpy(weight.astype(np.float32))).sum() / weight[:, 0].sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
    return weights.detach().numpy(), biases.detach().numpy()


def quantise(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Columns to int8 and what to multiply them by; the few largest weights are bounded."""
    weights = weights.copy()
    weights[0] = 0
    bound = np.maximum(np.quantile(np.abs(weights), 0.9999, axis=0), 1e-6)
    scale = (bound / 127).astype(np.float32)
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), scale


def scores(table: Table, page: Page) -> Floats:
    """The page's line scores as the encoders see them; (fragments, scores)."""
    weights, biases = table
    with torch.no_grad():
        sums = _sums(torch.from_numpy(weights), page.buckets, page.counts, page.scale)
    return bounded(sums.numpy() + biases)


def _sums(
    weights: torch.Tensor, buckets: NDArray[np.int32], counts: NDArray[np.int64], scale: Floats
) -> torch.Tensor:
    first = np.zeros(counts.size, np.int64)
    np.cumsum(counts[:-1], out=first[1:])
    sums = functional.embedding_bag(
        torch.from_numpy(buckets.astype(np.int64)), weights, torch.from_numpy(first), mode="sum"
    )
    return sums * torch.from_numpy(scale)[:, None]


def _thinned(
    rng: np.random.Generator, pages: Sequence[Page], share: float
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The pages' n-grams without a share of all n-grams there are."""
    alive = rng.random(BUCKETS, dtype=np.float32) >= share
    buckets = np.concatenate([page.buckets for page in pages])
    counts = np.concatenate([page.counts for page in pages])
    kept = alive[buckets]
    owner = np.repeat(np.arange(counts.size), counts)[kept]
    return buckets[kept], np.bincount(owner, minlength=counts.size)


def _evened(pages: Sequence[Page], plan: Plan) -> NDArray[np.float32]:
    """How much a line that has a category weighs against one that has it not."""
    having, all_known = np.zeros(len(LINE_SCORES)), np.zeros(len(LINE_SCORES))
    for page in pages:
        wanted, known = targets(page.label, page.region)
        having += page.weight @ (wanted & known)
        all_known += page.weight @ known
    ratio = np.minimum(plan.rarest, (all_known - having) / np.maximum(having, 1e-6))
    ratio[: LINE_SCORES.index("after") + 1] = 1
    return ratio.astype(np.float32)
