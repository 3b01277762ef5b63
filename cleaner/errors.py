"""What can go wrong, named by what the caller can do about it."""

from __future__ import annotations


class CleanerError(Exception):
    """Any error of ours; its text is one line that says what is wrong and what to do."""


class ModelError(CleanerError):
    """The model file is missing, damaged, or of another format: choose or train another."""


class ExtraError(CleanerError):
    """A library of an extra is not installed: run the install line that is named."""


class DataError(CleanerError):
    """A labelled document is malformed: mend the named line of the named file."""


class InputError(CleanerError):
    """One input cannot be read or is not text; the others are not concerned."""


class OptionError(CleanerError, ValueError):
    """An option has a value that does not exist: choose one of those named."""
