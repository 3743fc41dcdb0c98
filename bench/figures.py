"""A measured figure: median and spread of several runs, beside its target."""

from dataclasses import dataclass
from statistics import median
from typing import Any, Literal


@dataclass(frozen=True)
class Figure:
    """`samples` are in `unit`; the target is a floor or a ceiling of the median."""

    name: str
    unit: str
    samples: tuple[float, ...]
    target: float
    better: Literal["more", "less"]

    @property
    def value(self) -> float:
        return median(self.samples)

    @property
    def met(self) -> bool:
        return self.value >= self.target if self.better == "more" else self.value <= self.target

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "spread": [round(min(self.samples), 3), round(max(self.samples), 3)],
            "unit": self.unit,
            "target": self.target,
            "met": self.met,
        }

    def line(self) -> str:
        sign = "≥" if self.better == "more" else "≤"
        spread = f"{min(self.samples):,.1f}–{max(self.samples):,.1f}"
        verdict = "met" if self.met else "MISSED"
        return (
            f"{self.name:<52} {self.value:>12,.1f} {self.unit:<9} "
            f"({spread}) target {sign} {self.target:,} {verdict}"
        )
