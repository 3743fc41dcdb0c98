"""A measured figure: median and spread of several runs, beside its target."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

type Better = Literal["more", "less"]


@dataclass(frozen=True)
class Figure:
    """`samples` are in `unit`; the target is a floor or a ceiling of the median.

    Without samples the figure was not measured, and `note` says why: that is never "met".
    """

    name: str
    unit: str
    samples: Sequence[float]
    target: float | None
    better: Better
    note: str = ""

    @property
    def value(self) -> float | None:
        return median(self.samples) if self.samples else None

    @property
    def met(self) -> bool | None:
        """None for a figure that only stands beside another one."""
        if self.target is None:
            return None
        if self.value is None:
            return False
        return self.value >= self.target if self.better == "more" else self.value <= self.target

    def to_json(self) -> dict[str, Any]:
        spread = (
            [round(min(self.samples), 3), round(max(self.samples), 3)] if self.samples else None
        )
        return {
            "name": self.name,
            "value": None if self.value is None else round(self.value, 3),
            "spread": spread,
            "unit": self.unit,
            "target": self.target,
            "better": self.better,
            "met": self.met,
            "note": self.note,
        }


def number(value: float | None) -> str:
    """A figure for people: three digits that matter, thousands set apart."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def line(figure: dict[str, Any]) -> str:
    """One line of the printed table, from what to_json gives."""
    spread = (
        f"({number(figure['spread'][0])}–{number(figure['spread'][1])})" if figure["spread"] else ""
    )
    shown = f"{figure['name']:<72} {number(figure['value']):>10} {figure['unit']:<12} {spread:<20}"
    return f"{shown} {wanted(figure):>12} {verdict(figure)}  {figure['note']}".rstrip()


def wanted(figure: dict[str, Any]) -> str:
    """The target as a sentence has it."""
    if figure["target"] is None:
        return ""
    return f"{'≥' if figure['better'] == 'more' else '≤'} {figure['target']:,g}"


def verdict(figure: dict[str, Any]) -> str:
    """Met, missed, or not measured."""
    if figure["value"] is None:
        return "NOT MEASURED"
    return {None: "", True: "met", False: "MISSED"}[figure["met"]]
