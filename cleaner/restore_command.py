"""`cleaner restore`: words typed become one call, failures become lines and an exit code."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.console import FAILED, complain
from cleaner.options import ENCODING, FIELD, FORMAT, PATH
from cleaner.reading import checked_encoding


@click.command()
@click.argument("cleaned", metavar="CLEANED", type=PATH)
@click.option("--rejects", type=PATH, required=True, help="What --rejects of the run has written.")
@click.option("-o", "--output", type=PATH, required=True, help="File, or folder for a folder.")
@FORMAT
@FIELD
@ENCODING
def restore(
    cleaned: Path,
    rejects: Path,
    output: Path,
    asked: str | None,
    field: str,
    encoding: str,
) -> None:
    """Rebuild what CLEANED, a file or a folder, was before `cleaner clean` had cleaned it.

    It takes the rejects of the run that wrote CLEANED, and the same --field and --encoding.

    \b
    Examples:
      cleaner restore cleaned/ --rejects stripped.jsonl -o scraped-again/
      cleaner restore body.txt --rejects stripped.jsonl -o page.txt
    """
    from cleaner.formats.record import Layout
    from cleaner.runs.restore import restore as restored

    layout = Layout(field, encoding=checked_encoding(encoding))
    failed = False
    for error in restored(cleaned, rejects, output, layout, asked):
        complain(str(error))
        failed = True
    if failed:
        click.get_current_context().exit(FAILED)
