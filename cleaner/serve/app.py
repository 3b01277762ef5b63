"""The application: its paths, who may ask, and errors as one line of JSON."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated

from cleaner.errors import CleanerError
from cleaner.extras import needs
from cleaner.serve import described
from cleaner.serve.answering import Shape, answer, body, fragments
from cleaner.serve.described import TEXT, Keep, Mode
from cleaner.serve.judge import Judge
from cleaner.serve.metrics import Counted, Metrics
from cleaner.serve.settings import Settings
from cleaner.version import __version__

with needs("FastAPI", extra="serve"):
    from fastapi import Depends, FastAPI, HTTPException, Request, Response
    from fastapi.responses import JSONResponse
    from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

_SHAPES: dict[str, tuple[Shape, str]] = {
    "/clean": (body, "The article body."),
    "/inspect": (fragments, "Every fragment with its verdict."),
}
_BEARER = HTTPBearer(auto_error=False)  # ours says in its one line what is missing
_PATHS = frozenset({*_SHAPES, "/healthz", "/metrics"})


def from_environment() -> FastAPI:
    """The application by the settings in the environment; what a worker process calls."""
    return create(Settings.from_environment())


def create(settings: Settings) -> FastAPI:
    """The application, with its model loaded. Raises as `Cleaner` does."""
    about = "Scraped text in, clean article body out."
    app = FastAPI(title="cleaner", version=__version__, description=about)
    metrics = Metrics()
    app.add_middleware(Counted, metrics=metrics, paths=_PATHS)
    app.add_exception_handler(CleanerError, _problem)
    guard = [Depends(_guard(settings.token))] if settings.token else []
    refused = described.problems(401) if settings.token else {}

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Whether the service is there; its model is loaded by then."""
        return {"status": "ok", "version": __version__}

    @app.get(
        "/metrics",
        dependencies=guard,
        response_class=Response,
        responses=refused | described.TEXT_ANSWER,
    )
    def counts() -> Response:
        """Counts for Prometheus, of all workers."""
        return Response(metrics.page(), media_type=f"{TEXT}; version=0.0.4")

    judge = Judge(settings, metrics)
    for path, (shape, summary) in _SHAPES.items():
        app.post(
            path,
            dependencies=guard,
            response_class=Response,
            responses=described.answers(path) | refused,
            openapi_extra=described.BODY,
            summary=summary,
        )(_endpoint(judge, shape, settings))
    return app


def _endpoint(judge: Judge, shape: Shape, settings: Settings) -> Callable[..., object]:
    async def endpoint(request: Request, mode: Mode = settings.mode, keep: Keep = ()) -> Response:
        return await answer(request, judge, judge.cleaner(mode, keep), shape, settings)

    return endpoint


def _guard(token: str) -> Callable[..., None]:
    """A check that a request carries the token, in constant time."""

    def check(carried: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> None:
        given = carried.credentials if carried else ""
        if not secrets.compare_digest(given.encode(), token.encode()):
            wanted = {"WWW-Authenticate": "Bearer"}
            raise HTTPException(401, "a bearer token is needed", wanted)

    return check


async def _problem(_request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 422)
