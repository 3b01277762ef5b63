"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cleaner.decisions import MODES
from cleaner.document import STRIPPED_CATEGORIES
from cleaner.formats.choosing import FORMATS

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def options(*options: Decorator) -> Decorator:
    def apply(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return apply


PATH = click.Path(path_type=Path)
#: A path, or a URL, of which a `Path` would make another.
PLACE = click.Path()
MODEL: Decorator = click.option(
    "--model", type=PATH, help="Model file; default: the shipped model."
)
KEEP: Decorator = click.option(
    "--keep",
    multiple=True,
    type=click.Choice(STRIPPED_CATEGORIES),
    metavar="CATEGORY",
    help=f"Leave this category in place; repeatable. One of: {', '.join(STRIPPED_CATEGORIES)}.",
)
JUDGING: Decorator = options(
    MODEL,
    click.option(
        "--mode",
        type=click.Choice(MODES),
        default="balanced",
        show_default=True,
        help="How much to strip: gentle loses least, thorough strips most.",
    ),
    KEEP,
)
ENCODING: Decorator = click.option(
    "--encoding", default="utf-8", show_default=True, help="Encoding of input and output."
)
FORMAT: Decorator = click.option(
    "--format",
    "asked",
    type=click.Choice(FORMATS),
    help="Format of the input, whatever its name; default: by the name, text if it says nothing. "
    "html is a page, or what --field of JSON lines or Parquet holds.",
)
PAGE_FORMAT: Decorator = click.option(
    "--format",
    "asked",
    type=click.Choice(("text", "html")),
    help="What the input is; default: html for .html, .htm and .xhtml, else text.",
)
FIELD: Decorator = click.option(
    "--field",
    default="text",
    show_default=True,
    metavar="NAME",
    help="Field of JSON lines, or column of Parquet, that holds the text.",
)
WORKERS: Decorator = click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Processes; default: one a core where there is enough to do.",
)
