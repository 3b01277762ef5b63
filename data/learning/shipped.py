"""The shipped model from its training documents: line scores, encoders, all that rests on them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch

from cleaner.dataset import LabelledDocument
from cleaner.encoder import Dense
from cleaner.examples import examples_of
from cleaner.features import Floats
from cleaner.glue import input_names
from cleaner.model import LINE_SCORES, Model
from cleaner.network import Network
from cleaner.recipe import Recipe
from cleaner.thresholds import Judged
from cleaner.training import finished
from data.learning import nets, tables
from data.learning.pages import Page, pages_of
from data.learning.plan import Plan
from data.learning.repeated import shifts

_Result = TypeVar("_Result")

#: What a job works on. Forked workers find it in their memory; nothing large is sent to them.
_shared: dict[str, Any] = {}


def learned_model(
    documents: Sequence[LabelledDocument],
    plan: Plan,
    recipe: Recipe,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Model, Judged]:
    """A model of the documents, and how they were judged by parts that had not seen them.

    Every step is learned out of fold by document: the encoders see line scores by tables that had
    not seen the document, calibration and thresholds see encoders that had not. The same documents
    in the same order with the same plan and recipe give the same model.
    """
    torch.set_num_threads(1)
    examples = examples_of(documents, recipe)
    pages = pages_of(documents, examples)
    say(f"{len(pages)} documents, {examples.label.size} fragments laid out")
    _shared["pages"], _shared["plan"] = pages, plan
    folds = list(range(plan.folds))
    learned = _side_by_side(_table, [-1, *folds])
    for page in pages:
        page.scores = tables.scores(learned[1 + page.fold], page)
        page.buckets = page.buckets[:0]  # a gigabyte that nobody needs any more
    weights, bias = learned[0]
    say("line scores learned")
    _shared["standard"] = nets.standard_of(pages)
    members = [(seed, -1) for seed in range(plan.seed, plan.seed + plan.encoders)]
    judges = [(plan.seed, hold) for hold in folds]
    found = _side_by_side(_net, judges + members)
    say("encoders learned")
    odds = np.zeros(examples.label.size, np.float32)
    for number, page in enumerate(pages):
        judge = found[page.fold]
        here = slice(int(examples.first[number]), int(examples.first[number + 1]))
        odds[here] = _odds(judge, page)
    table, scale = tables.quantise(weights)
    width = len(input_names(LINE_SCORES))
    kept = found[len(judges) :]
    model = Model(
        header={"glue_threshold": 1.5},
        table=table,
        table_scale=scale,
        bias=bias,
        encoders=tuple(one.encoder for one in kept),
        article=_mean([one.article for one in kept]),
        category=_mean([one.category for one in kept]),
        joint=_nothing(width),
        labels=np.zeros(0, np.uint64),
        calibration=np.array([[-1, 1], [-1, 1]], np.float32),
    )
    model, judged = finished(model, documents, examples, odds, recipe, say)
    calibrated = np.interp(odds, model.calibration[0], model.calibration[1])
    model.header["repeats"] = shifts(documents, examples, calibrated.astype(np.float32))
    return model, judged


def _table(hold: int) -> tables.Table:
    pages = [
        page
        for page in _shared["pages"]
        # A recombined page repeats the lines of two others of its fold.
        if page.fold != hold and page.origin != "recombined"
    ]
    return tables.fit(pages, _shared["plan"])


def _net(seed: int, hold: int) -> nets.Learned:
    pages = [page for page in _shared["pages"] if page.fold != hold]
    return nets.fit(pages, _shared["standard"], _shared["plan"], seed)


def _side_by_side(job: Callable[..., _Result], arguments: Sequence[Any]) -> list[_Result]:
    """What the job gives for each argument, in their order; two at a time."""
    packed = [value if isinstance(value, tuple) else (value,) for value in arguments]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.starmap(job, packed, chunksize=1)


def _odds(judge: nets.Learned, page: Page) -> Floats:
    """The log-odds of article of every fragment of the page."""
    if not len(page):
        return np.zeros(0, np.float32)
    first = np.array([0, len(page)])
    odds: Floats = judge.article(judge.encoder(page.scores, page.shape, page.length, first))[:, 0]
    return odds


def _mean(heads: Sequence[Dense]) -> Dense:
    """One head over all encoders' outputs side by side: the mean of what each head says."""
    weight = np.concatenate([head.weight for head in heads]) / np.float32(len(heads))
    bias: Floats = np.mean([head.bias for head in heads], axis=0, dtype=np.float32)
    return Dense(weight, bias)


def _nothing(width: int) -> Network:
    """A glue network that sees no joint anywhere."""
    return Network(
        np.zeros(width, np.float32),
        np.ones(width, np.float32),
        (np.zeros((width, 1), np.float32),),
        (np.full(1, -20, np.float32),),
    )
