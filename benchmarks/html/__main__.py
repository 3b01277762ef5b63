"""Extractors on pages with hand-made text: python -m benchmarks.html FILE_OR_DIR (make html).

The file, or those of the folder that hold any, have one JSON object a line: "id", "html", "gold".
Prints a Markdown table: F1, precision and recall of the tokens in order, over all pages and as a
mean; pages a second of one core's time. Of html-dev only the pages of the reporting part count, for
ours learned from the others.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.html.scoring import Score, scored
from benchmarks.html.systems import PEERS, System, ours
from cleaner.errors import CleanerError
from cleaner.html_markup import load_markup
from cleaner.model_file import SHIPPED
from data.pages import NAME, PARTS, GoldPage, read_pages

HEADER = (
    "| pages | system | F1 | precision | recall | mean F1 | pages/s |",
    "|---|---|---|---|---|---|---|",
)

#: What is no extractor: its speed alone is told.
_STEPS = ("parsing alone", "parsing and blocks alone")


def systems() -> Iterator[System]:
    """Ours, and the peers that are installed."""
    yield from ours()
    for name, made in PEERS.items():
        try:
            yield made()
        except ImportError:
            print(f"{name} is left out: not installed (make html)", file=sys.stderr)


def rows(system: System, pages: Sequence[GoldPage]) -> Iterator[str]:
    """The system's figures over all pages, and over those of each collection."""
    began = time.process_time()
    texts = list(system.extract(page.html for page in pages))
    speed = len(pages) / max(1e-9, time.process_time() - began)
    yield _row("all", system.name, None if system.name in _STEPS else _of(texts, pages), speed)
    for origin in sorted({page.origin for page in pages}) if system.name not in _STEPS else ():
        own = [number for number, page in enumerate(pages) if page.origin == origin]
        score = _of([texts[number] for number in own], [pages[number] for number in own])
        yield _row(f"{origin} ({len(own)})", system.name, score, None)


def _of(texts: Sequence[str], pages: Sequence[GoldPage]) -> Score:
    return scored(texts, [page.gold for page in pages])


def _row(pages: str, name: str, score: Score | None, speed: float | None) -> str:
    figures = (
        ["–"] * 4
        if score is None
        else [f"{x:.3f}" for x in (score.f1, score.precision, score.recall, score.mean_f1)]
    )
    return f"| {' | '.join((pages, name, *figures, '' if speed is None else f'{speed:.0f}'))} |"


def _part(path: Path) -> str:
    """The part that nothing of ours was chosen by."""
    learned_from = path.name == NAME or (path / NAME).exists()
    return "reporting" if learned_from else "all"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.html")
    options.formatter_class = argparse.RawDescriptionHelpFormatter
    options.add_argument("path", type=Path, metavar="FILE_OR_DIR")
    options.add_argument(
        "--part", choices=(*PARTS, "all"), help="default: reporting of html-dev, else all"
    )
    options.add_argument("--system", help="only systems whose names contain this")
    options.add_argument("--limit", type=int, help="so many pages, for trying out")
    chosen = options.parse_args()
    try:
        part = chosen.part or _part(chosen.path)
        found = (page for page in read_pages(chosen.path) if part in ("all", page.part))
        pages = list(found)[: chosen.limit]
        if not pages:
            sys.exit(f"{chosen.path}: no pages with html and gold; part: {part}")
        if load_markup().header["text_model"] != hashlib.sha256(SHIPPED.read_bytes()).hexdigest():
            print(
                "html.npz was learned with another text model: python -m data.html_markup",
                file=sys.stderr,
            )
        print(f"{len(pages)} pages; part: {part}\n", *HEADER, sep="\n")
        for system in systems():
            if chosen.system is None or chosen.system in system.name:
                list(system.extract(["<p>What is made only once is made before the clock runs."]))
                print(*rows(system, pages), sep="\n", flush=True)
    except (CleanerError, OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
