"""`python -m bench.viewer`: both viewers in one run; table and var/bench/viewer.json."""

import json
import os
import platform
import sys
import time
from pathlib import Path

from bench.viewer.measures import measure
from bench.viewer.opening import chromium
from bench.viewer.place import place

REPORT = Path(__file__).resolve().parents[2] / "var" / "bench" / "viewer.json"


def main() -> int:
    """Print every figure as it comes; a missed target is shown, not an error."""
    begin = time.monotonic()
    figures = []
    with place() as where, chromium() as browser:
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        _say(f"{platform.platform()}, {os.cpu_count()} processors, load {load}")
        _say(f"Chromium {browser.version}; medians of 5, each in a browser context of its own")
        for figure in measure(browser, where):
            figures.append(figure)
            _say(figure.line())
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps([figure.to_json() for figure in figures], indent=2) + "\n")
    _say(f"{time.monotonic() - begin:.0f} s in all; written to {REPORT.relative_to(Path.cwd())}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
