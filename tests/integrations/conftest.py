"""What the tests of the integrations share: sample pages, and the examples of their pages run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "integrations"

Example = Callable[..., str]


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of one language in a page of `docs/integrations`."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


@pytest.fixture(scope="session")
def pages_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`pages.jsonl`, as the first page of the integrations makes it."""
    folder = tmp_path_factory.mktemp("pages")
    (code,) = blocks("README.md", "python")
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    return folder / "pages.jsonl"


@pytest.fixture(scope="session")
def pages(pages_file: Path) -> list[dict[str, str]]:
    """Its records: a page with spam, a clean article, and one without any."""
    return [json.loads(line) for line in pages_file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def example(pages_file: Path, tmp_path: Path, env: dict[str, str]) -> Example:
    """Runs the example of a page in a folder with `pages.jsonl`; what it printed.

    Where the page shows the output, it must be that. site: stands in for the example's address.
    """

    def run(page: str, site: str = "") -> str:
        (tmp_path / "pages.jsonl").write_bytes(pages_file.read_bytes())
        (code,) = blocks(page, "python")
        if site:
            code = code.replace("http://127.0.0.1:8000", site)
        script = tmp_path / "example.py"
        script.write_text(code, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, str(script)],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        shown = blocks(page, "text")
        assert done.stdout == (shown[0] if shown else done.stdout)
        return done.stdout

    return run
