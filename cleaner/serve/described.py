"""What the OpenAPI page says of requests and answers."""

from __future__ import annotations

from typing import Annotated, Any

from cleaner.decisions import MODES
from cleaner.document import STRIPPED_CATEGORIES
from cleaner.extras import needs

with needs("FastAPI", extra="serve"):
    from fastapi import Query
    from pydantic import WithJsonSchema

TEXT, JSON, LINES = "text/plain", "application/json", "application/x-ndjson"

#: Their values are checked where `Cleaner` does, so that there is one list of them and one error.
Mode = Annotated[
    str,
    Query(description="How much to strip; the service's own mode where it is not given."),
    WithJsonSchema({"type": "string", "enum": list(MODES)}),
]
Keep = Annotated[
    tuple[
        Annotated[str, WithJsonSchema({"type": "string", "enum": list(STRIPPED_CATEGORIES)})], ...
    ],
    Query(description="Categories to leave in place."),
]

_STRING = {"type": "string"}
_RECORD = {"type": "object", "required": ["text"], "properties": {"text": _STRING}}
_FRAGMENT = {
    "type": "object",
    "required": ["text", "start", "end", "category", "score", "keep", "reason"],
    "properties": {
        "text": _STRING,
        "start": {"type": "integer"},
        "end": {"type": "integer"},
        "category": _STRING,
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "keep": {"type": "boolean"},
        "reason": _STRING,
    },
}
_INSPECTED = {
    "type": "object",
    "required": ["fragments"],
    "properties": {"fragments": {"type": "array", "items": _FRAGMENT}},
}

#: A text and no more, for `/metrics`.
TEXT_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "Counted.", "content": {TEXT: {"schema": _STRING}}}
}

#: What a request may send, and what each kind of it is answered.
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A text; an object with a text; or such objects, a line each.",
        "content": {
            # Control characters now and then are taken too; a body full of them is no text.
            TEXT: {"schema": {**_STRING, "pattern": r"^[^\x00-\x08\x0e-\x1f]*$"}},
            JSON: {"schema": _RECORD},
            LINES: {"schema": _STRING},
        },
    }
}


def answers(path: str) -> dict[int | str, dict[str, Any]]:
    """The answers of `/clean` or `/inspect`, by status."""
    lines = {"schema": _STRING, "description": "The records, or an `error` in place of one."}
    good: dict[str, Any] = {LINES: lines}
    if path == "/clean":
        good |= {TEXT: {"schema": _STRING}, JSON: {"schema": _RECORD}}
    else:
        good |= {JSON: {"schema": _INSPECTED}}
    return {200: {"description": "Judged.", "content": good}} | problems(408, 413, 415, 422, 503)


_PROBLEMS = {
    401: "The bearer token is missing or wrong.",
    408: "The body did not come in time.",
    413: "The body is too long.",
    415: "The body is of no known content type.",
    422: "The body or an option is not what it should be.",
    503: "There was not time enough; try again.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers where something is wrong: one line that says what."""
    schema = {"type": "object", "required": ["detail"], "properties": {"detail": _STRING}}
    return {
        status: {"description": _PROBLEMS[status], "content": {JSON: {"schema": schema}}}
        for status in statuses
    }
