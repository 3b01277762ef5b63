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
    "threads": set(),
    "kernel": set(),
    "splitting": {"characters", "kernel"},
    "alike": set(),
    "mending": {"alike"},
    "reading": {"errors"},
    "writing": {"errors"},
    "features": {"characters", "splitting"},
    "tally": {"alike", "characters", "features", "kernel", "splitting"},
    "setting": {"alike", "characters", "features", "kernel", "splitting"},
    "glue": {"characters", "features", "kernel", "setting", "splitting", "tally"},
    "dataset": {"document", "errors"},
    "model": {
        "document", "encoder", "features", "glue", "network", "setting", "splitting", "tally",
        "threads",
    },
    "model_file": {
        "characters", "document", "encoder", "errors", "features", "glue", "model", "network",
        "setting", "writing",
    },
    "decisions": {"document", "errors", "features", "model", "splitting"},
    "thresholds": {"decisions", "features", "model", "splitting"},
    "repeats": {
        "errors", "features", "model", "network", "setting", "splitting", "tally", "writing",
    },
    "stretches": {"splitting"},
    "looks": {"decisions", "document", "mending", "model"},
    "cleaning": {
        "decisions", "document", "errors", "looks", "mending", "model", "model_file", "repeats",
        "splitting", "stretches",
    },
    "html_parsing": {"errors", "extras"},
    "html_names": set(),
    "html_blocks": {"html_names", "html_parsing"},
    "html_text": {"html_blocks"},
    "html_markdown": {"html_blocks", "html_text", "mending"},
    "html_evidence": {"features", "html_names", "html_text", "splitting"},
    "html_markup": {"errors", "features", "html_evidence", "html_text", "model", "network"},
    "html": {
        "cleaning", "document", "errors", "html_blocks", "html_markdown", "html_markup",
        "html_parsing", "html_text", "looks", "model", "threads",
    },
    "reporting": {"decisions", "document", "looks"},
    "rejecting": {"document", "errors", "mending", "stretches"},
    "formats.__init__": set(),
    "formats.record": set(),
    "formats.compression": {"errors", "extras"},
    "formats.packing": {"formats.compression", "formats.record"},
    "formats.places": {"errors", "extras", "writing"},
    "formats.splicing": set(),
    "formats.page": {"errors", "formats.packing", "formats.record", "html_parsing"},
    "formats.text": {"formats.packing", "formats.record", "reading", "stretches"},
    "formats.jsonl": {"errors", "formats.packing", "formats.record", "formats.splicing"},
    "formats.wet": {
        "errors", "formats.compression", "extras", "formats.packing", "formats.record",
        "writing",
    },
    "formats.http": {"extras"},
    "formats.warc": {
        "errors", "formats.http", "formats.page", "formats.record", "formats.wet",
    },
    "formats.parquet": {"errors", "extras", "formats.record"},
    "formats.choosing": {
        "errors", "formats.compression", "extras", "formats.jsonl", "formats.page",
        "formats.parquet", "formats.record", "formats.text", "formats.warc", "formats.wet",
    },
    "runs.__init__": set(),
    "runs.plan": {"errors", "formats.choosing", "formats.places", "reading"},
    "runs.settings": {"cleaning", "formats.record", "model_file", "version"},
    "runs.counting": {
        "errors", "formats.choosing", "formats.compression", "formats.places", "formats.record",
        "repeats", "runs.plan", "runs.settings", "runs.units", "runs.workers", "writing",
    },
    "runs.judged": {
        "cleaning", "document", "formats.record", "looks", "rejecting", "repeats", "reporting",
        "runs.settings", "stretches", "writing",
    },
    "runs.filter": {
        "formats.choosing", "formats.compression", "runs.judged", "runs.settings",
    },
    "runs.work": {
        "errors", "formats.choosing", "formats.compression", "formats.places",
        "formats.record", "runs.judged", "runs.plan", "runs.settings", "writing",
    },
    "runs.workers": {"errors"},
    "runs.lock": {"writing"},
    "runs.manifest": {"writing"},
    "runs.progress": {"reporting"},
    "runs.report": {"runs.judged"},
    "runs.shards": {
        "errors", "formats.choosing", "formats.compression", "formats.places", "formats.record",
        "runs.judged", "runs.plan", "runs.work", "writing",
    },
    "runs.ledger": {
        "errors", "formats.places", "formats.record", "runs.judged", "runs.manifest", "runs.plan",
        "runs.settings", "runs.work",
    },
    "runs.units": {"errors", "runs.plan", "runs.shards", "runs.work", "runs.workers"},
    "runs.run": {
        "errors", "formats.places", "runs.judged", "runs.ledger", "runs.lock",
        "runs.manifest", "runs.plan", "runs.progress", "runs.report", "runs.settings",
        "runs.shards", "runs.units", "runs.work", "runs.workers", "writing",
    },
    "runs.totals": {"runs.judged", "runs.rejects", "runs.report", "runs.sampling", "writing"},
    "runs.rejects": {
        "errors", "formats.choosing", "formats.compression", "extras", "rejecting",
        "writing",
    },
    "runs.sampling": set(),
    "runs.restore": {
        "errors", "formats.choosing", "formats.compression", "formats.record", "reading",
        "rejecting", "runs.rejects", "runs.settings", "writing",
    },
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
    "extras": {"errors"},
    "learners": {"encoder", "extras", "features", "network", "recipe", "splitting"},
    "training": {
        "dataset", "decisions", "document", "encoder", "errors", "examples", "features", "glue",
        "learners", "model", "model_file", "network", "recipe", "splitting", "thresholds",
    },
    "__init__": {"cleaning", "document", "errors", "html", "version"},
    "console": {"errors", "reading"},
    "options": {"decisions", "document", "formats.choosing"},
    "label_commands": {
        "cleaning", "console", "dataset", "decisions", "errors", "evaluation", "evaluation_page",
        "evaluation_text", "model_file", "modes", "options", "recipe", "training", "writing",
    },
    "dispatch": {
        "cleaning", "console", "errors", "formats.choosing", "formats.places", "formats.record",
        "html", "reading", "runs.counting", "runs.filter", "runs.judged", "runs.plan",
        "runs.rejects", "runs.report", "runs.run", "runs.settings", "runs.totals", "runs.workers",
        "wishes", "writing",
    },
    "wishes": set(),
    "clean_command": {
        "console", "dispatch", "errors", "formats.choosing", "options", "reading", "wishes",
    },
    "repeats_command": {
        "console", "formats.record", "options", "reading", "runs.counting", "runs.plan",
        "runs.settings", "runs.workers",
    },
    "restore_command": {"console", "formats.record", "options", "reading", "runs.restore"},
    "cli": {
        "clean_command", "cleaning", "console", "formats.choosing", "formats.compression",
        "formats.page", "formats.record", "html", "label_commands", "options", "reading",
        "repeats_command", "reporting", "restore_command", "serve.command", "version", "writing",
    },
    "__main__": {"cli"},
}  # fmt: skip

