"""The recipes for extractors: what they leave of a page, and what cleaning takes out of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SPAM = ("Marlon Quills", "Kelly Brandt", "Petra Oswin", "orla.kuhlman", "followers")
ARTICLE = ("A tomato splits", "Steady watering beats")

Run = Callable[[str], dict[str, Any]]


@pytest.fixture
def recipe(blocks: Callable[[str, str], list[str]]) -> Run:
    """The page of the recipes and the block for one library run; the names they leave."""

    def run(library: str) -> dict[str, Any]:
        pytest.importorskip(library, reason=f"{library} is not installed")
        page, *recipes = blocks("extractors.md", "python")
        (code,) = [code for code in recipes if f"import {library}\n" in code]
        names: dict[str, Any] = {}
        exec(compile(page + code, "extractors.md", "exec"), names)
        return names

    return run


@pytest.mark.filterwarnings("ignore:nltk is not installed")
@pytest.mark.parametrize("library", ["trafilatura", "justext", "newspaper"])
def test_cleaning_takes_out_what_the_extractor_left(recipe: Run, library: str) -> None:
    names = recipe(library)
    text = names["page"].text if library == "newspaper" else names["text"]
    assert all(part in text for part in (*SPAM, *ARTICLE))
    assert all(part in names["article"] for part in ARTICLE)
    assert not any(part in names["article"] for part in SPAM)


def test_the_page_shows_what_goes(
    recipe: Run, blocks: Callable[[str, str], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    recipe("trafilatura")
    assert capsys.readouterr().out == blocks("extractors.md", "text")[0]
