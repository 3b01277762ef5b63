"""The command `cleaner serve`: options to settings, and uvicorn started with them."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import tempfile
from pathlib import Path

import click

from cleaner.console import say
from cleaner.extras import needs
from cleaner.options import JUDGING
from cleaner.serve.settings import MOST_BYTES, TIMEOUT, Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: any free."
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@JUDGING
@click.option(
    "--max-bytes",
    default=MOST_BYTES,
    show_default=True,
    type=click.IntRange(1),
    help="Longest text, or line of JSON, that is taken.",
)
@click.option(
    "--timeout",
    default=TIMEOUT,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Seconds for a body to come in, and for a text to be cleaned.",
)
@click.option(
    "--token",
    envvar="CLEANER_TOKEN",
    help="Bearer token that requests must carry; better given as CLEANER_TOKEN.",
)
def serve(
    host: str,
    port: int,
    workers: int,
    model: Path | None,
    mode: str,
    keep: tuple[str, ...],
    max_bytes: int,
    timeout: float,
    token: str | None,
) -> None:
    """Clean texts over HTTP, for programs in other languages: POST /clean and /inspect.

    Bodies are text, JSON ({"text": ...}) or JSON lines; /healthz, /metrics and /docs tell the
    rest. Ends at SIGTERM or an interrupt, when what was asked by then is answered.

    \b
    Example:
      cleaner serve --port 8080 --workers 2
      curl --data-binary @page.txt -H 'Content-Type: text/plain' http://127.0.0.1:8080/clean
    """
    path = None if model is None else str(model)
    settings = Settings(path, mode, keep, max_bytes, timeout, token)
    if not token and not _is_loopback(host):
        say(f"cleaner: {host} may be reached from elsewhere, and no --token is set")
    _run(settings, host, port, workers)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _run(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until told to end. Raises as `Cleaner` does, and `MissingError`."""
    with contextlib.ExitStack() as stack:
        if workers > 1:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cleaner-"))
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
            # Workers share the cores by being several; numpy's own threads would fight over them.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        with needs("uvicorn", extra="serve"):
            import uvicorn
        from cleaner.serve.app import create

        create(settings)  # says what is wrong with them once, here, not in every worker
        settings.to_environment()
        uvicorn.run(
            "cleaner.serve.app:from_environment",
            factory=True,
            http="cleaner.serve.protocol:PromptProtocol",
            host=host,
            port=port,
            workers=workers,
            access_log=False,
            timeout_graceful_shutdown=int(settings.timeout) + 1,
        )