#: What is not of the standard library, and the only rooms that may know it.
OUTSIDE: dict[str, set[str]] = {
    "numpy": {
        "alike", "calibration", "characters", "decisions", "encoder", "examples", "features",
        "glue", "html_evidence", "html_markup", "judging", "learners", "looks", "mending", "model",
        "model_file", "network", "repeats", "runs.counting", "setting", "splitting", "stretches",
        "tally", "thresholds", "training",
    },
    "regex": set(),
    "click": {
        "clean_command", "cli", "console", "label_commands", "options", "repeats_command",
        "restore_command",
    },
    "joblib": {"runs.workers"},
    "resiliparse": {"html_parsing"},
    "sklearn": {"learners"},
    "threadpoolctl": {"threads"},
}  # fmt: skip

#: Folders of rooms, whose own tests say what those may import.
PARTS = {"integrations", "serve"}

ROOMS = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if path.relative_to(PACKAGE).parts[0] not in PARTS
)


def path_of(room: str) -> Path:
    return PACKAGE.joinpath(*room.split(".")).with_suffix(".py")


def room_of(module: str) -> str:
    """The room that a module's name, or a name in it, stands for."""
    rest = module.removeprefix("cleaner").removeprefix(".")
    if not rest:
        return "__init__"
    return f"{rest}.__init__" if (PACKAGE / rest.replace(".", "/")).is_dir() else rest


def imports(room: str) -> tuple[set[str], set[str], bool]:
    """A room's imports, those inside its functions too: rooms, outside packages, any star."""
    rooms: set[str] = set()
    others: set[str] = set()
    star = False
    for node in ast.walk(ast.parse(path_of(room).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            star |= any(alias.name == "*" for alias in node.names)
            base = ("cleaner" if node.level else "") + ("." * bool(node.level and node.module))
            base += node.module or ""
            # "from cleaner import glue" names a room, "from cleaner import Cleaner" does not.
            names = [base]
            if base.split(".")[0] == "cleaner" and room_of(base).endswith("__init__"):
                inner = [f"{base}.{alias.name}" for alias in node.names]
                names = [name for name in inner if room_of(name) in ROOMS] or [base]
        else:
            continue
        for name in names:
            top, _, _ = name.partition(".")
            if top == "cleaner":
                rooms.add(room_of(name))
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
    done: set[str] = {"serve.command"}
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
    parts = {part for room in ROOMS for part in room.split(".")}
    assert not {"utils", "util", "helpers", "common", "misc"} & parts


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for(room: str) -> None:
    source = path_of(room).read_text("utf-8")
    said = ast.get_docstring(ast.parse(source))
    assert said
    assert said.splitlines()[0].endswith(".")


def test_cleaning_loads_nothing_heavy() -> None:
    program = (
        "import sys, cleaner; assert cleaner.clean('One line.\\n') is not None;"
        "heavy = ('cleaner.html', 'click', 'joblib', 'pyarrow', 'regex', 'resiliparse', 'sklearn');"
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


def test_a_filter_loads_no_workers_and_no_formats_of_extras() -> None:
    program = (
        "import sys; from cleaner.cli import main\n"
        "try: main(['clean'])\n"
        "except SystemExit: pass\n"
        "heavy = ('fsspec', 'fastwarc', 'joblib', 'multiprocessing', 'pyarrow', 'zstandard')\n"
        "print(sorted(name for name in heavy if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="", capture_output=True, text=True, check=True,
        cwd=PACKAGE.parent,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
