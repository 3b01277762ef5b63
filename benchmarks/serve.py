"""The HTTP service under load: requests a second and how long they take, by number of clients.

python -m benchmarks.serve [--seconds N] [--clients N ...] [--workers N ...] [--kilobytes N]

Starts `cleaner serve` at a free port of 127.0.0.1 and asks nothing but that, for a set time. A
client sends the next request when the last is answered.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import http.client
import json
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cleaner import Cleaner

SAMPLE = Path(__file__).parent.parent / "data" / "samples" / "demo.txt"


@contextmanager
def service(workers: int) -> Iterator[int]:
    """A service of so many workers; its port."""
    words = [sys.executable, "-m", "cleaner", "serve", "--port", "0", "--workers", str(workers)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = (re.search(r"running on http://[^:]+:(\d+)", line) for line in process.stderr)
            yield next(int(one.group(1)) for one in found if one)
        finally:
            process.terminate()


def await_answer(port: int) -> None:
    """Return when the service answers: several workers listen a while after the first word."""
    for _ in range(600):
        try:
            client(port, b'{"text": ""}', time.perf_counter() + 0.01)
        except ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("benchmarks.serve: the service does not answer")


def client(port: int, body: bytes, until: float) -> list[float]:
    """Seconds that each request took, one after another until the clock says `until`."""
    took: list[float] = []
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        while time.perf_counter() < until:
            began = time.perf_counter()
            connection.request("POST", "/clean", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"benchmarks.serve: answered {answer.status}")
            took.append(time.perf_counter() - began)
    return took


def load(port: int, clients: int, body: bytes, seconds: float) -> list[float]:
    """Seconds that each request of so many clients at once took, sorted."""
    until = time.perf_counter() + seconds
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        asked = [pool.submit(client, port, body, until) for _ in range(clients)]
        return sorted(second for one in asked for second in one.result())


def alone(text: str, seconds: float) -> float:
    """Pages a second that one thread cleans without any service: what it is measured against."""
    clean = Cleaner().clean
    clean(text)
    pages, began = 0, time.perf_counter()
    while time.perf_counter() < began + seconds:
        clean(text)
        pages += 1
    return pages / (time.perf_counter() - began)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16])
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options.add_argument("--kilobytes", type=int, default=4)
    chosen = options.parse_args()
    text = SAMPLE.read_text(encoding="utf-8")
    size = chosen.kilobytes * 1000
    body = json.dumps({"text": (text * (size // len(text) + 1))[:size]}).encode()
    print(f"{platform.machine()}, Python {platform.python_version()}, {size} characters a page")
    print(f"Cleaner.clean within this process: {alone(json.loads(body)['text'], 5):.0f} pages/s\n")
    print("| workers | clients | pages/s | median | 95 % | 99 % |\n|---|---|---|---|---|---|")
    for workers in chosen.workers:
        with service(workers) as port:
            await_answer(port)
            load(port, 2, body, 2)
            for clients in chosen.clients:
                took = load(port, clients, body, chosen.seconds)
                cuts = statistics.quantiles(took, n=100)
                times = " | ".join(f"{cuts[part - 1] * 1000:.0f} ms" for part in (50, 95, 99))
                print(f"| {workers} | {clients} | {len(took) / chosen.seconds:.0f} | {times} |")


if __name__ == "__main__":
    main()
