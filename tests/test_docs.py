"""Nothing rots unseen: the README, its Python, the datasheet's counts, the help texts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner.cli import main
from cleaner.document import STRIPPED_CATEGORIES
from cleaner.extras import EXTRAS
from data import readmes

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNS = (ROOT / "docs" / "runs.md").read_text(encoding="utf-8")
PAGE = (ROOT / "data" / "samples" / "demo.txt").read_text(encoding="utf-8")


def blocks(language: str, page: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.M | re.S)


def test_the_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    names: dict[str, object] = {"text": PAGE, "texts": [PAGE, ""]}
    exec(compile(code, "README.md", "exec"), names)
    assert "Water Comes First" in str(names["body"])
    assert list(names["bodies"]) == [names["cleaner"].clean(PAGE), ""]  # type: ignore[attr-defined,call-overload]
    assert "link_list" in capsys.readouterr().out


def commands(page: str = README) -> list[str]:
    lines = "\n".join(blocks("sh", page)).splitlines()
    found = [re.search(r"(?:^|\| )(cleaner [^#|]*)", line) for line in lines]
    return [one[1].partition(" > ")[0].strip() for one in found if one]


def test_the_readme_shows_every_command() -> None:
    shown = {line.split()[1] for line in commands()}
    assert shown == set(main.commands)


@pytest.mark.parametrize("line", [*commands(), *commands(RUNS)])
def test_every_option_of_the_pages_exists(line: str) -> None:
    words = line.split()
    known = {name for option in main.commands[words[1]].params for name in option.opts}
    used = {word for word in words[2:] if word.startswith("-") and len(word) > 1}
    assert used <= known


def test_the_readme_documents_the_options_of_clean() -> None:
    for option in (
        "--mode",
        "--keep",
        "--rejects",
        "--field",
        "--workers",
        "--stats",
        "--encoding",
    ):
        assert f"| `{option}" in README


def test_the_page_of_runs_tells_of_every_option_and_extra() -> None:
    options = {name for one in main.commands["clean"].params for name in one.opts if "--" in name}
    told_elsewhere = {"--output", "--model", "--mode", "--keep", "--no-progress"}
    assert {name for name in options - told_elsewhere if f"{name}" not in RUNS} == set()
    named = set(re.findall(r"^\| `cleaner\[(\w+)\]`", RUNS, re.M))
    assert named == {*EXTRAS.values(), "formats"}


def test_the_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"^make (\w+)", "\n".join(blocks("sh")), re.M)) <= targets
    assert {"demo", "test", "check", "model", "bench"} <= targets


def test_ci_calls_the_test_command_of_the_readme() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("path", readmes.PARTS, ids=str)
def test_what_the_readmes_say_of_the_data_is_current(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert readmes.refreshed(path) == text, "run: python -m data.readmes --write"


def test_the_datasheet_names_every_category() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert all(f"`{category}`" in text for category in STRIPPED_CATEGORIES)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_help_text_has_an_example_and_every_option_a_help(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert re.search(r"Examples?:\s+cleaner ", result.output)
    options = [option for option in main.commands[name].params if option.opts[0].startswith("-")]
    assert all(getattr(option, "help", None) for option in options)


def test_shell_completion_is_clicks() -> None:
    environment = {"_CLEANER_COMPLETE": "bash_source", "PATH": "/usr/bin:/bin"}
    code = "from cleaner.cli import main; main(prog_name='cleaner')"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "_cleaner_completion" in run.stdout
