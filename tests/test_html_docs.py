"""The page on HTML runs, and names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner.cli import main
from cleaner.html import OUTPUTS, WAYS

PAGE = (Path(__file__).parents[1] / "docs" / "html.md").read_text(encoding="utf-8")


def test_the_python_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    names: dict[str, object] = {}
    exec(compile(code, "docs/html.md", "exec"), names)
    said = capsys.readouterr().out
    assert said.startswith("# The Last Ferry\n\nThe ferry left")
    assert "False" in said
    one, two = names["bodies"]  # type: ignore[misc]
    assert one == two


def test_the_page_tells_of_every_way_and_output() -> None:
    assert all(f'`way="{way}"`' in PAGE for way in WAYS)
    assert all(f'`"{output}"`' in PAGE for output in OUTPUTS)


@pytest.mark.parametrize("line", re.findall(r"^(?:cat .*\| )?cleaner (\w+ .*)$", PAGE, re.M))
def test_every_option_of_the_page_exists(line: str) -> None:
    words = line.split()
    said = CliRunner().invoke(main, [words[0], "--help"]).output
    assert all(word in said for word in words[1:] if word.startswith("--"))
