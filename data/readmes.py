"""The parts of our READMEs that are made from data: python -m data.readmes [--write]."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from data import datasheet, model_card, scores

_HERE = Path(__file__).parent

#: For each file, what its part is called and what makes its lines.
PARTS: dict[Path, tuple[str, Callable[[], Iterator[str]]]] = {
    _HERE / "README.md": ("counts", datasheet.lines),
    _HERE / "MODEL_CARD.md": ("card", model_card.lines),
    _HERE.parent / "README.md": ("scores", scores.lines),
}


def refreshed(path: Path) -> str:
    """The file's text with its part brought up to date."""
    name, lines = PARTS[path]
    begin, end = f"<!-- {name}: python -m data.readmes --write -->\n", f"<!-- end of {name} -->\n"
    head, _, rest = path.read_text(encoding="utf-8").partition(begin)
    _, _, tail = rest.partition(end)
    return head + begin + "\n" + "\n".join(lines()) + "\n\n" + end + tail


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="bring the files up to date")
    write = options.parse_args().write
    for path, (_, lines) in PARTS.items():
        if write:
            path.write_text(refreshed(path), encoding="utf-8")
        else:
            print("\n".join(lines()), end="\n\n")


if __name__ == "__main__":
    main()
