"""One JSON object as it was typed: where its values stand, so that all but one can stay."""

from __future__ import annotations

import json
from typing import NamedTuple

# Numbers stay text: nothing of them is asked, and one of a million digits is no reason to stop.
_value = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode
_SPACE = " \t\r\n"

#: The form of a text whose characters beyond ASCII were written as escapes.
ESCAPED = "escaped"


class Field(NamedTuple):
    """A value of the object: its span within the line, and the value."""

    start: int
    end: int
    value: object


def fields(line: str) -> dict[str, Field]:
    """The values of the one object on the line, by name; of equal names the last.

    Raises `ValueError` saying what is wrong with the line.
    """
    found: dict[str, Field] = {}
    at = _past(line, 0)
    if line[at : at + 1] != "{":
        raise ValueError("not a JSON object")
    at = _past(line, at + 1)
    if line[at : at + 1] == "}":
        return _ended(line, at + 1, found)
    while True:
        if line[at : at + 1] != '"':
            raise ValueError(f"not JSON (no field name at character {at})")
        name, at = _read(line, at)
        at = _past(line, at)
        if line[at : at + 1] != ":":
            raise ValueError(f"not JSON (no colon at character {at})")
        start = _past(line, at + 1)
        value, end = _any(line, start)
        found[str(name)] = Field(start, end, value)
        at = _past(line, end)
        if line[at : at + 1] == "}":
            return _ended(line, at + 1, found)
        if line[at : at + 1] != ",":
            raise ValueError(f"not JSON (no comma at character {at})")
        at = _past(line, at + 1)


def _ended(line: str, at: int, found: dict[str, Field]) -> dict[str, Field]:
    if _past(line, at) != len(line):
        raise ValueError(f"not JSON (more after the object, at character {at})")
    return found


def _past(line: str, at: int) -> int:
    while at < len(line) and line[at] in _SPACE:
        at += 1
    return at


def _read(line: str, at: int) -> tuple[object, int]:
    try:
        value, end = _value(line, at)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg} at character {error.pos})") from None
    except RecursionError:
        raise ValueError("JSON that is nested too deeply") from None
    return value, end


def _any(line: str, at: int) -> tuple[object, int]:
    value, end = _read(line, at)
    # Numbers are read as str too, so that a string is told by its quotation mark.
    if isinstance(value, str) and line[at] != '"':
        return 0, end
    return value, end


def form(literal: str, text: str) -> str | None:
    """How a string was typed: None as it is, `ESCAPED` in ASCII, else the literal itself."""
    if literal == written(text, None):
        return None
    return ESCAPED if literal == json.dumps(text) else literal


def written(text: str, how: str | None) -> str:
    """The string typed in a form that `form` gave; a literal serves for its own text alone."""
    if how is None:
        return json.dumps(text, ensure_ascii=False)
    return json.dumps(text) if how == ESCAPED else how


def with_more(line: str, found: dict[str, Field], more: dict[str, str]) -> str:
    """The line with further fields, given as JSON, behind the last one."""
    end = max(field.end for field in found.values())
    return line[:end] + "".join(f"{_lead(name)}{more[name]}" for name in more) + line[end:]


def without(line: str, found: dict[str, Field], names: list[str]) -> str:
    """The line without the fields that `with_more` has added."""
    for name in reversed(names):
        field = found[name]
        line = line[: field.start - len(_lead(name))] + line[field.end :]
    return line


def _lead(name: str) -> str:
    return f", {json.dumps(name)}: "
