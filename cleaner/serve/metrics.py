"""What the service counts, for Prometheus; added up over its worker processes."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from cleaner.document import Fragment
from cleaner.extras import needs

with needs("prometheus_client", extra="serve"):
    from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

with needs("FastAPI", extra="serve"):
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Where workers leave their counts for one another, as prometheus_client has it.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """Counters of texts, lines and requests."""

    def __init__(self) -> None:
        self._registry = ours = CollectorRegistry()
        self._texts = Counter("cleaner_texts", "Texts judged", registry=ours)
        self._characters = Counter("cleaner_characters", "Characters of them", registry=ours)
        self._stripped = Counter(
            "cleaner_stripped_lines", "Lines stripped", ["category"], registry=ours
        )
        self.requests = Counter(
            "cleaner_requests", "Requests answered", ["path", "status"], registry=ours
        )
        self.seconds = Histogram(
            "cleaner_request_seconds", "Until the answer's end", ["path"], registry=ours
        )

    def count(self, text: str, fragments: Sequence[Fragment]) -> None:
        """Count a text with its verdicts."""
        self._texts.inc()
        self._characters.inc(len(text))
        for fragment in fragments:
            if not fragment.keep:
                self._stripped.labels(fragment.category).inc()

    def page(self) -> bytes:
        """All counts, of all workers, in Prometheus' text format."""
        if not os.environ.get(FOLDER):
            return generate_latest(self._registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)
        return generate_latest(everyone)


class Counted:
    """An application whose requests are counted and timed, by path and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: frozenset[str]) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Paths that do not exist are one, or anyone could make us remember ever more of them.
        path = scope["path"] if scope["path"] in self._paths else "other"
        began, status = time.perf_counter(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            self._metrics.requests.labels(path, status).inc()
            self._metrics.seconds.labels(path).observe(time.perf_counter() - began)
