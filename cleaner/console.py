"""Where the command meets the terminal: streams in and out, and errors as one line and a code."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, NoReturn, cast

import click
from click.core import ParameterSource

from cleaner.errors import CleanerError, InputError, OptionError
from cleaner.reading import STDIN, read_bytes

OK, FAILED, INTERRUPTED = 0, 1, 130

_READ_AT_ONCE = 1 << 20


class Group(click.Group):
    """Turns our errors into one line on standard error and an exit code, in this one place."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        signal.signal(signal.SIGTERM, _terminated)
        try:
            return super().main(*args, **kwargs)
        except OSError as error:  # help or version could not be written
            _stop(error)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OptionError as error:
            raise click.UsageError(str(error), ctx) from error
        except CleanerError as error:
            complain(str(error))
            try:
                sys.stdout.flush()
            except (OSError, ValueError, AttributeError):
                _drop_output()
            ctx.exit(FAILED)
        except KeyboardInterrupt:
            complain("interrupted; nothing half-written is left")
            ctx.exit(INTERRUPTED)
        except OSError as error:
            _stop(error)


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop(error: OSError) -> NoReturn:
    """End the run after standard output has failed; a closed pipe is no failure of ours."""
    _drop_output()
    if error.errno in (errno.EPIPE, errno.ESHUTDOWN):
        sys.exit(OK)
    complain(f"standard output: cannot be written ({error.strerror or error})")
    sys.exit(FAILED)


def _drop_output() -> None:
    """What is still buffered is not tried again when the interpreter ends, which would fail too."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """One line on standard error, where that can be written."""
    with contextlib.suppress(OSError, ValueError):
        click.echo(f"cleaner: {text}", err=True)


def say(text: str) -> None:
    """One line of progress or summary on standard error."""
    with contextlib.suppress(OSError, ValueError):
        click.echo(text, err=True)


def read_raw(path: Path | None) -> tuple[str, bytes]:
    """The name and bytes of the file, or of standard input for None and "-"."""
    if path is not None and str(path) != STDIN:
        return str(path), read_bytes(path)
    return STDIN, StandardInput().read()


class StandardInput:
    """Standard input for bytes; raises `InputError` where it cannot be read."""

    def read(self, size: int = -1) -> bytes:
        """What is there, `size` bytes at most and one at least unless it ends; or all of it."""
        try:
            stream = cast(io.BufferedReader, sys.stdin.buffer)
            if size >= 0:
                return stream.read1(size)
            # Piece by piece: one long read would keep an interrupt waiting until the input ends.
            return b"".join(iter(lambda: stream.read1(_READ_AT_ONCE), b""))
        except (OSError, AttributeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is closed"
            raise InputError(f"standard input: cannot be read ({reason})") from None

    def close(self) -> None:
        """Leave it open: it is not ours."""


def is_typed(option: str) -> bool:
    """Whether the running command's option was given, and has not its default value."""
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.COMMANDLINE


def standard_output() -> BinaryIO:
    """Standard output for bytes; raises `CleanerError` if there is none."""
    if sys.stdout is None:
        raise CleanerError("standard output: is closed")
    return sys.stdout.buffer


def is_coloured() -> bool:
    """Whether to write in colour: to a terminal, unless NO_COLOR is set (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def is_standard_input(path: Path) -> bool:
    """Whether the path is the file that standard input is read from."""
    try:
        return os.path.samestat(os.fstat(sys.stdin.fileno()), path.stat())
    except (OSError, ValueError, AttributeError):
        return False
