"""Clean files back into what they were, by the rejects of the run that has cleaned them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from cleaner.errors import CleanerError, InputError
from cleaner.formats.choosing import Kind, check, kind, opened
from cleaner.formats.compression import told, unpacked
from cleaner.formats.record import Cut, Format, Layout, Original, Record
from cleaner.reading import STDIN, sources
from cleaner.rejecting import HTML_FORM, restored
from cleaner.runs.rejects import by, read
from cleaner.runs.settings import BLOCK_SIZE
from cleaner.writing import Replacement, named

Rows = Sequence[dict[str, Any]]


def restore(
    cleaned: Path, rejects: Path, output: Path, layout: Layout, asked: str | None
) -> Iterator[CleanerError]:
    """Write what `cleaned`, a file or a folder, was before; yield what fails, file by file.

    output: a file, or a folder for a folder; asked: the format, whatever the files are called.
    Raises `InputError` if the rejects cannot be read.
    """
    if cleaned.is_dir():
        yield from _folder(cleaned, rejects, output, layout, asked)
        return
    target = output / cleaned.name if output.is_dir() else output
    _file(cleaned, target, _rows_of(cleaned, rejects), layout, asked)


def _rows_of(cleaned: Path, rejects: Path) -> Iterator[dict[str, Any]]:
    """The rows about one file: those that name it, or all if they are about one file only."""
    names = {row["file"] for row in read(rejects) if "file" in row}
    if len(names) <= 1:
        return read(rejects)
    fitting = [name for name in names if Path(name).name == cleaned.name]
    if len(fitting) != 1:
        raise InputError(f"{rejects}: is about {len(names)} files, and not clearly about {cleaned}")
    return _filled(read(rejects), fitting[0])


def _filled(rows: Iterator[dict[str, Any]], wanted: str) -> Iterator[dict[str, Any]]:
    for file, row in _with_file(rows):
        if file == wanted:
            yield row


def _with_file(rows: Iterator[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row with its file, which only the first of a document names."""
    file = STDIN
    for row in rows:
        file = row.get("file", file)
        yield file, row


def _folder(
    cleaned: Path, rejects: Path, output: Path, layout: Layout, asked: str | None
) -> Iterator[CleanerError]:
    left = {str(source.relative): source.path for source in sources([cleaned], output)}
    rows = ({**row, "file": file} for file, row in _with_file(read(rejects)))
    pending = next(rows, None)

    def of_file(name: str) -> Iterator[dict[str, Any]]:
        nonlocal pending
        while pending is not None and pending["file"] == name:
            row, pending = pending, next(rows, None)
            yield row

    while pending is not None:
        name = pending["file"]
        mine = of_file(name)
        try:
            if left.pop(name, None) is None:
                raise InputError(f"{cleaned / name}: is not there, but was when it was cleaned")
            _file(cleaned / name, output / name, mine, layout, asked)
        except CleanerError as error:
            yield error
        for _ in mine:  # what an error has left
            pass
    for name, path in left.items():
        try:
            _file(path, output / name, iter(()), layout, asked)
        except CleanerError as error:
            yield error


def _file(
    source: Path, target: Path, rows: Iterator[dict[str, Any]], layout: Layout, asked: str | None
) -> None:
    if os.path.realpath(source) == os.path.realpath(target):
        raise InputError(f"{target}: would be written over an input; choose another --output")
    one = kind(source.name, asked)
    check(one, layout)
    format_ = opened(one, layout, str(source))
    documents = by(_of_texts(rows, str(source)), "record")
    current = next(documents, None)

    def bodies() -> Iterator[bytes]:
        nonlocal current
        with told(str(source)), source.open("rb") as raw:
            for cut in _cuts(format_, one, unpacked(raw, one.codec)):
                records = format_.records(cut)
                originals: list[Original | None] = []
                for record in records:
                    if current is not None and (current[0] or 0) == record.number:
                        originals.append(_original(record, current[1], str(source)))
                        current = next(documents, None)
                    else:
                        originals.append(None)
                yield format_.pack(format_.back(cut, records, originals))

    with Replacement(target) as sink, named(target):
        format_.join(bodies(), sink.stream)
        if current is not None:
            raise InputError(f"{source}: has no record {current[0]}, which the rejects name")


def _cuts(format_: Format, one: Kind, stream: BinaryIO) -> Iterator[Cut]:
    """A clean file in pieces; a text as one: where its stretches began does not show in it."""
    if one.is_records:
        yield from format_.cut(stream, BLOCK_SIZE)
    else:
        yield Cut(stream.read(), 0)


def _of_texts(rows: Iterator[dict[str, Any]], name: str) -> Iterator[dict[str, Any]]:
    """The rows; raises `InputError` under `name` at the first of a page of HTML."""
    for row in rows:
        if row.get("form") == HTML_FORM:
            where = f"{name}: record {row['record']}" if row.get("record") else name
            raise InputError(f"{where}: was HTML, which cannot be rebuilt from its text")
        yield row


def _original(record: Record, rows: Rows, name: str) -> Original:
    if record.text is None:
        raise InputError(f"{name}: record {record.number} has no text, but had one")
    where = f"{name}: record {record.number}" if record.number else name
    text = restored(record.mark + record.text, rows, where)
    return Original(text, rows[0].get("form"), rows[0].get("fields", ()))
