"""Which way an order of `clean` goes: through a filter, or as a run over files."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from cleaner.cleaning import Cleaner
from cleaner.console import StandardInput, complain, is_standard_input, say, standard_output
from cleaner.errors import OptionError
from cleaner.formats import places
from cleaner.formats.choosing import OF_HTML, PARQUET, Kind, check, file_to_file, kind
from cleaner.formats.record import HTML, TEXT, Layout
from cleaner.reading import STDIN
from cleaner.runs.report import Report
from cleaner.runs.settings import Settings, key, model_digest
from cleaner.runs.totals import Total
from cleaner.writing import Replacement, write_file, write_stream

if TYPE_CHECKING:
    from cleaner.runs.judged import Judges
    from cleaner.runs.plan import Task
    from cleaner.runs.run import Run
    from cleaner.wishes import Wishes

#: The folder of a run's state within its output folder.
_STATE = ".cleaner"


def carry_out(wish: Wishes) -> Report:
    """Do what was asked for; failures are told on standard error. Raises what ends it."""
    paths = list(wish.paths)
    if any(map(places.is_pattern, paths)):
        from cleaner.runs.plan import expanded

        paths = expanded(paths)
    layout = Layout(
        wish.field,
        wish.keep_original,
        wish.annotate,
        wish.encoding,
        wish.encoding if wish.encoding_typed else None,
    )
    settings = Settings(layout, wish.block_size, wish.rejects is not None, wish.sample, wish.seed)
    source = _filter_source(wish, paths)
    report = _run(wish, paths, settings) if source is None else _filter(wish, source, settings)
    for line in report.told():
        complain(line)
    if wish.report is not None:
        write_file(wish.report, json.dumps(report.as_dict(), indent=2).encode() + b"\n")
    return report


def _filter_source(wish: Wishes, paths: Sequence[str]) -> str | None:
    """The one input that goes through a filter, or None if there is to be a run."""
    if paths in ([], [STDIN]):
        return STDIN
    alone = len(paths) == 1 and not Path(paths[0]).is_dir()
    if wish.output is None:
        if not alone or (places.is_remote(paths[0]) and places.below(paths[0]) is not None):
            raise OptionError("several files need --output FOLDER to be written to")
        return paths[0]
    if not alone or places.is_remote(wish.output) or kind(paths[0], wish.asked).is_records:
        return None
    from cleaner.runs.plan import is_file_to_file

    return paths[0] if is_file_to_file(paths, wish.output) else None


def _filter(wish: Wishes, source: str, settings: Settings) -> Report:
    from cleaner.runs.filter import filtered

    one = file_to_file(
        kind("" if source == STDIN else source, wish.asked),
        source,
        wish.output or "",
        wish.output_format,
    )
    _check_filter(wish, source, one, settings.layout)
    if wish.learn_repeats:
        raise OptionError("--learn-repeats needs files or folders, and --output FOLDER")
    judges, report, total = (
        _judges(wish, [one], wish.repeats),
        Report(done=1),
        Total(wish.rejects, wish.sample, wish.page),
    )
    began = time.monotonic()
    with total, contextlib.ExitStack() as stack:
        write = _written_to(wish.output, stack)
        stream = cast(BinaryIO, StandardInput()) if source == STDIN else places.opened(source)
        stack.callback(stream.close)
        for judged in filtered(
            stream,
            "standard input" if source == STDIN else source,
            one,
            judges,
            settings,
            write,
            document=source,
            file=Path(wish.output).name if wish.output else STDIN,
            live=source == STDIN,
        ):
            report.tally.add(judged.tally)
            report.fail(judged.tally.faults, judged.tally.faulty)
            report.read += len(judged.piece.cut.payload)
            report.written += len(judged.body)
            total.take(judged)
        total.finish(report)
    report.seconds = time.monotonic() - began
    return report


def _check_filter(wish: Wishes, source: str, one: Kind, layout: Layout) -> None:
    _check_kinds(wish, [one])
    check(one, layout)
    if one.read == PARQUET:
        raise OptionError("Parquet cannot be a stream; give FILE and --output")
    _check_targets(wish, source)


def _check_kinds(wish: Wishes, kinds: Collection[Kind]) -> None:
    """Raise `OptionError` for an option that none of these kinds has a use or a place for."""
    html = any(one.holds == HTML for one in kinds)
    if kinds and not html and wish.output_format in OF_HTML:
        raise OptionError(f"--output-format {wish.output_format} is for HTML, and here is none")
    refused = ["repeats", "learn_repeats"] if html else []
    for name in refused:
        if getattr(wish, name):
            raise OptionError(f"--{name.replace('_', '-')} is not for HTML; leave it out")
    if not kinds or any(one.is_records for one in kinds):
        return
    which = "HTML" if html else "texts"
    for name in ("keep_original", "annotate"):
        if getattr(wish, name):
            raise OptionError(
                f"--{name.replace('_', '-')} is not for {which}, which have no fields; leave it out"
            )


def _judges(wish: Wishes, kinds: Iterable[Kind], repeats: Path | None) -> Judges:
    """The cleaners for what files of these kinds hold."""
    judges = {TEXT: Cleaner(wish.model, wish.mode, wish.keep, repeats)}
    bodies = {one.body for one in kinds if one.holds == HTML}
    if bodies:
        from cleaner.html import HtmlCleaner

        (body,) = bodies
        judges[HTML] = HtmlCleaner(wish.model, wish.mode, wish.keep, output=body)
    return judges


def _check_targets(wish: Wishes, source: str) -> None:
    """Raise `OptionError` if what is to be written is the one input, or written twice."""
    targets = [path for path in _side_targets(wish).values() if path is not None]
    if wish.output is not None and not places.is_remote(wish.output):
        targets.append(Path(wish.output))
        if _real(wish.output) == _real(source):
            raise OptionError(
                f"{wish.output}: would be written over an input; choose another --output"
            )
    for path in targets:
        if is_standard_input(path):
            raise OptionError(f"{path}: would be written over the input; choose another name")
    _check_sides(wish, [source], [wish.output] if wish.output else [])


def _written_to(output: str | None, stack: contextlib.ExitStack) -> Callable[[bytes], None]:
    if output is None:
        stream = standard_output()
        return lambda data: write_stream(stream, data)
    return stack.enter_context(Replacement(Path(output))).write


def _run(wish: Wishes, paths: Sequence[str], settings: Settings) -> Report:
    from cleaner.runs.plan import is_file_to_file, plan
    from cleaner.runs.run import Orders, Run, removed

    assert wish.output is not None
    tasks = plan(paths, wish.output, wish.asked, wish.output_format)
    kinds = {task.kind for task in tasks}
    _check_kinds(wish, kinds)
    for one in kinds:
        check(one, settings.layout)
    alone = is_file_to_file(paths, wish.output)
    state = wish.state or _state(wish.output, alone)
    _check_sides(wish, [task.source for task in tasks], [task.target for task in tasks])
    judges = _judges(wish, kinds, _counts(wish, tasks, settings, state))
    orders = Orders(
        state, model_digest(wish.model), wish.workers, wish.force, _is_shown(wish.progress), say
    )
    total = Total(wish.rejects, wish.sample, wish.page)

    def finish(run: Run) -> None:
        with total:
            for _, row in run.rows():
                total.take_file({side: run.side(row, side) for side in row["sides"]})
            total.finish(run.report)

    try:
        report = Run(tasks, judges, settings, orders).do(finish)
    except KeyboardInterrupt:
        say("the same command goes on from here")
        raise
    if alone and wish.state is None and not report.failed:
        removed(state)
    return report


def _counts(wish: Wishes, tasks: list[Task], settings: Settings, state: Path) -> Path | None:
    """The file of counts to judge by, if there is to be one."""
    if wish.repeats is not None and wish.learn_repeats:
        raise OptionError("--repeats has counts already; leave out --learn-repeats")
    if not wish.learn_repeats:
        return wish.repeats
    from cleaner.runs.counting import remembered
    from cleaner.runs.workers import cores

    return remembered(tasks, settings, wish.workers or cores(), state)


def _state(output: str, alone: bool) -> Path:
    if places.is_remote(output):
        return Path(f"{_STATE}-{key(output)}")
    path = Path(output)
    return path.with_name(f".{path.name}{_STATE}") if alone else path / _STATE


def _is_shown(wish: bool | None) -> bool:
    if wish is not None:
        return wish
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False


def _side_targets(wish: Wishes) -> dict[str, Path | None]:
    return {"--rejects": wish.rejects, "--report": wish.report, "--sample-page": wish.page}


def _check_sides(wish: Wishes, sources: Sequence[str], outputs: Sequence[str]) -> None:
    """Raise `OptionError` if a file beside the outputs is an input or another output."""
    inputs = {_real(source) for source in (*sources, *wish.paths)}
    taken = {_real(output) for output in outputs}
    for option, path in _side_targets(wish).items():
        if path is None:
            continue
        real = os.path.realpath(path)
        if real in inputs:
            raise OptionError(f"{path}: would be written over an input; choose another {option}")
        if real in taken:
            raise OptionError(f"{path}: is an output already; choose another {option}")
        taken.add(real)
    if wish.rejects is not None:
        from cleaner.runs.rejects import checked

        checked(wish.rejects)


def _real(place: str) -> str:
    return place if places.is_remote(place) else os.path.realpath(place)
