"""Speed in process on one core, ours and other filters by turns: python -m benchmarks.speed.

Prints Markdown tables: megabytes (of UTF-8) a second of processor time on the same texts; the
median time of a 5 KB document; speeds at 1, 10 and 100 MB and on hostile lines. `make bench` runs
it in the peers' environment. Ratios to a peer in the same run count: the machine may be busy.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.compare.__main__ import ROOT, made
from benchmarks.compare.learned import FastText, plain
from benchmarks.compare.sets import CORPORA
from benchmarks.compare.systems import System, visible_lines
from benchmarks.one_core import settle
from cleaner import Cleaner, dataset, kernel
from data.build import held_out

PEERS = ("fasttext-community", "jusText", "datatrove", "trafilatura")

#: The systems take turns at so much text.
_TURN = 2_000_000

#: The slowest peers see one turn in so many, which is enough to tell.
_SELDOM = 5


@dataclass
class Clock:
    """How much text a system has seen, and what processor time it took."""

    name: str
    run: Callable[[list[str]], object]
    seldom: bool = False
    size: int = 0
    seconds: float = 0.0

    @property
    def speed(self) -> float:
        """Megabytes a second."""
        return self.size / 1e6 / max(self.seconds, 1e-9)

    def take(self, texts: list[str], size: int) -> None:
        began = time.process_time()
        self.run(texts)
        self.seconds += time.process_time() - began
        self.size += size


def size_of(texts: Iterable[str]) -> int:
    """Bytes of UTF-8."""
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def mixed(corpora: Path | None, megabytes: float) -> list[str]:
    """So much text of all sets, shuffled; without corpora our own held-out documents, repeated."""
    if corpora is None:
        own = [document.text for document in held_out(None)]
        texts: Iterable[str] = itertools.cycle(own)
    else:
        files = [corpora / f"{name}.jsonl.gz" for name in CORPORA]
        found = [document.text for file in files for document in dataset.read([file])]
        random.Random(1).shuffle(found)
        texts = itertools.cycle(found)
    out, size = [], 0
    for text in texts:
        out.append(text)
        size += size_of([text])
        if size >= megabytes * 1e6:
            return out
    raise AssertionError  # a cycle does not end


def turns(texts: Sequence[str]) -> Iterator[tuple[list[str], int]]:
    """The texts in stretches of `_TURN` bytes, and how many bytes each has."""
    turn: list[str] = []
    size = 0
    for text in texts:
        turn.append(text)
        size += size_of([text])
        if size >= _TURN:
            yield turn, size
            turn, size = [], 0
    if turn:
        yield turn, size


@contextmanager
def numpy_alone() -> Iterator[None]:
    """Without the compiled loops."""
    found, kernel.COMPILED = kernel.COMPILED, None
    try:
        yield
    finally:
        kernel.COMPILED = found


def spent(results: Iterable[object]) -> None:
    """Runs an iterator to its end."""
    for _ in results:
        pass


class Ready:
    """fastText's bare `predict` on lines that were made ready before the clock ran."""

    def __init__(self, system: FastText) -> None:
        self._predict = system._model.predict
        self.lines: list[list[str]] = []

    def prepare(self, texts: Sequence[str]) -> None:
        found = ([plain(text[a:b]) for a, b in visible_lines(text)] for text in texts)
        self.lines = [lines for lines in found if lines]

    def __call__(self, _: list[str]) -> None:
        for lines in self.lines:
            self._predict(lines)


def raced(texts: Sequence[str], chosen: argparse.Namespace) -> list[Clock]:
    """The systems' clocks after all turns."""
    cleaner = Cleaner(chosen.model)

    def twin(some: list[str]) -> None:
        with numpy_alone():
            spent(cleaner.clean_batch(some))

    def inspecting(system: System) -> Callable[[list[str]], None]:
        return lambda some: spent(system.inspect_batch(some))

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    fasttext = FastText(chosen.fasttext) if chosen.fasttext else made("fasttext", chosen, say)
    assert isinstance(fasttext, FastText)
    ready = Ready(fasttext)

    def predicting(some: list[str]) -> None:
        for text in some:
            fasttext.scores([text[begin:end] for begin, end in visible_lines(text)])

    clocks = [
        Clock("cleaner, clean_batch", lambda some: spent(cleaner.clean_batch(some))),
        Clock("cleaner, inspect_batch", lambda some: spent(cleaner.inspect_batch(some))),
        Clock("cleaner, clean_batch, numpy alone", twin),
        Clock("fastText, bare predict on lines made ready", ready),
        Clock("fastText, lines found, made ready and predicted", predicting),
        Clock("C4 line rules", inspecting(made("c4", chosen, say)), seldom=True),
        Clock("jusText", inspecting(made("justext", chosen, say)), seldom=True),
    ]
    warm = ["What a system makes only once is made before the clock runs.\n" * 20]
    for clock in clocks:
        clock.run(warm)
    for number, (turn, size) in enumerate(turns(texts)):
        ready.prepare(turn)
        for clock in clocks[number % len(clocks) :] + clocks[: number % len(clocks)]:
            if not clock.seldom or number % _SELDOM == 0:
                clock.take(turn, size)
    return clocks


def speed_table(clocks: Sequence[Clock]) -> Iterator[str]:
    ours = clocks[0].speed
    yield "| system | MB/s | clean_batch is so many times as fast |"
    yield "|---|---|---|"
    for clock in clocks:
        yield f"| {clock.name} | {clock.speed:.2f} | {ours / clock.speed:.2f} |"


