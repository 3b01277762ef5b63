"""The command itself: its helps and examples, its version, what is no command."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from cleaner import __version__

COMMANDS = ("clean", "restore", "inspect", "train", "evaluate")


def test_version(run: Any) -> None:
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.decode().split()[-1] == __version__


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_command(invoke: Any, option: str) -> None:
    result = invoke(option)
    assert result.exit_code == 0
    assert all(re.search(rf"^  {name} ", result.stdout, re.MULTILINE) for name in COMMANDS)
    assert "Example" in result.stdout
    assert re.search(r"0 all well.*1 some input failed.*2 wrong usage", result.stdout, re.DOTALL)


@pytest.mark.parametrize("which", COMMANDS)
def test_help_of_every_command_holds_an_example(invoke: Any, which: str) -> None:
    result = invoke(which, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert f"cleaner {which} " in result.stdout


def test_help_names_every_option(invoke: Any) -> None:
    shared = {"--model", "--mode", "--keep"}
    options = {
        "clean": shared
        | {"--output", "--encoding", "--rejects", "--stats", "--format", "--field", "--workers"}
        | {"--keep-original", "--annotate", "--force", "--progress", "--report", "--sample"},
        "restore": {"--rejects", "--output", "--field", "--encoding", "--format"},
        "inspect": shared | {"--json", "--encoding"},
        "train": {"--output", "--seed", "--all"},
        "evaluate": shared | {"--json", "--split", "--html", "--worst"},
    }
    for which, names in options.items():
        said = invoke(which, "--help").stdout
        assert {name for name in names if name not in said} == set()


@pytest.mark.parametrize(
    "words", [["frobnicate"], ["clean", "--frobnicate"], ["--frobnicate"], ["inspect", "a", "b"]]
)
def test_wrong_usage(invoke: Any, words: list[str]) -> None:
    result = invoke(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage" in result.stderr


def test_shell_completion(run: Any, env: dict[str, str], command: list[str]) -> None:
    done = subprocess.run(
        command,
        env={**env, "_CLEANER_COMPLETE": "fish_source"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"_cleaner_completion" in done.stdout
    asked = {"COMP_WORDS": "cleaner ", "COMP_CWORD": "1", "_CLEANER_COMPLETE": "bash_complete"}
    done = subprocess.run(
        command, env={**env, **asked}, capture_output=True, timeout=60, check=False
    )
    assert all(name.encode() in done.stdout for name in COMMANDS)


def test_python_m_cleaner_calls_itself_cleaner(run: Any) -> None:
    assert b"Usage: cleaner " in run("--help").stdout
