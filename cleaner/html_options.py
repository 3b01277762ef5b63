"""The options of commands that take HTML, and which inputs are HTML."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.options import Decorator

TEXT, HTML = "text", "html"

_SUFFIXES = (".html", ".htm", ".xhtml")

FORMAT: Decorator = click.option(
    "--format",
    "form",
    type=click.Choice((TEXT, HTML)),
    help="What the input is; default: html for .html, .htm and .xhtml, else text.",
)
OUTPUT_FORMAT: Decorator = click.option(
    "--output-format",
    type=click.Choice(("text", "markdown")),
    default="text",
    show_default=True,
    help="How the article of a page of HTML is written.",
)


def chosen_format(path: Path | None, form: str | None) -> str:
    """What was asked for, or else what the name of the input says."""
    if form is not None:
        return form
    is_page = path is not None and path.suffix.lower() in _SUFFIXES
    return HTML if is_page else TEXT