def trafilatura_speed(corpora: Path | None) -> Iterator[str]:
    """What reading the pages' HTML takes, for scale."""
    if corpora is None:
        return
    import trafilatura

    with gzip.open(corpora / "html-dev.jsonl.gz", "rt", encoding="utf-8") as file:
        pages = [json.loads(line)["html"] for line in itertools.islice(file, 100)]
    began = time.process_time()
    for page in pages:
        trafilatura.extract(page)
    seconds = time.process_time() - began
    size = size_of(pages) / 1e6
    yield (
        f"For scale: trafilatura reads {size / seconds:.2f} MB of the pages' HTML a second, "
        f"{len(pages) / seconds:.0f} pages."
    )


def median_ms(run: Callable[[], object], times: int) -> float:
    """The middle of so many processor times, in milliseconds."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        run()
        taken.append(time.process_time() - began)
    return 1000 * statistics.median(taken)


def latency(texts: Sequence[str], cleaner: Cleaner) -> Iterator[str]:
    near = min(texts, key=lambda text: abs(len(text) - 5000))
    lines = sum(1 for _ in visible_lines(near))
    cleaned = median_ms(lambda: cleaner.clean(near), 200)
    inspected = median_ms(lambda: cleaner.inspect(near), 200)
    yield (
        f"One document of {len(near)} characters on {lines} lines, median of 200: `clean` "
        f"{cleaned:.2f} ms, `inspect` {inspected:.2f} ms."
    )


#: Lines that are made to be slow: each a pattern that is repeated to the size wanted.
HOSTILE = {
    "one line of words": "word ",
    "one line without a space": "x",
    "joints everywhere": "a.B",
    "an empty line each": "\n",
    "spaces": " ",
    "one letter a line": "a\n",
    "the same heading": "The End\n",
    "final marks": ".",
    "carriage returns": "\r",
    "emoji": "\U0001f600",
}


def linearity(texts: Sequence[str], cleaner: Cleaner, most: float) -> Iterator[str]:
    """Seconds of `clean_batch` at growing sizes; the hostile ones are single documents."""
    sizes = [megabytes for megabytes in (1, 10, 100) if megabytes <= most]
    yield "| MB/s of clean_batch at | " + " | ".join(f"{size} MB" for size in sizes) + " |"
    yield "|---|" + "---|" * len(sizes)
    speeds = []
    for megabytes in sizes:
        some = list(enough(texts, megabytes * 1_000_000))
        began = time.process_time()
        spent(cleaner.clean_batch(iter(some)))
        speeds.append(size_of(some) / 1e6 / (time.process_time() - began))
    yield "| the mix | " + " | ".join(f"{speed:.2f}" for speed in speeds) + " |"
    for name, pattern in HOSTILE.items():
        speeds = []
        for megabytes in sizes:
            if megabytes > 10:
                continue
            text = pattern * (megabytes * 1_000_000 // size_of([pattern]))
            began = time.process_time()
            cleaner.clean(text)
            speeds.append(megabytes / (time.process_time() - began))
        cells = [f"{speed:.2f}" for speed in speeds] + ["–"] * (len(sizes) - len(speeds))
        yield f"| {name} | " + " | ".join(cells) + " |"


def enough(texts: Sequence[str], size: int) -> Iterator[str]:
    """The texts, again and again, up to so many bytes."""
    for text in itertools.cycle(texts):
        if size <= 0:
            return
        yield text
        size -= size_of([text])


def processor() -> str:
    """What the machine says of its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.machine()


def about() -> Iterator[str]:
    import numpy as np

    loops = "compiled loops" if kernel.COMPILED is not None else "numpy alone"
    yield f"{processor()}; Python {platform.python_version()}, numpy {np.__version__}, {loops}"
    yield "; ".join(f"{name} {version(name)}" for name in PEERS)


def arguments() -> Any:
    options = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.speed")
    options.formatter_class = argparse.RawDescriptionHelpFormatter
    options.add_argument("--corpora", type=Path, help="folder of the corpora; else our own alone")
    options.add_argument("--model", type=Path, help="our model file; else the shipped one")
    options.add_argument("--megabytes", type=float, default=50.0, help="of text for all systems")
    options.add_argument("--most", type=float, default=100.0, help="megabytes of the longest run")
    options.add_argument("--fasttext", type=Path, help="its model, if `make compare` left one")
    options.add_argument("--cache", type=Path, default=ROOT / "build" / "compare")
    options.set_defaults(share=1.0)
    return options.parse_args()


def main() -> None:
    settle("benchmarks.speed")
    chosen = arguments()
    texts = mixed(chosen.corpora, chosen.megabytes)
    lines = sum(1 for text in texts for _ in visible_lines(text))
    print(*about(), sep="\n\n", end="\n\n")
    print(
        f"{size_of(texts) / 1e6:.0f} MB in {len(texts)} documents, "
        f"{size_of(texts) / lines:.0f} bytes a line.\n"
    )
    print(*speed_table(raced(texts, chosen)), sep="\n", end="\n\n", flush=True)
    print(*trafilatura_speed(chosen.corpora), sep="\n", end="\n\n", flush=True)
    cleaner = Cleaner(chosen.model)
    print(*latency(texts, cleaner), sep="\n", end="\n\n", flush=True)
    print(*linearity(texts, cleaner, chosen.most), sep="\n", flush=True)


if __name__ == "__main__":
    main()
