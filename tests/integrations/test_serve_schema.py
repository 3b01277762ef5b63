"""The service held against its OpenAPI page by schemathesis: requests as it says, and others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from schemathesis.specs.openapi.checks import negative_data_rejection  # noqa: E402

TOKEN = "sesame"


@schemathesis.serializer("application/x-ndjson")  # type: ignore[untyped-decorator]
def _lines(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def api(serving_all: Callable[..., Any]) -> Any:
    """The page of a service that asks for a token."""
    port = serving_all("--token", TOKEN).port
    return schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")


@pytest.mark.parametrize(
    "operation", ["GET /healthz", "GET /metrics", "POST /clean", "POST /inspect"]
)
def test_every_answer_is_as_the_page_says(api: Any, operation: str) -> None:
    method, path = operation.split()
    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]

    @settings(max_examples=30)
    @given(data=strategies.data())
    def every(data: Any) -> None:
        mode = data.draw(strategies.sampled_from(modes))
        case = data.draw(api[path][method].as_strategy(generation_mode=mode))
        # Any bytes at all are a text, and lines say themselves what is wrong with one of them.
        is_any_good = case.media_type in ("text/plain", "application/x-ndjson")
        case.call_and_validate(
            headers={"Authorization": f"Bearer {TOKEN}"},
            excluded_checks=[negative_data_rejection] if is_any_good else [],
        )

    every()


def test_the_page_tells_of_every_path(api: Any) -> None:
    assert {found.ok().path for found in api.get_all_operations()} == {
        "/healthz",
        "/metrics",
        "/clean",
        "/inspect",
    }
