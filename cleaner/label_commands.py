"""The commands for those who have labels: train and evaluate."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.console import say, standard_output
from cleaner.decisions import MODES
from cleaner.errors import InputError, OptionError
from cleaner.options import KEEP, MODEL, PATH
from cleaner.writing import json_line, write_stream

if TYPE_CHECKING:
    from cleaner.dataset import LabelledDocument
    from cleaner.evaluation import Report


@click.command()
@click.argument("data", nargs=-1, required=True, type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="Model file to write.")
@click.option("--model", type=PATH, help="Model to start from; default: the shipped model.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same model.")
@click.option("--all", "use_all", is_flag=True, help="Learn from the dev documents as well.")
def train(
    data: tuple[Path, ...], output: Path, model: Path | None, seed: int, use_all: bool
) -> None:
    """Train a model on labelled documents: files or folders of .jsonl or .jsonl.gz.

    Line scores and encoders of the model to start from stay; heads, thresholds and glue are
    learned anew. Documents of the dev split (one in five by id, where they do not say) are held
    out, and the new model is scored on them.

    \b
    Example:
      cleaner train data/documents my-labels.jsonl -o my-model.npz
    """
    from cleaner import dataset, training
    from cleaner.cleaning import Cleaner
    from cleaner.evaluation import evaluate as evaluated
    from cleaner.model_file import load, save
    from cleaner.recipe import Recipe

    if os.path.realpath(output) in map(os.path.realpath, dataset.files(data)):
        raise OptionError(f"{output}: would be written over the data; choose another --output")
    documents = list(dataset.read(data))
    held = [] if use_all else [document for document in documents if document.split == "dev"]
    learned = [document for document in documents if use_all or document.split != "dev"]
    trained, _ = training.train(learned, Recipe(seed=seed), say, load(model))
    if held:
        report = evaluated(held, Cleaner(trained).inspect_batch)
        trained.header["scores"] = report.as_dict()
        for line in report.lines():
            click.echo(line)
    save(trained, output)


@click.command()
@click.argument("data", nargs=-1, required=True, type=PATH)
@MODEL
@click.option(
    "--mode",
    "modes",
    multiple=True,
    type=click.Choice(MODES),
    default=MODES,
    help="Score this mode; repeatable. Default: all, side by side.",
)
@KEEP
@click.option(
    "--split",
    type=click.Choice(["dev", "train", "all"]),
    default="dev",
    show_default=True,
    help="Which documents to score.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON instead of tables.")
@click.option("--html", type=PATH, help="Write a page with tables and plots here as well.")
@click.option(
    "--worst",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="How many of the worst documents to show, with the lines judged wrongly.",
)
def evaluate(
    data: tuple[Path, ...],
    model: Path | None,
    modes: tuple[str, ...],
    keep: tuple[str, ...],
    split: str,
    as_json: bool,
    html: Path | None,
    worst: int,
) -> None:
    """Score a model on labelled documents: tokens lost and stripped, and how far to trust scores.

    Tables tell the figures by set, rendering, language and category for each mode, then the
    reliability of the scores and the worst documents. Documents with must_stay and must_go
    snippets are scored by these.

    \b
    Examples:
      cleaner evaluate data/documents --mode gentle
      cleaner evaluate my-labels.jsonl --split all --html report.html
    """
    from cleaner import dataset
    from cleaner.evaluation import evaluate_modes
    from cleaner.model_file import load
    from cleaner.modes import inspect_modes

    if html is not None:
        inputs = {
            os.path.realpath(path) for path in (*dataset.files(data), *([model] if model else []))
        }
        if os.path.realpath(html) in inputs:
            raise OptionError(f"{html}: would be written over an input; choose another --html")
    judge = load(model)
    modes = tuple(dict.fromkeys(modes))
    reports = evaluate_modes(
        _documents(data, split),
        lambda texts: inspect_modes(texts, judge, modes, keep),
        modes,
        worst,
    )
    if html is not None:
        _write_page(html, reports)
    _show_reports(reports, as_json)


def _documents(data: Sequence[Path], split: str) -> Iterator[LabelledDocument]:
    """The documents of the split that there is something to score of; one at least."""
    from cleaner import dataset

    is_empty = True
    for document in dataset.read(data):
        told = document.spans or document.must_stay or document.must_go
        if told and split in ("all", document.split):
            is_empty = False
            yield document
    if is_empty:
        raise InputError(f"no document of the {split} split; try --split all")


def _write_page(path: Path, reports: Mapping[str, Report]) -> None:
    from cleaner.evaluation_page import page
    from cleaner.writing import write_file

    write_file(path, page(reports).encode("utf-8", "backslashreplace"))


def _show_reports(reports: Mapping[str, Report], as_json: bool) -> None:
    from cleaner.evaluation_text import lines

    if as_json:
        told = {mode: report.as_dict() | report.worst_as_dict() for mode, report in reports.items()}
        write_stream(standard_output(), json_line({"modes": told}))
        return
    for line in lines(reports):
        write_stream(standard_output(), (line + "\n").encode("utf-8", "backslashreplace"))
