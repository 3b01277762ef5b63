"""What the tests of the command look at: folders before and after, the figures of a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MODES = ("gentle", "balanced", "thorough")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below the folder by its relative path, hidden ones too, but for runs' state."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".cleaner" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def scraped(folder: Path, texts: Any) -> Path:
    """A folder of inputs: nested, empty, spammy, clean, and hidden files that are not inputs."""
    files = {
        "one.txt": texts.page,
        "sub/two.txt": texts.article,
        "sub/deeper/three.text": texts.page,
        "empty.txt": "",
        "no suffix": texts.contents,
        ".hidden": texts.page,
        ".git/config": texts.page,
        "sub/.DS_Store": texts.page,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def figures(result: Any, mode: str = "balanced") -> Any:
    """What `evaluate --json` told of a mode."""
    return json.loads(result.stdout)["modes"][mode]


def outputs(folder: Path) -> list[Path]:
    """What a run has put into its output folder, in order; its state is none of it."""
    return sorted(path for path in folder.iterdir() if path.name != ".cleaner")


def leftovers(folder: Path) -> list[str]:
    """Temporary files that a run has left."""
    parts = folder.rglob(".cleaner/parts/*")
    return [path.name for path in (*folder.rglob("*partial*"), *parts)]
