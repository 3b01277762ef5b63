"""Text grammars: sections of weighted patterns with slots, read from plain files and expanded.

A file under `words/` holds sections. `== name` opens one with a pattern a line; `== name,` opens
one whose patterns stand between commas. `3* ` before a pattern makes it three times as likely.
In a pattern `{slot}` calls another section or filler, `{slot^}` capitalises what comes back,
`{2-9}` is a number, `[a|b|]` is a choice, and a backslash takes the next character as it is.
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path

from .seams import seamed

Filler = Callable[[random.Random, str], str]

WORDS = Path(__file__).with_name("words")
WEIGHT_RE = re.compile(r"(\d+)\* ")
RANGE_RE = re.compile(r"(\d+)-(\d+)")
SPACES_RE = re.compile(r"\s+")
STRAY_RE = re.compile(r" +([,.;:!?])(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that another section, a filler or a number fills."""

    name: str
    capital: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several patterns, each as likely."""

    options: tuple["Pattern", ...]


Pattern = tuple[str | Slot | Choice, ...]


@dataclass(slots=True)
class Section:
    """Patterns and their running weights."""

    patterns: list[Pattern] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)

    def pick(self, rng: random.Random) -> Pattern:
        """Draw one pattern."""
        return rng.choices(self.patterns, cum_weights=self.weights)[0]


def parse(text: str) -> Pattern:
    """Read one pattern."""
    pattern, end = _parse(text, 0, closing="")
    if end != len(text):
        raise ValueError(f"stray {text[end]!r} in pattern {text!r}")
    return pattern


def _parse(text: str, at: int, closing: str) -> tuple[Pattern, int]:
    parts: list[str | Slot | Choice] = []
    plain: list[str] = []

    def flush() -> None:
        if plain:
            parts.append("".join(plain))
            plain.clear()

    while at < len(text) and text[at] not in closing:
        char = text[at]
        if char == "\\":
            plain.append(text[at + 1])
            at += 2
        elif char == "{":
            end = text.index("}", at)
            name = text[at + 1 : end]
            flush()
            parts.append(Slot(name.rstrip("^"), name.endswith("^")))
            at = end + 1
        elif char == "[":
            flush()
            options: list[Pattern] = []
            while text[at] != "]":
                option, at = _parse(text, at + 1, closing="|]")
                if at >= len(text):
                    raise ValueError(f"unclosed choice in pattern {text!r}")
                options.append(option)
            parts.append(Choice(tuple(options)))
            at += 1
        else:
            plain.append(char)
            at += 1
    flush()
    return tuple(parts), at


def read_sections(path: Path) -> dict[str, Section]:
    """Read the sections of one file."""
    raw: dict[str, list[str]] = {}
    items: list[str] = []
    commas = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            name = line[3:].strip()
            commas = name.endswith(",")
            items = raw.setdefault(name.rstrip(","), [])
        elif line.strip() and not line.startswith("# "):
            items += [i.strip() for i in line.split(",") if i.strip()] if commas else [line.strip()]
    sections: dict[str, Section] = {}
    for name, lines in raw.items():
        section, weights = Section(), []
        for line in lines:
            weight = WEIGHT_RE.match(line)
            weights.append(int(weight[1]) if weight else 1)
            section.patterns.append(parse(line[weight.end() :] if weight else line))
        section.weights = list(accumulate(weights))
        sections[name] = section
    return sections


@dataclass(frozen=True)
class Grammar:
    """The sections of one language, with fillers for the slots that no section has."""

    language: str
    sections: Mapping[str, Section]
    fillers: Mapping[str, Filler]

    def __contains__(self, name: str) -> bool:
        return name in self.sections

    def expand(
        self, rng: random.Random, name: str, slots: Mapping[str, Filler] | None = None
    ) -> str:
        """Expand one pattern of a section into a line of text."""
        text = self._slot(rng, Slot(name), slots or {})
        text = STRAY_RE.sub(r"\1", SPACES_RE.sub(" ", text)).strip()
        return seamed(rng, self.language, text)

    def _slot(self, rng: random.Random, slot: Slot, slots: Mapping[str, Filler]) -> str:
        if slot.name in slots:
            text = slots[slot.name](rng, self.language)
        elif slot.name in self.sections:
            text = self._fill(rng, self.sections[slot.name].pick(rng), slots)
        elif numbers := RANGE_RE.fullmatch(slot.name):
            text = str(rng.randint(int(numbers[1]), int(numbers[2])))
        else:
            text = self.fillers[slot.name](rng, self.language)
        return text[:1].upper() + text[1:] if slot.capital else text

    def _fill(self, rng: random.Random, pattern: Pattern, slots: Mapping[str, Filler]) -> str:
        texts: list[str] = []
        for part in pattern:
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, Slot):
                texts.append(self._slot(rng, part, slots))
            else:
                texts.append(self._fill(rng, rng.choice(part.options), slots))
        return "".join(texts)


@cache
def sections_for(language: str) -> dict[str, Section]:
    """The sections of a language over those that all languages share."""
    sections: dict[str, Section] = {}
    for folder in ("common", language):
        for path in sorted((WORDS / folder).glob("*.txt")):
            sections.update(read_sections(path))
    return sections
