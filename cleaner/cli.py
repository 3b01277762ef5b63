"""Words typed become one call; results become text and an exit code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from cleaner.console import (
    Group,
    complain,
    is_coloured,
    is_standard_input,
    read_input,
    read_raw,
    say,
    standard_output,
)
from cleaner.document import Fragment
from cleaner.errors import CleanerError, OptionError
from cleaner.html_options import FORMAT, HTML, OUTPUT_FORMAT, chosen_format
from cleaner.label_commands import evaluate, train
from cleaner.options import ENCODING, JUDGING, PATH
from cleaner.reading import STDIN, checked_encoding
from cleaner.reporting import Stats, verdict_line
from cleaner.version import __version__
from cleaner.writing import Replacement, json_line, write_stream

if TYPE_CHECKING:
    from cleaner.cleaning import Cleaner
    from cleaner.corpus import Task
    from cleaner.html import HtmlCleaner


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


def _html_cleaner(
    model: Path | None, mode: str, keep: Sequence[str], encoding: str | None, output: str
) -> HtmlCleaner:
    from cleaner.html import HtmlCleaner

    return HtmlCleaner(model, mode, keep, encoding=encoding, output=output)


@main.command()
@click.argument("paths", metavar="[FILE|DIR]...", nargs=-1, type=PATH)
@click.option("-o", "--output", type=PATH, help="File, or folder for one file an input file.")
@JUDGING
@ENCODING
@FORMAT
@OUTPUT_FORMAT
@click.option("--rejects", type=PATH, help="Write all that was stripped here, as JSON lines.")
@click.option("--stats", is_flag=True, help="Say on standard error what was kept and stripped.")
def clean(
    paths: tuple[Path, ...],
    output: Path | None,
    model: Path | None,
    mode: str,
    keep: tuple[str, ...],
    encoding: str,
    form: str | None,
    output_format: str,
    rejects: Path | None,
    stats: bool,
) -> None:
    """Hand on the article body of FILE, or of standard input, or of every file below DIR.

    \b
    Examples:
      cleaner clean < page.txt > body.txt
      cleaner clean page.txt --keep caption --stats > body.txt
      cleaner clean scraped/ --output cleaned/ --rejects stripped.jsonl
      cleaner clean page.html --output-format markdown > body.md
    """
    declared = _declared(encoding)
    encoding = checked_encoding(encoding)
    if output is None and (len(paths) > 1 or any(path.is_dir() for path in paths)):
        raise OptionError("several files need --output FOLDER to be written to")
    alone = output is None or not paths or paths == (Path(STDIN),)
    first = paths[0] if paths else None
    is_html = alone and chosen_format(first, form) == HTML
    if not is_html and (form == HTML or output_format != "text"):
        raise OptionError(
            f"{'--format html' if form == HTML else '--output-format'} is for one HTML file"
        )
    tasks = [] if alone or output is None else _planned(paths, output)
    _check_targets(output if alone else None, rejects, paths, tasks)
    record = _Record(rejects)
    with record:
        if is_html:
            pages = _html_cleaner(model, mode, keep, declared, output_format)
            _clean_page(first, output, pages, record)
        elif alone:
            _clean_one(first, output, _cleaner(model, mode, keep), encoding, record)
        else:
            _clean_files(tasks, _cleaner(model, mode, keep), encoding, record)
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


def _declared(encoding: str) -> str | None:
    """The encoding if it was typed; pages declare their own."""
    source = click.get_current_context().get_parameter_source("encoding")
    return checked_encoding(encoding) if source is ParameterSource.COMMANDLINE else None


def _clean_page(
    path: Path | None, output: Path | None, cleaner: HtmlCleaner, record: _Record
) -> None:
    from cleaner.writing import write_file

    name, data = read_raw(path)
    body, fragments = cleaner.clean_and_inspect(data)
    encoded = body.encode("utf-8")
    if output is None:
        write_stream(standard_output(), encoded)
    else:
        write_file(output, encoded)
    record.add(name, fragments)


def _clean_files(tasks: Sequence[Task], cleaner: Cleaner, encoding: str, record: _Record) -> None:
    from cleaner.corpus import run

    for outcome in run(tasks, cleaner, encoding):
        if outcome.error is not None:
            record.fail(outcome.error)
        else:
            record.add(str(outcome.task.source), outcome.fragments)


@main.command()
@click.argument("path", metavar="[FILE]", required=False, type=PATH)
@JUDGING
@ENCODING
@FORMAT
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a table.")
def inspect(
    path: Path | None,
    model: Path | None,
    mode: str,
    keep: tuple[str, ...],
    encoding: str,
    form: str | None,
    as_json: bool,
) -> None:
    """Show every fragment of FILE, or of standard input, with its verdict, score and category.

    \b
    Examples:
      cleaner inspect page.txt
      cleaner inspect --json < page.txt | jq 'select(.keep | not)'
    """
    if chosen_format(path, form) == HTML:
        pages = _html_cleaner(model, mode, keep, _declared(encoding), "text")
        fragments = pages.inspect(read_raw(path)[1])
    else:
        _, data = read_input(path, checked_encoding(encoding))
        fragments = _cleaner(model, mode, keep).inspect(data.text)
    stream = standard_output()
    coloured = is_coloured()
    for fragment in fragments:
        if as_json:
            write_stream(stream, json_line(fragment.as_dict()))
        else:
            line = verdict_line(fragment)
            if coloured:
                line = click.style(line, fg=None if fragment.keep else "red")
            write_stream(stream, (line + "\n").encode("utf-8", "backslashreplace"))


main.add_command(train)
main.add_command(evaluate)
