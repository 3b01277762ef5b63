"""What comes in: bodies within their limits, lines as they arrive, records of JSON."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator
from typing import Any, NoReturn

from cleaner.errors import InputError
from cleaner.extras import needs

with needs("FastAPI", extra="serve"):
    from fastapi import HTTPException, Request
    from starlette.requests import ClientDisconnect

Record = dict[str, Any]


async def whole_body(request: Request, most: int, timeout: float) -> bytes:
    """The body of a request.

    Raises `HTTPException` 413 if it is longer than `most` bytes, and 408 if it has not come in
    within `timeout` seconds.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(timeout):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise HTTPException(413, f"the body is longer than {most} bytes")
                parts.append(part)
    except TimeoutError:
        raise HTTPException(408, f"the body has not come in within {timeout:g} seconds") from None
    return b"".join(parts)


async def lines(
    request: Request, most: int, timeout: float
) -> AsyncIterator[list[tuple[int, bytes | None]]]:
    """The lines of a request's body with their numbers, from 1, in groups as they come in.

    Of a line longer than `most` bytes there is the number alone. Ends when nothing has come for
    `timeout` seconds (`TimeoutError`) or the client is gone.
    """
    number, rest, is_too_long = 1, b"", False
    parts = request.stream()
    while True:
        try:
            async with asyncio.timeout(timeout):
                part = await anext(parts, None)
        except ClientDisconnect:
            return
        *whole, rest = (rest + (b"\n" if part is None else part)).split(b"\n")
        group: list[tuple[int, bytes | None]] = []
        for line in whole:
            group.append((number, None if is_too_long or len(line) > most else line))
            number, is_too_long = number + 1, False
        if len(rest) > most:
            rest, is_too_long = b"", True
        if group:
            yield group
        if part is None:
            return


def record(data: bytes) -> Record:
    """The JSON object of `data`, with its text. Raises `InputError` if it is none, or has none."""
    try:
        found = json.loads(data, parse_float=_finite, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InputError("not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise InputError('not an object with a string as its "text"')
    return found


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError(number)  # it could not be written as JSON again
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
