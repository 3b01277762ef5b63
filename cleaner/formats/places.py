"""Where files are: on this machine by path, elsewhere by URL through fsspec."""

from __future__ import annotations

import glob
import hashlib
import io
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from cleaner.errors import CleanerError, InputError
from cleaner.extras import library
from cleaner.writing import Replacement, named

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PATTERN = re.compile(r"[*?\[]")

#: What a store calls the state of a file; the first that it knows stands for the file.
_STAMPS = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated", "created")


class Facts(NamedTuple):
    """A file's size in bytes, and what changes when it is written."""

    size: int
    stamp: str


def is_remote(place: str) -> bool:
    """Whether the place is a URL."""
    return _URL.match(place) is not None


def _store(place: str) -> tuple[Any, str]:
    """The file system of a URL, and the path there; raises `CleanerError` if there is none."""
    fsspec = library("fsspec.core", f"reading and writing {place.partition('://')[0]}://")
    try:
        system, path = fsspec.url_to_fs(place)
    except (ImportError, ValueError) as error:
        raise CleanerError(f"{place}: {error}") from None
    return system, path


def opened(place: str) -> BinaryIO:
    """The file for reading; raises `InputError` naming it."""
    try:
        if is_remote(place):
            system, path = _store(place)
            return cast(BinaryIO, system.open(path, "rb"))
        return Path(place).open("rb")
    except OSError as error:
        raise InputError(f"{place}: {_reason(error)}") from None


def facts(place: str) -> Facts:
    """The file's; raises `InputError` naming it."""
    try:
        if not is_remote(place):
            about = os.stat(place)  # noqa: PTH116
            return Facts(about.st_size, str(about.st_mtime_ns))
        system, path = _store(place)
        info = system.info(path)
    except OSError as error:
        raise InputError(f"{place}: {_reason(error)}") from None
    stamp = next((str(info[name]) for name in _STAMPS if info.get(name)), "")
    return Facts(info.get("size") or 0, stamp)


def is_file(place: str) -> bool:
    """Whether there is such a file."""
    try:
        facts(place)
    except InputError:
        return False
    return True


def digest(place: str) -> str:
    """Of the file's bytes as they lie there; empty for URLs, which are not read twice."""
    if is_remote(place):
        return ""
    with opened(place) as file:
        try:
            return hashlib.file_digest(
                cast(io.BufferedReader, file), lambda: hashlib.blake2b(digest_size=16)
            ).hexdigest()
        except OSError as error:
            raise InputError(f"{place}: {_reason(error)}") from None


def matching(pattern: str) -> list[str]:
    """The files of a pattern in order, "**" for any folders; raises `InputError` if none are."""
    if is_remote(pattern):
        system, path = _store(pattern)
        found = [system.unstrip_protocol(one) for one in system.glob(path)]
    else:
        found = [one for one in glob.glob(pattern, recursive=True) if not os.path.isdir(one)]  # noqa: PTH112, PTH207
    if not found:
        raise InputError(f"{pattern}: no file is called so")
    return sorted(found)


def is_pattern(place: str) -> bool:
    """Whether the place is a pattern, and no file of that very name."""
    return bool(_PATTERN.search(place)) and not (not is_remote(place) and os.path.lexists(place))


def below(place: str) -> Iterator[tuple[str, str]] | None:
    """The files below a remote folder with their relative paths; None if it is no folder."""
    system, path = _store(place)
    if not system.isdir(path):
        return None
    root = path.rstrip("/") + "/"
    names = (one.removeprefix(root) for one in sorted(system.find(path)))
    return (
        (system.unstrip_protocol(root + name), name)
        for name in names
        if not any(part.startswith(".") for part in name.split("/"))
    )


def within(folder: str, relative: str) -> str:
    """The place of a file below a folder."""
    if is_remote(folder):
        return f"{folder.rstrip('/')}/{relative}"
    return os.path.join(folder, relative)  # noqa: PTH118


def deliver(part: Path, target: str) -> None:
    """Move a finished file to its place, whole or not at all; raises `CleanerError` naming it."""
    if is_remote(target):
        system, there = _store(target)
        with named(target), part.open("rb") as source, system.open(there, "wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
        part.unlink()
        return
    path = Path(target)
    try:
        if path.exists() and not path.is_file():
            raise OSError  # which the replacement tells of, or it is a device
        path.parent.mkdir(parents=True, exist_ok=True)
        part.replace(os.path.realpath(path))
    except OSError:
        # Another file system, or something in the way.
        with part.open("rb") as source, Replacement(path) as sink:
            while data := source.read(1 << 20):
                sink.write(data)
        part.unlink()


def _reason(error: OSError) -> str:
    if isinstance(error, IsADirectoryError):
        try:
            os.scandir(error.filename).close()
        except OSError as closed:  # as which it is read is no matter then
            error = closed
    return error.strerror or (str(error) if error.args else "") or type(error).__name__
