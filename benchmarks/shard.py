"""One large shard: time by number of workers, and the most memory that a process took.

python -m benchmarks.shard [--megabytes N] [--workers N ...] [--document]

Each run is a process of its own, which writes to a new folder; the ratio is to the first number
of workers. With --document the shard is one single text of that size. Linux only.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

DOCUMENTS = Path(__file__).parent.parent / "data" / "documents"
_TICK = 0.05


def texts() -> Iterator[str]:
    """The texts of the labelled documents, over and over."""
    lines = [line for path in sorted(DOCUMENTS.glob("*.jsonl")) for line in path.open("rb")]
    for line in itertools.cycle(lines):
        parts = json.loads(line)["fragments"]
        yield "\n".join(part if isinstance(part, str) else part[1] for part in parts) + "\n"


def make(path: Path, size: int, document: bool) -> None:
    """A shard of about so many bytes, or one text."""
    with path.open("wb") as file:
        for number, text in enumerate(texts()):
            record = json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n"
            file.write((text if document else record).encode())
            if file.tell() >= size:
                return


def peaks(pid: int) -> dict[int, int]:
    """The most memory so far, in kB, of a process and of its children, by id."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = {}
    for one in (pid, *map(int, children)):
        try:
            status = Path(f"/proc/{one}/status").read_text()
        except OSError:
            continue
        if "VmHWM:" in status:
            found[one] = int(status.partition("VmHWM:")[2].split()[0])
    return found


def run(source: Path, target: Path, workers: int) -> tuple[float, int, int]:
    """Seconds, and the most memory in kB of the parent and of a worker."""
    words = ["clean", str(source), "-o", f"{target}/", "--workers", str(workers)]
    began, most = time.perf_counter(), dict[int, int]()
    with subprocess.Popen([sys.executable, "-m", "cleaner", *words]) as process:
        while process.poll() is None:
            try:
                most |= peaks(process.pid)
            except OSError:  # it has just ended
                break
            time.sleep(_TICK)
    assert process.returncode == 0
    parent = most.pop(process.pid)
    return time.perf_counter() - began, parent, max(most.values(), default=0)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--megabytes", type=float, default=20)
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options.add_argument("--document", action="store_true")
    asked = options.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, {asked.megabytes:g} MB")
    print("workers   seconds    MB/s   ratio   parent MB   worker MB")
    first = 0.0
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "shard.txt" if asked.document else "shard.jsonl")
        make(source, round(asked.megabytes * 1e6), asked.document)
        for workers in asked.workers:
            seconds, parent, worker = run(source, Path(folder, str(workers)), workers)
            first = first or seconds
            print(
                f"{workers:7} {seconds:9.1f} {asked.megabytes / seconds:7.2f}"
                f" {first / seconds:7.2f} {parent / 1e3:11.0f} {worker / 1e3:11.0f}"
            )


if __name__ == "__main__":
    main()
