"""Scraped text in, clean article body out: line by line, with a reason for every line that goes."""

from typing import TYPE_CHECKING, Any

from cleaner.cleaning import Cleaner, clean
from cleaner.document import Fragment
from cleaner.errors import (
    CleanerError,
    DataError,
    InputError,
    MissingError,
    ModelError,
    OptionError,
)
from cleaner.version import __version__

if TYPE_CHECKING:
    from cleaner.html import HtmlCleaner, clean_html, inspect_html

__all__ = [
    "Cleaner",
    "CleanerError",
    "DataError",
    "Fragment",
    "HtmlCleaner",
    "InputError",
    "MissingError",
    "ModelError",
    "OptionError",
    "__version__",
    "clean",
    "clean_html",
    "inspect_html",
]

#: What is imported when it is first asked for, and not by texts that need no HTML.
_OF_HTML = ("HtmlCleaner", "clean_html", "inspect_html")


def __getattr__(name: str) -> Any:
    if name in _OF_HTML:
        from cleaner import html

        return getattr(html, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
