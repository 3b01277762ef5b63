"""JSON lines: a record a line, of which nothing but the text's field changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple, cast

from cleaner.errors import InputError
from cleaner.formats.packing import Members
from cleaner.formats.record import ANNOTATION, URL, Cut, Original, Record, Result
from cleaner.formats.splicing import ESCAPED, Field, fields, form, with_more, without, written

_READ_AT_ONCE = 1 << 20
_MARK = "\ufeff"
_KINDS = {dict: "an object", list: "a list", bool: "true or false", int: "a number"}


class _Line(NamedTuple):
    """A record's line, and where its fields stand."""

    text: str
    found: dict[str, Field]


class JsonLines(Members):
    """A record a line; blank lines are none. A record of which the text is null has none."""

    unit = "line"

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """Pieces end at line ends."""
        held, end, first = bytearray(), 0, 1
        while data := stream.read(_READ_AT_ONCE if size == 1 else min(size, _READ_AT_ONCE)):
            found = data.rfind(b"\n") + 1
            end = len(held) + found if found else end
            held += data
            if end and len(held) >= size:
                payload = bytes(held[:end])
                del held[:end]
                yield Cut(payload, first)
                first, end = first + payload.count(b"\n"), 0
        if held or first == 1:
            yield Cut(bytes(held), first)

    def records(self, cut: Cut) -> list[Record]:
        """A record a line, each with its line end as `raw` bytes where it has no text."""
        lines = cut.payload.split(b"\n")
        ended = [line + b"\n" for line in lines[:-1]] + lines[-1:]
        return [self._record(line, cut.first + at) for at, line in enumerate(ended) if line]

    def _record(self, line: bytes, number: int) -> Record:
        if line.isspace():
            return Record(number, raw=line)
        try:
            typed = line.decode()
            mark = _MARK if typed.startswith(_MARK) else ""
            found = fields(typed.removeprefix(mark))
        except UnicodeDecodeError:
            return Record(number, fault="not UTF-8", raw=line)
        except ValueError as error:
            return Record(number, fault=str(error), raw=line)
        if mark:
            found = {name: Field(f.start + 1, f.end + 1, f.value) for name, f in found.items()}
        field = found.get(self.layout.field)
        if field is None:
            return Record(number, fault=self._missing(found), raw=line)
        if field.value is None:
            return Record(number, raw=line)
        if not isinstance(field.value, str):
            which = _KINDS[type(field.value)]
            fault = f"field {self.layout.field!r} is {which}, not text"
            return Record(number, fault=fault, raw=line)
        taken = [name for name in self.layout.added if name in found]
        if taken:
            return Record(number, fault=f"has a field {taken[0]!r} already", raw=line)
        how = form(typed[field.start : field.end], field.value)
        url = found[URL].value if URL in found else None
        url = url if isinstance(url, str) else ""
        raw = _Line(typed, found)
        return Record(number, field.value, self.layout.holds, url=url, form=how, raw=raw)

    def _missing(self, found: dict[str, Field]) -> str:
        names = ", ".join(list(found)[:8]) or "none"
        return f"no field {self.layout.field!r} (fields: {names}); --field names the text's"

    def put(self, cut: Cut, records: Sequence[Record], results: Sequence[Result | None]) -> bytes:
        """Each line with its text cleaned, and with the fields that are to be added."""
        return b"".join(
            self._line(record, result) for record, result in zip(records, results, strict=True)
        )

    def _line(self, record: Record, result: Result | None) -> bytes:
        if result is None:
            assert isinstance(record.raw, bytes)
            return record.raw
        line, found = cast(_Line, record.raw)
        field = found[self.layout.field]
        literal = line[field.start : field.end]
        more: dict[str, str] = {}
        if self.layout.keep_original:
            more[self.layout.keep_original] = literal
        if result.summary is not None:
            more[ANNOTATION] = json.dumps(result.summary)
        if more:
            line = with_more(line, found, more)
        if result.body != record.text:
            # What was escaped in part or in another way is written in ASCII: any reader takes it.
            how = None if record.form is None else ESCAPED
            line = line[: field.start] + written(result.body, how) + line[field.end :]
        return line.encode()

    def back(
        self, cut: Cut, records: Sequence[Record], originals: Sequence[Original | None]
    ) -> bytes:
        """Each line as it was."""
        out = []
        for record, original in zip(records, originals, strict=True):
            if isinstance(record.raw, bytes):
                out.append(record.raw)
                continue
            line, found = cast(_Line, record.raw)
            if original is not None:
                missing = [name for name in original.added if name not in found]
                if missing:
                    raise InputError(f"{self.name}: line {record.number}: no field {missing[0]!r}")
                line = without(line, found, list(original.added))
                field = found[self.layout.field]
                if original.text != record.text or original.form not in (None, record.form):
                    literal = written(original.text, original.form)
                    line = line[: field.start] + literal + line[field.end :]
            out.append(line.encode())
        return b"".join(out)
