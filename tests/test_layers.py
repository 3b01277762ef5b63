"""Which room may import which: the table, and every import read by `ast`."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cleaner

PACKAGE = Path(cleaner.__file__).parent

#: Rooms by floor: a room imports rooms of its own floor or below, as the table says.
ALLOWED: dict[str, set[str]] = {
    "version": set(),
    "errors": set(),
    "document": set(),
    "recipe": set(),
    "characters": set(),
    "encoder": set(),
    "network": set(),
    "splitting": {"characters"},
    "mending": {"document"},
    "reading": {"errors"},
    "writing": {"errors"},
    "features": {"characters", "splitting"},
    "setting": {"characters", "features", "splitting"},
    "glue": {"characters", "features", "setting", "splitting"},
    "dataset": {"document", "errors"},
    "model": {
        "characters", "document", "encoder", "errors", "features", "glue", "network", "setting",
        "splitting", "writing",
    },
    "decisions": {"document", "errors", "features", "model", "splitting"},
    "thresholds": {"decisions", "features", "model", "splitting"},
    "cleaning": {"decisions", "document", "mending", "model", "splitting"},
    "html_parsing": {"errors"},
    "html_names": set(),
    "html_blocks": {"html_names", "html_parsing"},
    "html_text": {"html_blocks"},
    "html_markdown": {"html_blocks", "html_text", "mending"},
    "html_evidence": {"features", "html_names", "html_text", "splitting"},
    "html_markup": {"errors", "features", "html_evidence", "html_text", "model", "network"},
    "html": {
        "cleaning", "document", "errors", "html_blocks", "html_markdown", "html_markup",
        "html_parsing", "html_text", "mending", "model",
    },
    "html_options": {"options"},
    "reporting": {"decisions", "document"},
    "corpus": {"cleaning", "document", "errors", "mending", "reading", "writing"},
    "calibration": set(),
    "tables": set(),
    "plots": set(),
    "snippets": set(),
    "judging": {"dataset", "document", "mending"},
    "confusion": {"dataset", "document", "judging"},
    "worst": {"dataset", "document", "judging", "snippets"},
    "modes": {"cleaning", "document", "model"},
    "evaluation": {
        "calibration", "confusion", "dataset", "document", "judging", "snippets", "tables",
        "worst",
    },
    "evaluation_tables": {"evaluation", "snippets", "worst"},
    "evaluation_text": {"document", "evaluation", "evaluation_tables", "tables"},
    "evaluation_page": {
        "calibration", "confusion", "document", "evaluation", "evaluation_tables", "plots",
        "worst",
    },
    "examples": {"dataset", "document", "features", "recipe", "splitting"},
    "learners": {"encoder", "errors", "features", "network", "recipe", "splitting"},
    "training": {
        "dataset", "decisions", "document", "encoder", "errors", "examples", "features", "glue",
        "learners", "model", "network", "recipe", "splitting", "thresholds",
    },
    "__init__": {"cleaning", "document", "errors", "html", "version"},
    "console": {"errors", "reading"},
    "options": {"decisions", "document"},
    "label_commands": {
        "cleaning", "console", "dataset", "decisions", "errors", "evaluation", "evaluation_page",
        "evaluation_text", "model", "modes", "options", "recipe", "training", "writing",
    },
    "cli": {
        "cleaning", "console", "corpus", "document", "errors", "html", "html_options",
        "label_commands", "mending", "options", "reading", "reporting", "version", "writing",
    },
    "__main__": {"cli"},
}  # fmt: skip

#: What is not of the standard library, and the only rooms that may know it.
OUTSIDE: dict[str, set[str]] = {
    "numpy": {
        "calibration", "characters", "cleaning", "decisions", "encoder", "examples", "features",
        "glue", "html_evidence", "html_markup", "judging", "learners", "model", "network",
        "setting", "splitting", "thresholds", "training",
    },
    "regex": set(),
    "resiliparse": {"html_parsing"},
    "click": {"cli", "console", "html_options", "label_commands", "options"},
    "sklearn": {"learners"},
}  # fmt: skip

ROOMS = sorted(path.stem for path in PACKAGE.glob("*.py"))


def imports(room: str) -> tuple[set[str], set[str], bool]:
    """A room's imports, those inside its functions too: rooms, outside packages, any star."""
    rooms: set[str] = set()
    others: set[str] = set()
    star = False
    for node in ast.walk(ast.parse((PACKAGE / f"{room}.py").read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            star |= any(alias.name == "*" for alias in node.names)
            base = ("cleaner" if node.level else "") + ("." * bool(node.level and node.module))
            base += node.module or ""
            # "from cleaner import glue" names a room, "from cleaner import Cleaner" does not.
            names = [base]
            if base == "cleaner":
                names = [f"cleaner.{a.name}" for a in node.names if a.name in ROOMS] or [base]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == "cleaner":
                rooms.add(rest.partition(".")[0] or "__init__")
            elif top not in sys.stdlib_module_names:
                others.add(top)
    return rooms, others, star


def test_every_room_is_in_the_table() -> None:
    assert set(ROOMS) == set(ALLOWED)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_it_may(room: str) -> None:
    rooms, others, star = imports(room)
    assert not star
    assert rooms <= ALLOWED[room], rooms - ALLOWED[room]
    assert others <= set(OUTSIDE), others - set(OUTSIDE)
    for name in others:
        assert room in OUTSIDE[name], f"{room} imports {name}"


def test_the_table_has_no_cycle() -> None:
    done: set[str] = set()
    left = dict(ALLOWED)
    while left:
        free = [room for room, needs in left.items() if needs <= done]
        assert free, f"a cycle among {sorted(left)}"
        for room in free:
            done.add(room)
            del left[room]


def test_only_the_main_room_imports_the_command() -> None:
    assert [room for room in ROOMS if "cli" in imports(room)[0]] == ["__main__"]


def test_no_drawer_for_everything() -> None:
    assert not {"utils", "util", "helpers", "common", "misc"} & set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for(room: str) -> None:
    source = (PACKAGE / f"{room}.py").read_text("utf-8")
    said = ast.get_docstring(ast.parse(source))
    assert said
    assert said.splitlines()[0].endswith(".")


def test_cleaning_loads_nothing_heavy() -> None:
    program = (
        "import sys, cleaner; assert cleaner.clean('One line.\\n') is not None;"
        "heavy = 'cleaner.html', 'click', 'regex', 'resiliparse', 'scipy', 'sklearn', 'torch';"
        "print(sorted(name for name in heavy if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    assert done.stdout.strip() == "[]"
