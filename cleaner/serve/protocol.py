"""uvicorn's HTTP protocol, with answers sent at once."""

from __future__ import annotations

import asyncio
import socket

from cleaner.extras import needs

with needs("uvicorn", extra="serve"):
    from uvicorn.protocols.http.h11_impl import H11Protocol


class PromptProtocol(H11Protocol):
    """Sends the body of an answer without waiting until its head has been acknowledged.

    asyncio sees to that for sockets it makes itself, but not for the one that several workers of
    uvicorn share; there every answer came 40 ms late.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        shared = transport.get_extra_info("socket")
        shared.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
