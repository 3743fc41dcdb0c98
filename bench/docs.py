"""Writes the table of docs/explanation/speed.md from the report of the last run."""

import json
from pathlib import Path

from bench.figures import number, verdict, wanted
from bench.machine import described
from bench.place import ROOT

PAGE = ROOT / "docs" / "explanation" / "speed.md"
BEGIN = "<!-- written by `python -m bench --write-docs` -->"
END = "<!-- end of what is written -->"


def write(report: Path, page: Path = PAGE, machine: str = "") -> None:
    """Replaces what stands between the two marks; `machine` is the last run's by default."""
    text = page.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    figures = json.loads(report.read_text())
    page.write_text(f"{before}{BEGIN}\n\n{_table(figures, machine or described())}\n\n{END}{after}")


def _table(figures: list[dict[str, object]], machine: str) -> str:
    rows = [
        "| what | median | spread | target | |",
        "|---|---:|---:|---:|---|",
        *(_row(figure) for figure in figures),
    ]
    missed = sum(figure["met"] is False for figure in figures)
    held = sum(figure["met"] is True for figure in figures)
    absent = sum(figure["value"] is None for figure in figures)
    missed -= sum(figure["value"] is None and figure["met"] is False for figure in figures)
    head = (
        f"Measured on {machine}. Medians of five runs; {held} targets met, {missed} missed, "
        f"{absent} not measured."
    )
    return "\n".join([head, "", *rows])


def _row(figure: dict[str, object]) -> str:
    spread = figure["spread"]
    shown = f"{number(spread[0])} to {number(spread[1])}" if isinstance(spread, list) else ""
    said = verdict(figure)
    note = f" {figure['note']}".replace("|", r"\|") if figure["note"] else ""
    mark = f"**{said.lower()}**{note}" if said.isupper() else said
    value = f"{number(figure['value'])} {figure['unit']}"  # type: ignore[arg-type]
    return f"| {figure['name']} | {value} | {shown} | {wanted(figure)} | {mark} |".replace(
        "  ", " "
    )
