"""The machine that the figures belong to."""

import json
import os
import platform
import subprocess
from pathlib import Path

from bench.place import HERE
from trace_app.project.postgres import Server

_MARK = HERE / "machine.json"


def describe(server: Server) -> str:
    """One line: processors, memory, systems, the load at the beginning; kept for the docs."""
    reply = subprocess.run(
        [server.binaries.program("postgres"), "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    text = (
        f"{os.cpu_count()} × {_first('/proc/cpuinfo', 'model name')}, "
        f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) / 1e6:.0f} GB of memory, "
        f"{platform.system()} {platform.release().split('-')[0]}, "
        f"PostgreSQL {reply.stdout.split()[2]} with its default settings, "
        f"Python {platform.python_version()}; load at the start {load}"
    )
    HERE.mkdir(parents=True, exist_ok=True)
    _MARK.write_text(json.dumps(text))
    return text


def described() -> str:
    """The line of the last run."""
    text: str = json.loads(_MARK.read_text())
    return text


def _first(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "unknown"
