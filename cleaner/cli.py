"""Words typed become one call; results become text and an exit code."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.clean_command import clean
from cleaner.console import Group, is_coloured, is_typed, read_raw, standard_output
from cleaner.formats import compression
from cleaner.formats.choosing import kind
from cleaner.formats.record import HTML
from cleaner.label_commands import evaluate, train
from cleaner.options import ENCODING, JUDGING, PAGE_FORMAT, PATH
from cleaner.reading import STDIN, checked_encoding, decoded
from cleaner.repeats_command import repeats
from cleaner.reporting import verdict_line
from cleaner.restore_command import restore
from cleaner.serve.command import serve
from cleaner.version import __version__
from cleaner.writing import json_line, write_stream


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


@main.command()
@click.argument("path", metavar="[FILE]", required=False, type=PATH)
@JUDGING
@ENCODING
@PAGE_FORMAT
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a table.")
def inspect(
    path: Path | None,
    model: Path | None,
    mode: str,
    keep: tuple[str, ...],
    encoding: str,
    asked: str | None,
    as_json: bool,
) -> None:
    """Show every fragment of FILE, or of standard input, with its verdict, score and category.

    \b
    Examples:
      cleaner inspect page.txt
      cleaner inspect --json < page.txt | jq 'select(.keep | not)'
    """
    encoding = checked_encoding(encoding)
    one = kind("" if path is None else str(path), asked)
    name, data = read_raw(path)
    name = "standard input" if name == STDIN else name
    data = compression.whole(data, one.codec, name)
    if asked == HTML or one.is_page:
        from cleaner.formats.page import read_page
        from cleaner.html import HtmlCleaner

        text = read_page(data, encoding if is_typed("encoding") else None, name)
        fragments = HtmlCleaner(model, mode, keep).inspect(text)
    else:
        from cleaner.cleaning import Cleaner

        fragments = Cleaner(model, mode, keep).inspect(decoded(data, encoding, name).text)
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


main.add_command(clean)
main.add_command(restore)
main.add_command(repeats)
main.add_command(train)
main.add_command(evaluate)
main.add_command(serve)
