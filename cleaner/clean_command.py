"""`cleaner clean`: what was typed becomes one input for a filter, or the orders of a run."""

from __future__ import annotations

from typing import Any

import click

from cleaner.console import FAILED, is_typed, say
from cleaner.errors import OptionError
from cleaner.formats.choosing import OUTPUT_FORMATS
from cleaner.options import ENCODING, FIELD, FORMAT, JUDGING, PATH, PLACE, WORKERS, options
from cleaner.reading import checked_encoding
from cleaner.wishes import Wishes

_OUTPUT = options(
    click.option("-o", "--output", type=PLACE, help="File, or folder for one file an input file."),
    click.option(
        "--rejects", type=PATH, help="Write all that was stripped here: .jsonl, .parquet."
    ),
    click.option("--stats", is_flag=True, help="Say on standard error what was kept and stripped."),
)
_RECORDS = options(
    FORMAT,
    FIELD,
    click.option(
        "--output-format",
        type=click.Choice(OUTPUT_FORMATS),
        help="Write HTML as Markdown, WET and WARC archives as JSON lines, or WARC as WET.",
    ),
    click.option(
        "--keep-original",
        metavar="NAME",
        help="Add a field or column of this name with the text as it was.",
    ),
    click.option(
        "--annotate",
        is_flag=True,
        help='Add a field "cleaner": share kept, score, lines stripped by category.',
    ),
)
_REPEATS = options(
    click.option(
        "--repeats",
        type=PATH,
        metavar="FILE",
        help="Counts by 'cleaner repeats': lines that stand in other documents too count less.",
    ),
    click.option(
        "--learn-repeats", is_flag=True, help="Count the lines of all files first, then clean."
    ),
)
_RUN = options(
    WORKERS,
    click.option("--force", is_flag=True, help="Do again what an earlier run has done."),
    click.option(
        "--progress/--no-progress",
        default=None,
        help="Show how far it is; default: on a terminal.",
    ),
    click.option("--report", type=PATH, help="Write counts, slowest files and failures as JSON."),
    click.option(
        "--sample",
        type=click.IntRange(0),
        default=0,
        metavar="N",
        help="Draw N strippings to look at; see --sample-page.",
    ),
    click.option(
        "--sample-page", type=PATH, help="HTML page for --sample; default: beside the report."
    ),
    click.option(
        "--seed", type=int, default=0, show_default=True, help="Of --sample: another one, others."
    ),
    click.option(
        "--state",
        type=PATH,
        help="Folder for manifest and unfinished work; default: OUTPUT/.cleaner.",
    ),
    click.option(
        "--block-size",
        type=click.IntRange(1),
        default=4 << 20,
        show_default=True,
        metavar="BYTES",
        help="Large files are worked on, and continued, in blocks of so much.",
    ),
)


@click.command()
@click.argument("paths", metavar="[FILE|DIR|GLOB|URL]...", nargs=-1, type=PLACE)
@_OUTPUT
@JUDGING
@ENCODING
@_RECORDS
@_REPEATS
@_RUN
def clean(**wishes: Any) -> None:
    """Hand on the article body of FILE, or of standard input, or of every file below DIR.

    Text, HTML, JSON lines (.jsonl), Parquet, WET and WARC archives are told apart by their names,
    as are .gz, .zst, .bz2 and .xz. Run again, the same command goes on where it was stopped.

    \b
    Examples:
      cleaner clean < page.txt > body.txt
      cleaner clean page.txt --keep caption --stats > body.txt
      cleaner clean page.html --output-format markdown > body.md
      cleaner clean scraped/ --output cleaned/ --rejects stripped.jsonl
      cleaner clean 'shards/*.jsonl.gz' --output cleaned/ --workers 8 --field content
      cleaner clean pages.jsonl --field html --format html --output texts.jsonl
      cleaner clean crawl.warc.gz --output crawl.jsonl.gz
      cat shard.jsonl | cleaner clean --format jsonl > clean.jsonl
    """
    from cleaner.dispatch import carry_out

    wish = Wishes(
        **{**wishes, "encoding": checked_encoding(wishes["encoding"])},
        encoding_typed=is_typed("encoding"),
    )
    if wish.sample and wish.page is None:
        raise OptionError("--sample needs --sample-page FILE, or --report to be put beside")
    report = carry_out(wish)
    if wish.stats:
        for line in report.summary():
            say(line)
    if report.failure_count:
        click.get_current_context().exit(FAILED)
