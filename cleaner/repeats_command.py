"""`cleaner repeats`: words typed become counts of lines, failures become lines and a code."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.console import FAILED, complain, say
from cleaner.options import ENCODING, FIELD, FORMAT, PATH, PLACE, WORKERS
from cleaner.reading import checked_encoding


@click.command()
@click.argument("paths", metavar="FILE|DIR|GLOB|URL...", nargs=-1, type=PLACE, required=True)
@click.option("-o", "--output", type=PATH, required=True, help="File for the counts.")
@FORMAT
@FIELD
@ENCODING
@WORKERS
def repeats(
    paths: tuple[str, ...],
    output: Path,
    asked: str | None,
    field: str,
    encoding: str,
    workers: int | None,
) -> None:
    """Count in how many documents each line stands, for `cleaner clean --repeats`.

    Lines of records with a field "url" are counted by its host, all others together. The counts
    take 16 MB of memory whatever the size of the corpus.

    \b
    Example:
      cleaner repeats crawl/ -o counts.npz
      cleaner clean crawl/ --output cleaned/ --repeats counts.npz
    """
    from cleaner.formats.record import Layout
    from cleaner.runs.counting import counted
    from cleaner.runs.plan import expanded, inputs
    from cleaner.runs.settings import Settings
    from cleaner.runs.workers import cores

    tasks = inputs(expanded(paths), asked)
    settings = Settings(Layout(field, encoding=checked_encoding(encoding)))
    counts, errors = counted(tasks, settings, workers or cores())
    for error in errors:
        complain(error)
    counts.save(output)
    say(f"{counts.documents} documents counted")
    if errors:
        click.get_current_context().exit(FAILED)
