"""Encoders with their heads, learned with PyTorch; the same sums as `cleaner.encoder`."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from cleaner.document import STRIPPED_CATEGORIES
from cleaner.encoder import BOUND, WIDTH, Dense, Encoder, peaks
from cleaner.features import Floats
from cleaner.model import LINE_SCORES
from data.learning.pages import Page, steps
from data.learning.plan import Plan

_REGIONS = 4
_WARM_UP = 100

#: How fast the running mean of the weights follows them, at the end.
_FOLLOW = 0.998


@dataclass(frozen=True, slots=True)
class Learned:
    """An encoder and its heads: article has one output, category one a category."""

    encoder: Encoder
    article: Dense
    category: Dense


@dataclass(frozen=True, slots=True)
class _Step:
    """Some pages side by side: their rows, and where they lie with room between them."""

    rows: Tensor
    place: Tensor
    size: int
    inside: Tensor
    document: Tensor
    lines: Tensor
    share: Tensor
    label: Tensor
    region: Tensor
    weight: Tensor


def _step(pages: Sequence[Page], standard: tuple[Floats, Floats], room: int) -> _Step:
    counts = np.array([len(page) for page in pages])
    document = np.repeat(np.arange(len(pages)), counts)
    place = np.arange(document.size) + room * (document + 1)
    size = int(document.size + room * (len(pages) + 1))
    inside = np.zeros(size, np.float32)
    inside[place] = 1
    length = np.concatenate([page.length for page in pages]).astype(np.float64)
    share = length / np.bincount(document, length)[document]
    shape = (np.concatenate([page.shape for page in pages]) - standard[0]) * standard[1]
    scores = np.concatenate([page.scores for page in pages])
    first = np.concatenate([[0], np.cumsum(counts)])
    told = [scores, *peaks(scores, first), np.clip(shape, -BOUND, BOUND)]
    rows = np.concatenate(told, axis=1).astype(np.float32)
    return _Step(
        rows=torch.from_numpy(rows),
        place=torch.from_numpy(place),
        size=size,
        inside=torch.from_numpy(inside),
        document=torch.from_numpy(document),
        lines=torch.from_numpy(counts.astype(np.float32)),
        share=torch.from_numpy(share.astype(np.float32)),
        label=torch.from_numpy(np.concatenate([page.label for page in pages])),
        region=torch.from_numpy(np.concatenate([page.region for page in pages])),
        weight=torch.from_numpy(np.concatenate([page.weight for page in pages])),
    )


class _Net(nn.Module):
    def __init__(self, inputs: int, plan: Plan, evened: Tensor) -> None:
        super().__init__()
        self.evened = evened
        units = plan.units
        self.plan = plan
        self.entry = nn.Linear(inputs, units)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(units, units, WIDTH, dilation=d, padding=d * (WIDTH // 2))
            for d in plan.dilations
        )
        self.whole = nn.Linear(2 * units, units)
        self.top = nn.Linear(2 * units, units)
        self.article = nn.Linear(units, 1)
        self.category = nn.Linear(units, len(STRIPPED_CATEGORIES))
        self.region = nn.Linear(units, _REGIONS)

    def forward(self, step: _Step) -> tuple[Tensor, Tensor, Tensor]:
        """Log-odds of article, and of each category and region; (fragments, ...) each."""
        plan, training = self.plan, self.training
        own = functional.relu(self.entry(self._blanked(step) if training else step.rows))
        if training:
            own = own * (torch.rand(own.shape[0], 1) >= plan.wordless) / (1 - plan.wordless)
        values = torch.zeros(step.size, own.shape[1]).index_copy(0, step.place, own).t()[None]
        for layer in self.convolutions:
            change = functional.relu(layer(values))
            change = functional.dropout(change, plan.unit_dropout, training)
            values = (values + change) * step.inside
        context = values[0].t()[step.place]
        blank = torch.zeros(step.lines.shape[0], own.shape[1])
        means = blank.index_add(0, step.document, context) / step.lines[:, None]
        weighed = blank.index_add(0, step.document, context * step.share[:, None])
        whole = functional.relu(self.whole(torch.cat([means, weighed], 1)))
        whole = functional.dropout(whole, plan.document_dropout, training)
        top = self.top(torch.cat([context + whole[step.document], own], 1))
        top = functional.dropout(functional.relu(top), plan.unit_dropout, training)
        return self.article(top)[:, 0], self.category(top), self.region(top)

    def _blanked(self, step: _Step) -> Tensor:
        """The rows with some inputs blanked, and the words of some lines and documents."""
        rows = functional.dropout(step.rows, self.plan.input_dropout)
        documents = torch.rand(step.lines.shape[0]) < self.plan.wordless
        wordless = documents[step.document] | (torch.rand(rows.shape[0]) < self.plan.wordless)
        words = rows[:, : len(LINE_SCORES)] * ~wordless[:, None]
        return torch.cat([words, rows[:, len(LINE_SCORES) :]], 1)

    def loss(self, step: _Step) -> Tensor:
        """The weighed cross-entropy of article or not, with some of category and region."""
        article, category, region = self(step)
        plan = self.plan
        wanted = (step.label == 0).float()
        loss = functional.binary_cross_entropy_with_logits(article, wanted, reduction="none")
        total = (loss * step.weight).sum() / step.weight.sum()
        named, placed = step.label > 0, step.region >= 0
        if named.any():
            label, weight = step.label[named] - 1, step.weight[named]
            loss = functional.cross_entropy(category[named], label, reduction="none")
            weight = weight * self.evened[label]
            total = total + plan.category_share * (loss * weight).sum() / weight.sum()
        if placed.any():
            total = total + plan.region_share * functional.cross_entropy(
                region[placed], step.region[placed]
            )
        return total


def fit(
    pages: Sequence[Page],
    standard: tuple[Floats, Floats],
    plan: Plan,
    seed: int,
    say: Callable[[str], None] = lambda _: None,
) -> Learned:
    """An encoder learned from the pages' looks, settings and line scores.

    standard: what is taken from the looks and settings and what they are multiplied by. The
    weights are a running mean over the steps (Polyak and Juditsky 1992).
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = _Net(3 * len(LINE_SCORES) + standard[0].size, plan, _evened(pages))
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=plan.rate, betas=(0.9, 0.99), weight_decay=plan.decay
    )
    room = WIDTH // 2 * max(plan.dilations)
    full = np.flatnonzero([page.weight.any() for page in pages])
    lines = sum(len(pages[number]) for number in full.tolist())
    total = plan.epochs * plan.seen * lines / plan.lines_a_step + 1
    mean = copy.deepcopy(net.state_dict())
    done = 0
    for epoch in range(plan.epochs):
        chosen = full[rng.random(full.size) < plan.seen]
        losses = []
        for some in steps(rng, pages, chosen, plan.lines_a_step):
            warm = min(1.0, done / _WARM_UP)
            falling = 0.02 + 0.49 * (1 + math.cos(math.pi * min(done / total, 1)))
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * warm * falling
            loss = net.loss(_step(some, standard, room))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            done += 1
            losses.append(float(loss.detach()))
            follow = min(_FOLLOW, done / (done + 20))
            with torch.no_grad():
                for name, value in net.state_dict().items():
                    mean[name].lerp_(value, 1 - follow)
        say(f"epoch {epoch + 1} of {plan.epochs}: loss {np.mean(losses):.4f}")
    net.load_state_dict(mean)
    return _exported(net, standard)


