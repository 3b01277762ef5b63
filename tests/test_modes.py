"""Modes side by side say what each says alone, and the model looks only once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cleaner import Cleaner
from cleaner.decisions import MODES
from cleaner.model import Model
from cleaner.modes import inspect_modes


def some_texts(texts: Any) -> list[str]:
    return [texts.page, "", texts.article, texts.contents, "\n".join(texts.spam), texts.page]


def test_each_mode_says_what_its_cleaner_says(cleaner: Cleaner, texts: Any) -> None:
    given = some_texts(texts)
    found = list(inspect_modes(given, cleaner.model, MODES, ("caption",)))
    assert [tuple(verdicts) for verdicts in found] == [MODES] * len(given)
    for mode in MODES:
        alone = Cleaner(cleaner.model, mode, ("caption",)).inspect_batch(given)
        assert [verdicts[mode] for verdicts in found] == list(alone)


def test_one_look_for_all_modes(
    cleaner: Cleaner, texts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    original = Model.scores

    def scores(self: Model, given: list[str]) -> Any:
        looked.extend(given)
        return original(self, given)

    monkeypatch.setattr(Model, "scores", scores)
    given = [*some_texts(texts), *(f"{texts.page}\n{number}" for number in range(600))]
    assert len(list(inspect_modes(given, cleaner.model, MODES))) == len(given)
    assert looked == given


def test_texts_stream(cleaner: Cleaner) -> None:
    taken = 0

    def texts() -> Iterator[str]:
        nonlocal taken
        for _ in range(100_000):
            taken += 1
            yield "A line that is as long as a line is."

    next(inspect_modes(texts(), cleaner.model, MODES))
    assert taken < 10_000


def test_without_texts_there_is_nothing_to_say(cleaner: Cleaner) -> None:
    assert list(inspect_modes([], cleaner.model, ("gentle",))) == []
