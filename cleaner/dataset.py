"""Labelled documents, read from files in our format or the corpora's."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.document import ARTICLE, CATEGORIES
from cleaner.errors import DataError

#: The label of a fragment that is known not to be article, of which category is not known.
OTHER = "other"

#: What labels are weighed by: a token is a run of word characters.
TOKEN = re.compile(r"\w+")

#: One document in so many is held out for development where the data does not say which.
DEV_SHARE = 5

SUFFIXES = (".jsonl", ".jsonl.gz")


class Span(NamedTuple):
    """A fragment's place in its document and its label: a category, `OTHER`, or None (unclear)."""

    start: int
    end: int
    label: str | None


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A text and what each fragment of it is, or snippets that must stay or go, or both.

    origin: the set it belongs to (its file's stem); rendering: how the page was made into text.
    """

    id: str
    origin: str
    language: str
    kind: str
    split: str
    text: str
    spans: tuple[Span, ...]
    rendering: str = ""
    must_stay: tuple[str, ...] = ()
    must_go: tuple[str, ...] = ()


def split_of(identifier: str) -> str:
    """Which split a document falls in by its id alone: "dev" for one in `DEV_SHARE`."""
    digest = hashlib.blake2b(identifier.encode(), digest_size=8).digest()
    return "dev" if int.from_bytes(digest, "big") % DEV_SHARE == 0 else "train"


def laid_out(fragments: Iterable[tuple[str, str]]) -> tuple[str, tuple[Span, ...]]:
    """The text of (category, text) pairs, one a line, and the spans of their visible content.

    A category that begins with "+" continues the line before it; an empty text is a blank line.
    """
    parts: list[str] = []
    spans: list[Span] = []
    size = 0
    for number, (category, text) in enumerate(fragments):
        glued = category.startswith("+")
        if number and not glued:
            parts.append("\n")
            size += 1
        visible = text.strip()
        if visible:
            start = size + text.index(visible)
            spans.append(Span(start, start + len(visible), category.removeprefix("+")))
        parts.append(text)
        size += len(text)
    return "".join(parts), tuple(spans)


def read(paths: Sequence[str | Path]) -> Iterator[LabelledDocument]:
    """Every document of the files, and of the folders' `.jsonl` and `.jsonl.gz` files, in order.

    Raises `DataError` with file and line number at the first broken line.
    """
    for file in files(paths):
        yield from _read_file(file)


def files(paths: Sequence[str | Path]) -> Iterator[Path]:
    """The files among `paths`, and the data files of the folders, in order."""
    for path in map(Path, paths):
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.name.endswith(SUFFIXES))
            if not found:
                raise DataError(f"{path}: holds no {' or '.join(SUFFIXES)} file")
            yield from found
        else:
            yield path


def _read_file(path: Path) -> Iterator[LabelledDocument]:
    origin = path.name.removesuffix(".gz").removesuffix(".jsonl")
    number = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _document(json.loads(line), origin, f"{origin}-{number}")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (ValueError, TypeError, KeyError, EOFError, RecursionError, zlib.error) as error:
        raise DataError(f"{path}, line {number}: {_complaint(error)}") from None


def _complaint(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON ({error.msg} at column {error.colno})"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error) if isinstance(error, ValueError) else f"malformed ({error})"


def _document(record: Any, origin: str, fallback: str) -> LabelledDocument:
    if not isinstance(record, dict):
        raise ValueError("a document must be a JSON object")
    identifier = str(record.get("id", fallback))
    stay, go = (_snippets(record, name) for name in ("must_stay", "must_go"))
    if "fragments" in record:
        text, spans = laid_out(_fragments(record["fragments"]))
    elif "lines" in record and (stay or go) and not record.get("labels"):
        text, spans = _joined(record["lines"]), ()
    elif "lines" in record and "labels" in record:
        text, spans = _lines(record["lines"], record["labels"])
    else:
        raise ValueError(
            'a document needs "fragments", or "lines" with "labels", "must_stay" or "must_go"'
        )
    return LabelledDocument(
        id=identifier,
        origin=str(record.get("set", origin)),
        language=str(record.get("language", "")),
        kind=str(record.get("kind", "")),
        split=str(record.get("split") or split_of(identifier)),
        text=text,
        spans=spans,
        rendering=str(record.get("rendering", "")),
        must_stay=stay,
        must_go=go,
    )


def _snippets(record: dict[str, Any], name: str) -> tuple[str, ...]:
    value = record.get(name, [])
    if not (isinstance(value, list) and all(isinstance(x, str) and x.strip() for x in value)):
        raise ValueError(f'"{name}" must be a list of texts')
    return tuple(value)


def _fragments(value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list):
        raise ValueError('"fragments" must be a list')
    for number, item in enumerate(value, 1):
        if item == "":
            yield "", ""
            continue
        if not (
            isinstance(item, list) and len(item) == 2 and all(isinstance(x, str) for x in item)
        ):
            raise ValueError(f'fragment {number} must be ["category", "text"] or ""')
        category, text = item
        if category.removeprefix("+") not in (*CATEGORIES, OTHER) and text.strip():
            raise ValueError(f"fragment {number}: no category {category!r}")
        if "\n" in text or "\r" in text:
            raise ValueError(f"fragment {number}: a fragment is one line")
        yield category, text


def _joined(lines: Any) -> str:
    if not isinstance(lines, list):
        raise ValueError('"lines" must be a list')
    for number, line in enumerate(lines, 1):
        if not isinstance(line, str):
            raise ValueError(f"line {number} is not a string")
    return "\n".join(lines)


def _lines(lines: Any, labels: Any) -> tuple[str, tuple[Span, ...]]:
    if not (isinstance(lines, list) and isinstance(labels, list) and len(lines) == len(labels)):
        raise ValueError('"lines" and "labels" must be lists of one length')
    text = _joined(lines)
    spans: list[Span] = []
    size = 0
    for number, (line, label) in enumerate(zip(lines, labels, strict=True), 1):
        visible = line.strip()
        if visible:
            start = size + line.index(visible)
            spans.append(Span(start, start + len(visible), _label(label, number)))
        size += len(line) + 1
    return text, tuple(spans)


def _label(label: Any, number: int) -> str | None:
    if label is None:
        return None
    if isinstance(label, str) and label in (*CATEGORIES, OTHER):
        return label
    if label in (0, 1):
        return ARTICLE if label else OTHER
    raise ValueError(f"label {number} must be 1, 0, null or a category, not {label!r}")


def digest(documents: Iterable[LabelledDocument]) -> str:
    """A digest of ids, texts, labels and snippets, in order: what made a model or a score."""
    state = hashlib.blake2b(digest_size=16)
    for document in documents:
        parts: tuple[object, ...] = (document.id, document.origin, document.text, document.spans)
        if document.must_stay or document.must_go:
            parts += (document.must_stay, document.must_go)
        state.update(repr(parts).encode("utf-8", "surrogatepass"))
    return state.hexdigest()
