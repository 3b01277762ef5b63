"""Scraped text in, clean article body out: line by line, with a reason for every line that goes."""

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

__all__ = [
    "Cleaner",
    "CleanerError",
    "DataError",
    "Fragment",
    "InputError",
    "MissingError",
    "ModelError",
    "OptionError",
    "__version__",
    "clean",
]
