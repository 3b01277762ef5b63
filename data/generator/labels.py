"""Label sets of made-up author cards, read from `words/labels.txt`."""

import random
from dataclasses import dataclass
from functools import cache

from .grammar import WORDS


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The words of one card generator: headings and labels, several for each key."""

    name: str
    locales: tuple[str, ...]
    words: dict[str, tuple[str, ...]]

    def label(self, rng: random.Random, key: str) -> str:
        """One label for the key."""
        return rng.choice(self.words[key])


@cache
def label_sets() -> tuple[LabelSet, ...]:
    """All label sets."""
    sets: list[LabelSet] = []
    for line in (WORDS / "labels.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            _, name, locales = line.split(" ", 2)
            sets.append(LabelSet(name, tuple(locales.split(",")), {}))
        elif line.strip():
            key, labels = line.split(": ", 1)
            sets[-1].words[key] = tuple(labels.split(" / "))
    return tuple(sets)


@cache
def locales() -> tuple[str, ...]:
    """Every locale that some set is made for."""
    return tuple(sorted({locale for labels in label_sets() for locale in labels.locales}))


def labels_for(rng: random.Random, locale: str | None) -> tuple[LabelSet, str]:
    """A label set and the locale of its values; English labels stand beside any values."""
    sets = label_sets()
    if locale is None:
        chosen = rng.choice(sets)
        return chosen, rng.choice(chosen.locales)
    own = [s for s in sets if locale in s.locales]
    english = [s for s in sets if s.name.startswith("en")]
    return rng.choice(own if own and rng.random() < 0.8 else english), locale
