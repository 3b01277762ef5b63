"""Compare the filters of lines on held-out documents: python -m benchmarks.compare (make compare).

Prints a Markdown table. lost: article tokens stripped; stripped: other tokens stripped; F1 over
kept tokens, beside what keeping everything gives; stripped at 1 % lost: at the threshold that
loses 1 % of the article tokens, of systems that give scores. MB/s: text in, verdicts out, a second
of one core's time; speed: the same as a multiple of `cleaner, balanced` in this run.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.compare import learned
from benchmarks.compare.rules import C4Rules, JusText
from benchmarks.compare.sets import dev_sets
from benchmarks.compare.systems import KeepAll, Ours, System
from benchmarks.compare.table import HEADER, Result, measured, rows
from benchmarks.one_core import settle
from cleaner import CleanerError
from cleaner.dataset import LabelledDocument
from data.build import training_set

ROOT = Path(__file__).parents[2]

#: The seed of the shipped model's training set.
SEED = 1

Say = Callable[[str], None]

SYSTEMS = ("keep-all", "c4", "justext", "fasttext", "gentle", "balanced", "thorough")

#: The system whose speed counts as 1.
BASE = "cleaner, balanced"


def training(chosen: argparse.Namespace) -> Iterator[LabelledDocument]:
    """What the shipped model learns from, or a share of it."""
    rng = random.Random(SEED)
    for document in training_set(chosen.corpora, SEED):
        if rng.random() < chosen.share:
            yield document


def made(name: str, chosen: argparse.Namespace, say: Say) -> System:
    """The system that `--system` calls so."""
    match name:
        case "keep-all":
            return KeepAll()
        case "c4":
            return C4Rules()
        case "justext":
            return JusText()
        case "fasttext":
            return learned.trained(training(chosen), chosen.cache, say)
        case mode:
            return Ours(mode, chosen.model)


def compared(chosen: argparse.Namespace, say: Say) -> Iterator[Result]:
    """Prints the table as it grows, and hands on its results."""
    systems = [made(name, chosen, say) for name in chosen.system or SYSTEMS]
    for system in systems:
        list(system.inspect_batch(["What a system makes only once is made before the clock runs."]))
    print(*HEADER, sep="\n")
    for name, documents in dev_sets(chosen.corpora, chosen.limit):
        say(f"{len(documents)} documents of {name}")
        results = [measured(system, name, documents) for system in systems]
        print(*rows(results, BASE), sep="\n", flush=True)
        yield from results


def arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.compare")
    options.formatter_class = argparse.RawDescriptionHelpFormatter
    options.add_argument("--corpora", type=Path, help="folder of the corpora; else our own alone")
    options.add_argument("--model", type=Path, help="our model file; else the shipped one")
    options.add_argument("--system", action="append", choices=SYSTEMS, help="only these")
    options.add_argument("--limit", type=int, help="documents a set, for trying out")
    options.add_argument("--share", type=float, default=1.0, help="of what fastText learns from")
    options.add_argument("--json", type=Path, help="write the numbers to this file")
    options.add_argument("--cache", type=Path, default=ROOT / "build" / "compare")
    return options.parse_args()


def main() -> None:
    settle("benchmarks.compare")
    chosen = arguments()
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr, flush=True)

    try:
        results = list(compared(chosen, say))
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is not installed; `make compare` installs what this needs")
    except CleanerError as error:
        sys.exit(str(error))
    if chosen.json is not None:
        about: dict[str, Any] = {"machine": platform.machine(), "python": platform.python_version()}
        about["results"] = [result.as_dict() for result in results]
        chosen.json.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
