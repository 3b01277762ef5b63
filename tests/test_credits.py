"""Credited captions that a page's gold keeps: told from sentences about pictures, and doubted."""

from __future__ import annotations

import pytest

from cleaner.dataset import LabelledDocument, laid_out
from data.credits import is_credited, uncredited

CREDITED = [
    "The new bridge at Tornby. Photograph: Ines Kalb/Seaview",
    "Photo: M. Dahl",
    "(Image credit: Harbour Museum)",
    "Photos by Ola Brandt",
    "A crane lifts the last girder into place. Credit: Tornby Port",
    "Fishermen mend their nets on Monday. (AP Photo/Jo Lund)",
    "The mayor cuts the ribbon | Foto: Stadt Tornby",
    "Rescuers at the quay / Reuters",
    "© Getty Images",
    "Foto: City-Presse",
    "Фото: Анна Лунд",
]
NOT_CREDITED = [
    "The photo shows the harbour as it was before the war.",
    "She works as a photographer and lives in Tornby.",
    "A photograph: that was all he had kept of her.",
    "Pay your credit card bill online, said the bank, and save the fee.",
    "The picture by the door was a print. He sold it.",
    "Reuters reported the deal first.",
    "In 1994 Getty Images was founded, and bought others.",
    "Photo: " + "a caption is never as long as this. " * 9,
]


@pytest.mark.parametrize("line", CREDITED)
def test_credits_are_told(line: str) -> None:
    assert is_credited(line)


@pytest.mark.parametrize("line", NOT_CREDITED)
def test_other_lines_are_none(line: str) -> None:
    assert not is_credited(line)


def test_what_the_gold_keeps_of_them_becomes_unclear() -> None:
    lines = [("article", "The bridge"), ("article", CREDITED[0]), ("other", CREDITED[1])]
    text, spans = laid_out(lines)
    page = LabelledDocument("a", "gold-plain", "en", "", "train", text, spans)
    assert [span.label for span in uncredited(page).spans] == ["article", None, "other"]
    assert [span[:2] for span in uncredited(page).spans] == [span[:2] for span in spans]


def test_a_page_without_any_stays_the_same() -> None:
    text, spans = laid_out([("article", "The bridge"), ("article", NOT_CREDITED[0])])
    page = LabelledDocument("a", "gold-plain", "en", "", "train", text, spans)
    assert uncredited(page) is page