def _evened(pages: Sequence[Page]) -> Tensor:
    """How much a line of each category weighs: half way, as a root, to all weighing the same."""
    weights = np.zeros(len(STRIPPED_CATEGORIES))
    for page in pages:
        named = page.label > 0
        weights += np.bincount(page.label[named] - 1, page.weight[named], weights.size)
    roots = 1 / np.sqrt(np.maximum(weights / max(weights.max(), 1e-6), 1e-4))
    return torch.from_numpy(roots.astype(np.float32))


def _exported(net: _Net, standard: tuple[Floats, Floats]) -> Learned:
    def dense(layer: nn.Linear) -> Dense:
        return Dense(layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy())

    def convolution(layer: nn.Conv1d) -> Dense:
        units = layer.out_channels
        weight = layer.weight.detach().numpy().transpose(2, 1, 0).reshape(-1, units).copy()
        bias = layer.bias
        assert bias is not None
        return Dense(weight, bias.detach().numpy().copy())

    encoder = Encoder(
        mean=standard[0],
        scale=standard[1],
        entry=dense(net.entry),
        convolutions=tuple(convolution(layer) for layer in net.convolutions),  # type: ignore[arg-type]
        dilations=net.plan.dilations,
        document=dense(net.whole),
        top=dense(net.top),
    )
    return Learned(encoder, dense(net.article), dense(net.category))


def standard_of(pages: Sequence[Page]) -> tuple[Floats, Floats]:
    """What the looks and settings are standardised by: their means, and 1 / their spreads."""
    shape = np.concatenate([page.shape for page in pages])
    mean, spread = shape.mean(axis=0), shape.std(axis=0)
    scale = np.where(spread > 1e-4, 1 / np.maximum(spread, 1e-4), 0)
    return mean.astype(np.float32), scale.astype(np.float32)
