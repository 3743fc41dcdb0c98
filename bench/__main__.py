"""`python -m bench`: measure the record on a throw-away Trace; table and var/bench/record.json."""

import json
import os
import platform
import sys
from pathlib import Path

from bench.figures import Figure
from bench.record import measure
from scripts.loop_parts.machine import machine

REPORT = Path(__file__).resolve().parent.parent / "var" / "bench" / "record.json"


def main() -> int:
    """Print every figure with its spread and target; a missed target is shown, not an error."""
    with machine() as place:
        figures = measure(place)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps([figure.to_json() for figure in figures], indent=2) + "\n")
    sys.stdout.write(_table(figures) + "\n")
    return 0


def _table(figures: list[Figure]) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    head = f"{platform.platform()}, {os.cpu_count()} processors, load {load}; medians of 5"
    return "\n".join([head, "", *(figure.line() for figure in figures)])


if __name__ == "__main__":
    raise SystemExit(main())
