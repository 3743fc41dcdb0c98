"""`python -m bench.viewer [SECTION…]`: both viewers in one run; table and var/bench/viewer.json.

`python -m bench.viewer --write-docs` writes the table of docs/explanation/viewer-speed.md from
that file. A section that fails is shown as not measured; the others go on. `--small` opens little
and once, to see that every section works: its report stands beside the other.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser

from bench import docs
from bench.figures import Figure, line
from bench.viewer import measures, page_cost
from bench.viewer.opening import chromium
from bench.viewer.place import FULL, SMALL, Place, place
from scripts.loop_parts.machine import ROOT

REPORT: Final = ROOT / "var/bench/viewer.json"
SMALL_REPORT: Final = ROOT / "var/bench/viewer-small.json"
PAGE: Final = ROOT / "docs/explanation/viewer-speed.md"
_MACHINE: Final = ROOT / "var/bench/viewer-machine.txt"
SECTIONS: Final[dict[str, Callable[[Browser, Place], Iterator[Figure]]]] = {
    "short": measures.short,
    "long": measures.long,
    "slow": measures.slow,
    "clicks": measures.clicks,
    "streams": measures.streams,
    "scrubbing": measures.scrubbing,
    "weight": page_cost.weight,
    "server": page_cost.server,
}


def main() -> int:
    """A missed target is no error; the status is 1 when a section did not come to its end."""
    parser = argparse.ArgumentParser(prog="python -m bench.viewer", description=__doc__)
    parser.add_argument("sections", nargs="*", help=f"any of {', '.join(SECTIONS)}")
    parser.add_argument("--small", action="store_true", help="see whether every section works")
    parser.add_argument("--write-docs", action="store_true", help="write the table into the docs")
    arguments = parser.parse_args()
    if arguments.write_docs:
        docs.write(REPORT, PAGE, _MACHINE.read_text())
        return 0
    if unknown := set(arguments.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    ended = _measure(arguments.sections or list(SECTIONS), small=arguments.small)
    return 0 if ended else 1


def _measure(sections: list[str], *, small: bool) -> bool:
    began = time.monotonic()
    figures: list[dict[str, Any]] = []
    with place(SMALL if small else FULL) as where, chromium() as browser:
        _say(_machine(browser))
        for section in sections:
            for figure in _figures(section, browser, where):
                figures.append({"section": section, **figure.to_json()})
                _say(line(figures[-1]))
            _write(
                SMALL_REPORT if small else REPORT,
                json.dumps(figures, indent=2, ensure_ascii=False) + "\n",
            )
    _say(f"{time.monotonic() - began:.0f} s")
    return all(figure["value"] is not None for figure in figures)


def _figures(section: str, browser: Browser, where: Place) -> Iterator[Figure]:
    try:
        yield from SECTIONS[section](browser, where)
    except Exception as error:  # noqa: BLE001  # one section must not end the others
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        yield Figure(f"the rest of {section}", "", (), 0, "less", said)


def _machine(browser: Browser) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    text = (
        f"{os.cpu_count()} processors, {platform.system()} {platform.release().split('-')[0]}, "
        f"Chromium {browser.version} headless, Python {platform.python_version()}; "
        f"load at the start {load}"
    )
    _write(_MACHINE, text)
    return text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
