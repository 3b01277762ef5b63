"""Cold start: `cleaner clean` on a 10 KB file against importing numpy, click and regex.

python -m benchmarks.cold_start [--runs N]

The two commands run by turns as whole processes; the ratio is of their median wall times.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLE = Path(__file__).parent.parent / "data" / "samples" / "demo.txt"
SIZE = 10_000


def wall(command: list[str]) -> float:
    """Seconds that the command took; raises CalledProcessError if it failed."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=21)
    runs = options.parse_args().runs
    text = SAMPLE.read_text(encoding="utf-8")
    page = (text * (SIZE // len(text) + 1))[:SIZE]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.txt")
        path.write_text(page, encoding="utf-8")
        ours = [sys.executable, "-m", "cleaner", "clean", str(path)]
        peer = [sys.executable, "-c", "import numpy, click, regex"]
        wall(ours), wall(peer)  # the first runs fill the caches of the disk
        pairs = [(wall(ours), wall(peer)) for _ in range(runs)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{platform.machine()}, Python {platform.python_version()}, {runs} runs, medians")
    print(f"cleaner clean, 10 KB           {mine * 1000:7.1f} ms")
    print(f"import numpy, click, regex     {theirs * 1000:7.1f} ms")
    print(f"ratio                          {mine / theirs:7.2f}")


if __name__ == "__main__":
    main()
