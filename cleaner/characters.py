"""Code points into the few classes that we look at, and into their folded form."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

#: Code points from here on (emoji, rare ideographs) share one entry of the tables.
TABLE_SIZE = 0x10000


class Kind:
    """What a code point is to us. The order matters: everything from `OTHER` on is visible.

    Plain numbers and no `IntEnum`: numpy looks for attributes on whatever it compares with, an
    enumeration answers in Python, and an interrupt that falls there is lost.
    """

    NEWLINE = 0
    SPACE = 1
    OTHER = 2
    LOWER = 3
    UPPER = 4
    CASELESS = 5
    IDEOGRAPH = 6
    DIGIT = 7
    FINAL = 8
    COMMA = 9
    COLON = 10
    OPENING = 11
    CLOSING = 12
    DASH = 13
    BULLET = 14
    BAR = 15
    SIGN = 16


#: How many kinds there are.
KINDS = Kind.SIGN + 1

_MARKS: dict[int, str] = {
    Kind.FINAL: ".!?…。！？؟।۔｡‼⁇⁈⁉",
    Kind.COMMA: ",;，；、،؛",
    Kind.COLON: ":：",
    Kind.OPENING: "([{“„‘‚«‹「『（【《〈¿¡",
    Kind.CLOSING: ")]}”’»›」』）】》〉\"'",
    Kind.DASH: "-–—‐‑‒―−",
    Kind.BULLET: "•·●▪*►▶→■◦‣⁃✓✔○◆▸➤✦★☆⇒➜",
    Kind.BAR: "|/\\¦｜~_",
    Kind.SIGN: "@#%&+=<>$€£¥₹^©®™°§",
}

# Scripts written without spaces between words: a "word" there says nothing, a character a lot.
_IDEOGRAPHS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # Han
    (0xAC00, 0xD7AF),  # Hangul
    (0xF900, 0xFAFF),  # Han, compatibility forms
)


@functools.cache
def kind_table() -> NDArray[np.uint8]:
    """The class of every code point below `TABLE_SIZE`; shape (65536,).

    Whitespace is what `str.isspace` says, so that all else is visible.
    """
    table = np.full(TABLE_SIZE, Kind.OTHER, np.uint8)
    for code in range(TABLE_SIZE):
        char = chr(code)
        if char.isalpha():
            table[code] = (
                Kind.LOWER
                if char.islower()
                else Kind.UPPER
                if char.isupper() or char.istitle()
                else Kind.CASELESS
            )
        elif char.isdecimal():
            table[code] = Kind.DIGIT
        elif char.isspace():
            table[code] = Kind.SPACE
    # Combining marks belong to the letter before them (Devanagari vowels, Arabic points).
    for first, last in ((0x0300, 0x036F), (0x0591, 0x05BD), (0x064B, 0x065F), (0x0900, 0x0D7F)):
        block = table[first : last + 1]
        block[block == Kind.OTHER] = Kind.CASELESS
    for first, last in _IDEOGRAPHS:
        block = table[first : last + 1]
        block[(block == Kind.CASELESS) | (block == Kind.OTHER)] = Kind.IDEOGRAPH
    for kind, chars in _MARKS.items():
        for char in chars:
            table[ord(char)] = kind
    table[0x0A] = table[0x0D] = Kind.NEWLINE
    table.setflags(write=False)
    return table


@functools.cache
def fold_table() -> NDArray[np.uint32]:
    """Lower case for letters, one form for quotation marks and spaces; shape (65536,)."""
    kinds = kind_table()
    table = np.arange(TABLE_SIZE, dtype=np.uint32)
    for code in np.flatnonzero(kinds == Kind.UPPER):
        lower = chr(int(code)).lower()
        table[code] = ord(lower) if len(lower) == 1 else code
    table[kinds <= Kind.SPACE] = ord(" ")
    for curly, straight in zip("‘’“”–—", "''\"\"--", strict=True):
        table[ord(curly)] = ord(straight)
    table.setflags(write=False)
    return table


def code_points(text: str) -> NDArray[np.uint32]:
    """The code points of `text`, lone surrogates included; shape (len(text),)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def kinds_of(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The `Kind` of every code point, with the carriage return of a CRLF counted as whitespace."""
    kinds = kind_table().take(codes, mode="clip")
    returns = np.flatnonzero(codes == 0x0D)
    if returns.size:
        followed = returns[returns + 1 < codes.size]
        kinds[followed[codes[followed + 1] == 0x0A]] = Kind.SPACE
    return kinds


def folded(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Every code point in its folded form (see `fold_table`)."""
    return fold_table().take(codes, mode="clip")
