"""Scores that the shipped model must keep: python -m data.floors [--write] [--corpora PATH].

Each set's floors stand in floors.json beside a digest of the documents they were measured on.
Writing raises floors; to lower one takes --lower.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cleaner import Cleaner
from cleaner.dataset import LabelledDocument, digest
from cleaner.evaluation import Scores, evaluate
from data.build import held_out

FILE = Path(__file__).with_name("floors.json")

#: What a figure may fall short of its floor: the last bits of another machine's matrix products.
TOLERANCE = 0.0005

#: The figures with a floor, and which of them are better when they are smaller.
FIGURES = ("lost", "stripped", "f1", "at_1_percent")
SMALLER = ("lost",)


def by_set(documents: Iterable[LabelledDocument]) -> dict[str, list[LabelledDocument]]:
    """The documents that have labels, by set."""
    found: dict[str, list[LabelledDocument]] = {}
    for document in documents:
        if document.spans:
            found.setdefault(document.origin, []).append(document)
    return found


def measured(documents: list[LabelledDocument]) -> dict[str, Any]:
    """A set's floors as the shipped model stands, balanced mode."""
    scores: Scores = evaluate(documents, Cleaner().inspect_batch).sets[documents[0].origin]
    figures = {name: round(float(getattr(scores, name)), 5) for name in FIGURES}
    return {"digest": digest(documents), **figures}


def falls(floor: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """In what the figures found fall below the floor, one sentence each."""
    out = []
    for name in FIGURES:
        worse = found[name] - floor[name] if name in SMALLER else floor[name] - found[name]
        if worse > TOLERANCE:
            out.append(f"{name} is {found[name]:.5f}, the floor is {floor[name]:.5f}")
    return out


def pinned() -> dict[str, Any]:
    """The floors by set."""
    floors: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return floors


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--corpora", type=Path)
    options.add_argument("--write", action="store_true", help="pin the floors at today's scores")
    options.add_argument("--lower", action="store_true", help="even where they are lower")
    chosen = options.parse_args()
    floors = pinned() if FILE.exists() else {}
    bad = []
    for name, documents in by_set(held_out(chosen.corpora)).items():
        found = measured(documents)
        floor = floors.get(name)
        same = floor is not None and floor["digest"] == found["digest"]
        fallen = falls(floor, found) if floor is not None else []
        bad += [f"{name}: {fall}" for fall in fallen]
        told = ", ".join(f"{figure} {found[figure]:.4f}" for figure in FIGURES)
        print(
            f"{name}: {told}" + ("" if same or floor is None else " (other documents than pinned)")
        )
        floors[name] = found
    for fall in bad:
        print(fall, file=sys.stderr)
    if chosen.write and (chosen.lower or not bad):
        FILE.write_text(json.dumps(floors, indent=1, sort_keys=True) + "\n", "utf-8")
    elif bad:
        sys.exit("below the floor; pin lower ones only on purpose: --write --lower")


if __name__ == "__main__":
    main()
