"""One request to one answer: a text, an object with a text, or such objects line by line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from cleaner.cleaning import Cleaner
from cleaner.errors import InputError
from cleaner.extras import needs
from cleaner.reading import checked_encoding, decoded
from cleaner.serve.bodies import Record, lines, record, whole_body
from cleaner.serve.described import JSON, LINES, TEXT
from cleaner.serve.judge import Judge, Judged
from cleaner.serve.settings import Settings
from cleaner.writing import json_line

with needs("FastAPI", extra="serve"):
    from fastapi import HTTPException, Request, Response
    from fastapi.responses import StreamingResponse
    from starlette.types import Receive, Scope, Send

#: What is made of a record and the verdicts on its text.
Shape = Callable[[Record, Judged], Record]


def body(found: Record, judged: Judged) -> Record:
    """The record with the article body as its text."""
    return {**found, "text": judged.body}


def fragments(found: Record, judged: Judged) -> Record:
    """The record with the fragments of its text."""
    return {**found, "fragments": [fragment.as_dict() for fragment in judged.fragments]}


async def answer(
    request: Request, judge: Judge, cleaner: Cleaner, shape: Shape, settings: Settings
) -> Response:
    """The answer to a request, of the kind that its body is.

    Raises `HTTPException` for a body that is too long, too slow or of no known kind, and
    `InputError` for one that is not what it says.
    """
    kind, charset = _content_type(request)
    if kind == LINES:
        stream = _stream(request, judge, cleaner, shape, settings)
        return _Duplex(stream, settings.timeout)
    data = await whole_body(request, settings.most_bytes, settings.timeout)
    try:
        if kind == JSON:
            found = record(data)
            (judged,) = await judge.judged(cleaner, [found["text"]])
            return Response(json_line(shape(found, judged)), media_type=JSON)
        text = decoded(data, checked_encoding(charset), "the body")
        (judged,) = await judge.judged(cleaner, [text.text])
    except TimeoutError:
        raise HTTPException(503, _BUSY) from None
    if shape is body:
        return Response(text.encoded(judged.body), media_type=f"{TEXT}; charset={charset}")
    return Response(json_line(shape({}, judged)), media_type=JSON)


_BUSY = "there was not time enough; try again, or less at once"


def _content_type(request: Request) -> tuple[str, str]:
    kind, *parameters = request.headers.get("content-type", TEXT).lower().split(";")
    kind = {"application/jsonl": LINES}.get(kind.strip(), kind.strip())
    if kind not in (TEXT, JSON, LINES):
        raise HTTPException(415, f"no content type for a text; send {TEXT}, {JSON} or {LINES}")
    pairs = (parameter.strip().partition("=") for parameter in parameters)
    charsets = [value.strip('"') for name, _, value in pairs if name == "charset"]
    return kind, charsets[0] if charsets else "utf-8"


async def _stream(
    request: Request, judge: Judge, cleaner: Cleaner, shape: Shape, settings: Settings
) -> AsyncIterator[bytes]:
    """An answer for every line that is not blank, in order, as the lines come in."""
    try:
        async for group in lines(request, settings.most_bytes, settings.timeout):
            found = [
                (number, _record(line, settings.most_bytes))
                for number, line in group
                if line is None or line.strip()
            ]
            good = [one["text"] for _, one in found if isinstance(one, dict)]
            try:
                judged = iter(await judge.judged(cleaner, good))
            except TimeoutError:
                found, judged = [(number, _BUSY) for number, _ in found], iter(())
            yield b"".join(
                _problem(number, one)
                if isinstance(one, str)
                else json_line(shape(one, next(judged)))
                for number, one in found
            )
    except TimeoutError:
        yield json_line({"error": f"nothing has come in for {settings.timeout:g} seconds"})


def _record(line: bytes | None, most: int) -> Record | str:
    """The record of a line, or what is wrong with it."""
    if line is None:
        return f"longer than {most} bytes"
    try:
        return record(line)
    except InputError as error:
        return str(error)


def _problem(number: int, what: str) -> bytes:
    return json_line({"error": f"line {number}: {what}"})


class _Duplex(StreamingResponse):
    """Answers while the request is still being read.

    Starlette's own takes what comes in meanwhile for itself, to learn of the client's end; here
    whoever reads the body learns of it.
    """

    def __init__(self, content: AsyncIterator[bytes], timeout: float) -> None:
        super().__init__(content, media_type=LINES)
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        async def sent(message: object) -> None:
            # A client that sends without ever reading would else be waited for for ever.
            async with asyncio.timeout(self._timeout):
                await send(message)  # type: ignore[arg-type]

        await self.stream_response(sent)
