"""What was stripped, exactly: enough, beside the clean text, to have the text again."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from cleaner.document import ARTICLE, Fragment, moved
from cleaner.errors import InputError
from cleaner.mending import line_end, slices
from cleaner.stretches import edges

#: Why there is a row of which nothing was stripped.
BREAK = "line break put in"
ADDED = "fields added"
LAST = "end of a long document"
PAGE = "page of HTML"

#: The form of what was a page of HTML: its text's fragments do not make up a page.
HTML_FORM = "html"

#: The fields of a row, in order, beside those of its fragment.
FIELDS = (
    *("document", "record", "text", "start", "end", "category", "score", "keep", "reason"),
    *("at", "before", "after", "added", "file", "check", "since", "until", "form", "fields"),
)


class Begin(NamedTuple):
    """Where a stretch of a document begins, in characters.

    start: in the document; since: with its byte order mark; at: in the clean text, likewise.
    """

    start: int = 0
    since: int = 0
    at: int = 0


class Edit(NamedTuple):
    """A place where a clean text differs: text[start:end] has gone, `added` stands at `at`.

    at: in the clean text; start, end: in the text; all in characters.
    """

    at: int
    start: int
    end: int
    added: str


def edits(text: str, fragments: Sequence[Fragment]) -> Iterator[Edit]:
    """What cleaning changes, in order: each stretch of the text is mended by itself."""
    bounds, at, low = edges(text), 0, 0
    starts = [fragment.start for fragment in fragments]
    for begin, end in pairwise(bounds):
        high = bisect_left(starts, end, low)
        some = fragments[low:high] if len(bounds) == 2 else moved(fragments[low:high], -begin)
        stretch = text[begin:end]
        gone = 0
        for edit in _edits(stretch, some):
            yield Edit(edit.at + at, edit.start + begin, edit.end + begin, edit.added)
            gone += edit.end - edit.start - len(edit.added)
        at += len(stretch) - gone
        low = high


def _edits(text: str, fragments: Sequence[Fragment]) -> Iterator[Edit]:
    """What `mended` changes, in order."""
    newline, at, done, added = line_end(text), 0, 0, ""
    for start, end in slices(text, fragments):
        if start == end:
            added += newline
            continue
        if start > done or added:
            yield Edit(at, done, start, added)
            at += len(added)
        at += end - start
        done, added = end, ""
    if len(text) > done or added:
        yield Edit(at, done, len(text), added)


def rows(text: str, fragments: Sequence[Fragment]) -> Iterator[dict[str, Any]]:
    """A row a stripped fragment, and one for each line break that was put in where nothing went.

    A row has the fragment's fields and: at, the place in the clean text; before, after: the white
    space that went with it; added: the line break put in at that place; all in characters.
    """
    gone = iter([fragment for fragment in fragments if not fragment.keep])
    fragment = next(gone, None)
    for at, start, end, added in edits(text, fragments):
        within = []
        while fragment is not None and fragment.start < end:
            within.append(fragment)
            fragment = next(gone, None)
        if not within:
            yield _bare(start, at, text[start:end], added)
        for number, one in enumerate(within):
            until = within[number + 1].start if number + 1 < len(within) else end
            yield {
                **one.as_dict(),
                "at": at,
                "before": text[start : one.start] if not number else "",
                "after": text[one.end : until],
                "added": added,
            }
            at, added = at + len(added), ""


def _bare(start: int, at: int, before: str, added: str) -> dict[str, Any]:
    nothing = Fragment("", start, start, ARTICLE, 1.0, True, BREAK)
    return {**nothing.as_dict(), "at": at, "before": before, "after": "", "added": added}


def document_rows(
    text: str,
    fragments: Sequence[Fragment],
    *,
    document: str,
    record: int,
    file: str,
    mark: str = "",
    begin: Begin | None = None,
    is_last: bool = False,
    form: str | None = None,
    fields: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """A document's rows; the first also says what `restore` has to know of the document.

    document: its file as it was given; record: its number there, left out where it is 0; file:
    where it was written to, within the output folder; mark: a byte order mark before the text,
    which `at` and `check` count in; begin: where the text begins in its document, if it is a
    stretch of one; is_last: whether it is the last one of a document that has rows, and so has one
    in any case, lest something has been added to the clean text; form: how the record was written;
    fields: those added to it, for which there is a row even if nothing was stripped.
    """
    start, since, at = begin or Begin()
    found = [
        row
        | {name: row[name] + start for name in ("start", "end")}
        | {"at": row["at"] + at + len(mark)}
        for row in rows(text, fragments)
    ]
    if fields and not found:
        found = [{**_bare(0, 0, "", ""), "reason": ADDED}]
    if is_last and not found:
        found = [{**_bare(start, at + len(mark), "", ""), "reason": LAST}]
    if found:
        found[0] |= {"file": file, "check": check(mark + text)}
        if begin is not None:
            until = None if is_last else since + len(mark + text)
            found[0] |= {"since": since, "until": until}
        found[0] |= {"form": form} if form is not None else {}
        found[0] |= {"fields": list(fields)} if fields else {}
    name: dict[str, Any] = {"document": document, **({"record": record} if record else {})}
    return [name | row for row in found]


def page_rows(
    fragments: Sequence[Fragment], *, document: str, record: int, file: str
) -> list[dict[str, Any]]:
    """The rows of a page: its stripped fragments, in places of its text, and no way back.

    The names are as for `document_rows`. The first row says what the document was, if need be as
    one of which nothing was stripped.
    """
    found = [one.as_dict() for one in fragments if not one.keep]
    found = found or [Fragment("", 0, 0, ARTICLE, 1.0, True, PAGE).as_dict()]
    found[0] |= {"file": file, "form": HTML_FORM}
    name: dict[str, Any] = {"document": document, **({"record": record} if record else {})}
    return [name | row for row in found]


def check(text: str) -> str:
    """A check sum of a text."""
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def restored(clean: str, found: Iterable[Mapping[str, Any]], name: str) -> str:
    """The text whose rows these are, in order, from its clean text; both with their mark.

    Raises `InputError` under `name` if the rows are not those of this text, or are damaged.
    """
    out: list[str] = []
    done, expected = 0, list[tuple[int, int | None, str]]()
    try:
        for row in found:
            if row.get("check"):
                expected.append((row.get("since") or 0, row.get("until"), row["check"]))
            at, added = row["at"], row["added"]
            if clean[at : at + len(added)] != added or at < done:
                raise ValueError
            out += (clean[done:at], row["before"], row["text"], row["after"])
            done = at + len(added)
    except (KeyError, TypeError, ValueError):
        raise _unfit(name) from None
    text = "".join((*out, clean[done:]))
    if any(check(text[since:until]) != told for since, until, told in expected):
        raise _unfit(name)
    return text


def _unfit(name: str) -> InputError:
    return InputError(
        f"{name}: is not what these rejects were cut from; give the file as it was written, "
        "and the rejects of the same run"
    )
