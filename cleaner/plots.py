"""Curves and marks as a plot in SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

#: Told apart by most who see colours differently (Okabe and Ito); then they begin again.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")

_WIDTH, _HEIGHT = 520, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 16, 12, 48

Point = tuple[float, float]


class Mark(NamedTuple):
    """A dot, what it tells who points at it, and the letter that it bears."""

    point: Point
    label: str
    letter: str = ""


@dataclass(frozen=True)
class Series:
    """What is drawn in one colour: a line through `points`, and marks. name: its own."""

    name: str
    points: Sequence[Point] = ()
    marks: Sequence[Mark] = ()


@dataclass(frozen=True)
class Axis:
    """An axis from 0: its name, where it ends, and whether its ticks are per cent."""

    name: str
    end: float = 1.0
    is_percent: bool = False
    ticks: int = 5

    def told(self, value: float) -> str:
        """The value as the axis writes it."""
        return f"{100 * value:.3g} %" if self.is_percent else f"{value:.3g}"


def plot(
    title: str, x: Axis, y: Axis, series: Sequence[Series], *, has_diagonal: bool = False
) -> str:
    """An SVG element, with a dashed diagonal if asked; what lies beyond an axis is at its end."""
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(title)}</title>",
        *_grid(x, y),
    ]
    if has_diagonal:
        ends = _path([(0.0, 0.0), (x.end, y.end)], x, y)
        parts.append(f'<path class="ideal" d="{ends}"/>')
    for number, one in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        if one.points:
            parts.append(
                f'<path class="line" stroke="{colour}" d="{_path(one.points, x, y)}">'
                f"<title>{escape(one.name)}</title></path>"
            )
        for mark in one.marks:
            across, up = _place(mark.point, x, y)
            told = f"{one.name}, {mark.label}: {x.told(mark.point[0])}, {y.told(mark.point[1])}"
            parts.append(
                f'<g><title>{escape(told)}</title><circle cx="{across:.1f}" cy="{up:.1f}" '
                f'r="{7 if mark.letter else 4}" fill="{colour}"/>'
                f'<text class="letter" x="{across:.1f}" y="{up + 3.5:.1f}" text-anchor="middle">'
                f"{escape(mark.letter)}</text></g>"
            )
    return "\n".join([*parts, "</svg>"])


def legend(names: Sequence[str]) -> str:
    """The names beside the colours that `plot` gives to series in this order."""
    items = (
        f'<li><span style="background:{COLOURS[number % len(COLOURS)]}"></span>{escape(name)}</li>'
        for number, name in enumerate(names)
    )
    return f'<ul class="legend">{"".join(items)}</ul>'


def _place(point: Point, x: Axis, y: Axis) -> Point:
    across = min(max(point[0] / x.end, 0.0), 1.0)
    up = min(max(point[1] / y.end, 0.0), 1.0)
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    return _LEFT + across * wide, _TOP + (1 - up) * high


def _path(points: Sequence[Point], x: Axis, y: Axis) -> str:
    places = (_place(point, x, y) for point in points)
    return "M" + "L".join(f"{across:.1f} {up:.1f}" for across, up in places)


def _grid(x: Axis, y: Axis) -> Iterator[str]:
    left, low = _place((0.0, 0.0), x, y)
    right, high = _place((x.end, y.end), x, y)
    for tick in range(x.ticks + 1):
        value = x.end * tick / x.ticks
        at, _ = _place((value, 0.0), x, y)
        yield f'<path class="grid" d="M{at:.1f} {low:.1f}V{high:.1f}"/>'
        yield f'<text x="{at:.1f}" y="{low + 16:.1f}" text-anchor="middle">{x.told(value)}</text>'
    for tick in range(y.ticks + 1):
        value = y.end * tick / y.ticks
        _, at = _place((0.0, value), x, y)
        yield f'<path class="grid" d="M{left:.1f} {at:.1f}H{right:.1f}"/>'
        yield f'<text x="{left - 6:.1f}" y="{at + 4:.1f}" text-anchor="end">{y.told(value)}</text>'
    middle = (left + right) / 2
    yield f'<text x="{middle:.1f}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(x.name)}</text>'
    centre = (low + high) / 2
    yield (
        f'<text x="14" y="{centre:.1f}" text-anchor="middle" '
        f'transform="rotate(-90 14 {centre:.1f})">{escape(y.name)}</text>'
    )
