"""`make test`: everything that can fail, in the order of what fails fastest.

Arguments go to pytest: `.venv/bin/python scripts/test.py -k replay` runs a part.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SMALLER_SET = [f"tests/flows/project/test_{name}.py" for name in ("postgres", "broker", "demo")]
PYTHON = str(ROOT / ".venv" / "bin" / "python")


def run(name: str, *command: str, **environment: str) -> bool:
    """Run one suite with its output shown; tell whether it passed."""
    print(f"== {name}", flush=True)
    begin = time.monotonic()
    status = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, stdin=subprocess.DEVNULL, check=False
    ).returncode
    verdict = "passed" if status == 0 else f"failed (status {status})"
    print(f"== {name} {verdict} in {time.monotonic() - begin:.0f} s", flush=True)
    return status == 0


def main() -> int:
    """Run every suite, whatever fails before it."""
    pytest = (PYTHON, "-m", "pytest")
    if len(sys.argv) > 1:
        return 0 if run("pytest", *pytest, *sys.argv[1:]) else 1
    passed = [
        run("browser modules", "sh", "scripts/node.sh", "npm", "test", "--silent"),
        # The bundled server serves machines without PostgreSQL: migrations and a small flow.
        run("bundled PostgreSQL", *pytest, "-q", *SMALLER_SET, TRACE_POSTGRES="wheel"),
        run("unit, flow and browser", *pytest, "--durations=15"),
    ]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
