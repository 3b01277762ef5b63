"""Words typed become one call; results become text and an exit code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.console import (
    Group,
    complain,
    is_coloured,
    is_standard_input,
    read_input,
    say,
    standard_output,
)
from cleaner.decisions import MODES
from cleaner.document import STRIPPED_CATEGORIES, Fragment
from cleaner.errors import CleanerError, InputError, OptionError
from cleaner.reading import STDIN, checked_encoding
from cleaner.reporting import Stats, verdict_line
from cleaner.version import __version__
from cleaner.writing import Replacement, json_line, write_stream

if TYPE_CHECKING:
    from cleaner.cleaning import Cleaner
    from cleaner.corpus import Task
    from cleaner.dataset import LabelledDocument
    from cleaner.evaluation import Report

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _options(*options: _Decorator) -> _Decorator:
    def apply(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return apply


_path = click.Path(path_type=Path)
_model: _Decorator = click.option(
    "--model", type=_path, help="Model file; default: the shipped model."
)
_keep: _Decorator = click.option(
    "--keep",
    multiple=True,
    type=click.Choice(STRIPPED_CATEGORIES),
    metavar="CATEGORY",
    help=f"Leave this category in place; repeatable. One of: {', '.join(STRIPPED_CATEGORIES)}.",
)
_judging: _Decorator = _options(
    _model,
    click.option(
        "--mode",
        type=click.Choice(MODES),
        default="balanced",
        show_default=True,
        help="How much to strip: gentle loses least, thorough strips most.",
    ),
    _keep,
)
_encoding: _Decorator = click.option(
    "--encoding", default="utf-8", show_default=True, help="Encoding of input and output."
)


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="cleaner")
def main() -> None:
    """Strip link lists, made-up profiles, captions, menus and other boilerplate from scraped text.

    \b
    Example:
      cleaner clean < page.txt > body.txt

    Exit codes: 0 all well, 1 some input failed, 2 wrong usage.
    Shell completion: eval "$(_CLEANER_COMPLETE=bash_source cleaner)", or zsh_source, fish_source.
    """


def _cleaner(model: Path | None, mode: str, keep: Sequence[str]) -> Cleaner:
    from cleaner.cleaning import Cleaner

    return Cleaner(model, mode, keep)


@main.command()
@click.argument("paths", metavar="[FILE|DIR]...", nargs=-1, type=_path)
@click.option("-o", "--output", type=_path, help="File, or folder for one file an input file.")
@_judging
@_encoding
@click.option("--rejects", type=_path, help="Write all that was stripped here, as JSON lines.")
@click.option("--stats", is_flag=True, help="Say on standard error what was kept and stripped.")
def clean(
    paths: tuple[Path, ...],
    output: Path | None,
    model: Path | None,
    mode: str,
    keep: tuple[str, ...],
    encoding: str,
    rejects: Path | None,
    stats: bool,
) -> None:
    """Hand on the article body of FILE, or of standard input, or of every file below DIR.

    \b
    Examples:
      cleaner clean < page.txt > body.txt
      cleaner clean page.txt --keep caption --stats > body.txt
      cleaner clean scraped/ --output cleaned/ --rejects stripped.jsonl
    """
    encoding = checked_encoding(encoding)
    if output is None and (len(paths) > 1 or any(path.is_dir() for path in paths)):
        raise OptionError("several files need --output FOLDER to be written to")
    alone = output is None or not paths or paths == (Path(STDIN),)
    tasks = [] if alone or output is None else _planned(paths, output)
    _check_targets(output if alone else None, rejects, paths, tasks)
    cleaner = _cleaner(model, mode, keep)
    record = _Record(rejects)
    with record:
        if alone:
            _clean_one(paths[0] if paths else None, output, cleaner, encoding, record)
        else:
            _clean_files(tasks, cleaner, encoding, record)
    if stats:
        for line in record.stats.summary():
            say(line)
    if record.failed:
        click.get_current_context().exit(1)


def _planned(paths: Sequence[Path], output: Path) -> list[Task]:
    from cleaner.corpus import plan

    return plan(paths, output)


def _check_targets(
    output: Path | None, rejects: Path | None, paths: Sequence[Path], tasks: Sequence[Task]
) -> None:
    """Raise `OptionError` if a file that is to be written is an input, or written twice."""
    inputs = {os.path.realpath(path) for path in (*paths, *(task.source for task in tasks))}
    outputs = {os.path.realpath(task.target) for task in tasks}
    for path in (output, rejects):
        if path is not None and is_standard_input(path):
            raise OptionError(f"{path}: would be written over the input; choose another name")
    if rejects is not None:
        real = os.path.realpath(rejects)
        if real in inputs:
            raise OptionError(
                f"{rejects}: would be written over an input; choose another --rejects"
            )
        if real in outputs or (output is not None and real == os.path.realpath(output)):
            raise OptionError(f"{rejects}: is an output already; choose another --rejects")


class _Record:
    """What a run of `clean` keeps of its documents: counts, and the rejects if asked for."""

    def __init__(self, rejects: Path | None) -> None:
        self.stats = Stats()
        self.failed = False
        self._file = Replacement(rejects) if rejects is not None else None

    def __enter__(self) -> None:
        if self._file is not None:
            self._file.__enter__()

    def __exit__(self, *error: Any) -> None:
        if self._file is not None:
            self._file.__exit__(*error)

    def add(self, name: str, fragments: Sequence[Fragment]) -> None:
        self.stats.add(name, fragments)
        if self._file is not None:
            for fragment in fragments:
                if not fragment.keep:
                    self._file.write(json_line({"document": name, **fragment.as_dict()}))

    def fail(self, error: CleanerError) -> None:
        self.failed = True
        complain(str(error))


def _clean_one(
    path: Path | None, output: Path | None, cleaner: Cleaner, encoding: str, record: _Record
) -> None:
    from cleaner.mending import mended
    from cleaner.writing import write_file

    name, data = read_input(path, encoding)
    fragments = cleaner.inspect(data.text)
    body = data.encoded(mended(data.text, fragments))
    if output is None:
        write_stream(standard_output(), body)
    else:
        write_file(output, body)
    record.add(name, fragments)


def _clean_files(tasks: Sequence[Task], cleaner: Cleaner, encoding: str, record: _Record) -> None:
    from cleaner.corpus import run

    for outcome in run(tasks, cleaner, encoding):
        if outcome.error is not None:
            record.fail(outcome.error)
        else:
            record.add(str(outcome.task.source), outcome.fragments)


@main.command()
@click.argument("path", metavar="[FILE]", required=False, type=_path)
@_judging
@_encoding
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a table.")
def inspect(
    path: Path | None,
    model: Path | None,
    mode: str,
    keep: tuple[str, ...],
    encoding: str,
    as_json: bool,
) -> None:
    """Show every fragment of FILE, or of standard input, with its verdict, score and category.

    \b
    Examples:
      cleaner inspect page.txt
      cleaner inspect --json < page.txt | jq 'select(.keep | not)'
    """
    _, data = read_input(path, checked_encoding(encoding))
    stream = standard_output()
    coloured = is_coloured()
    for fragment in _cleaner(model, mode, keep).inspect(data.text):
        if as_json:
            write_stream(stream, json_line(fragment.as_dict()))
        else:
            line = verdict_line(fragment)
            if coloured:
                line = click.style(line, fg=None if fragment.keep else "red")
            write_stream(stream, (line + "\n").encode("utf-8", "backslashreplace"))


@main.command()
@click.argument("data", nargs=-1, required=True, type=_path)
@click.option("-o", "--output", type=_path, required=True, help="Model file to write.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same model.")
@click.option("--all", "use_all", is_flag=True, help="Learn from the dev documents as well.")
def train(data: tuple[Path, ...], output: Path, seed: int, use_all: bool) -> None:
    """Train a model on labelled documents: files or folders of .jsonl or .jsonl.gz.

    Documents of the dev split (one in five by id, where they do not say) are held out, and the
    new model is scored on them.

    \b
    Example:
      cleaner train data/documents my-labels.jsonl -o my-model.npz
    """
    from cleaner import dataset, training
    from cleaner.cleaning import Cleaner
    from cleaner.evaluation import evaluate as evaluated
    from cleaner.recipe import Recipe

    if os.path.realpath(output) in map(os.path.realpath, dataset.files(data)):
        raise OptionError(f"{output}: would be written over the data; choose another --output")
    documents = list(dataset.read(data))
    held = [] if use_all else [document for document in documents if document.split == "dev"]
    learned = [document for document in documents if use_all or document.split != "dev"]
    model, _ = training.train(learned, Recipe(seed=seed), say)
    if held:
        report = evaluated(held, Cleaner(model).inspect_batch)
        model.header["scores"] = report.as_dict()
        for line in report.lines():
            click.echo(line)
    model.save(output)


@main.command()
@click.argument("data", nargs=-1, required=True, type=_path)
@_model
@click.option(
    "--mode",
    "modes",
    multiple=True,
    type=click.Choice(MODES),
    default=MODES,
    help="Score this mode; repeatable. Default: all, side by side.",
)
@_keep
@click.option(
    "--split",
    type=click.Choice(["dev", "train", "all"]),
    default="dev",
    show_default=True,
    help="Which documents to score.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON instead of tables.")
@click.option("--html", type=_path, help="Write a page with tables and plots here as well.")
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
    from cleaner.modes import inspect_modes

    if html is not None:
        inputs = {
            os.path.realpath(path) for path in (*dataset.files(data), *([model] if model else []))
        }
        if os.path.realpath(html) in inputs:
            raise OptionError(f"{html}: would be written over an input; choose another --html")
    judge = _cleaner(model, "balanced", keep).model
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
