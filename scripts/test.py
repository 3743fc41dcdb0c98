"""`make test`: everything that can fail, four suites at a time, the longest first.

Each suite has a PostgreSQL, a product and ports of its own. Arguments go to pytest:
`.venv/bin/python scripts/test.py -k replay` runs a part.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = str(ROOT / ".venv" / "bin" / "python")
PYTEST = (PYTHON, "-m", "pytest")
DEMO = "tests/flows/project/test_demo.py"
LOOP = "tests/flows/mender_handoff"
RUNS = ("tests/flows/debugger", "tests/flows/examples")
SMALLER_SET = [DEMO, *(f"tests/flows/project/test_{name}.py" for name in ("postgres", "broker"))]
SLOWEST = "--durations=10"
#: On two cores: what waits for a browser or a clock leaves room for two more.
AT_ONCE = 4


@dataclass(frozen=True)
class Suite:
    """One command; `environment` is added to ours."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


SUITES = (
    Suite("browser", (*PYTEST, "tests/browser", SLOWEST)),
    Suite("flows of Mender and Guard", (*PYTEST, LOOP, SLOWEST)),
    Suite("flows of runs and the Debugger", (*PYTEST, *RUNS, SLOWEST)),
    Suite(
        "other flows",
        (*PYTEST, "tests/flows", *(f"--ignore={one}" for one in (DEMO, LOOP, *RUNS)), SLOWEST),
    ),
    # The rules of the repository itself (tests/repo) are part of `make check`.
    Suite("unit and policy", (*PYTEST, "tests/unit", "tests/policy")),
    # The bundled server serves machines without PostgreSQL: migrations and the demo.
    Suite("bundled PostgreSQL", (*PYTEST, "-q", *SMALLER_SET), {"TRACE_POSTGRES": "wheel"}),
    Suite("browser modules", ("sh", "scripts/node.sh", "npm", "test", "--silent")),
)


def log_of(suite: Suite) -> Path:
    """Where a running suite can be watched."""
    return ROOT / "var" / "test" / f"{suite.name.replace(' ', '-').replace(',', '')}.log"


def run(suite: Suite) -> tuple[Suite, int, float]:
    """Run one suite into its log; return its exit status and its seconds."""
    begin = time.monotonic()
    print(f"== {suite.name}: running, see {log_of(suite).relative_to(ROOT)}", flush=True)
    with log_of(suite).open("wb") as log:
        status = subprocess.run(
            suite.command,
            cwd=ROOT,
            env=os.environ | suite.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    return suite, status, time.monotonic() - begin


def everything() -> int:
    """Run every suite, whatever fails before it, and print each as it ends."""
    log_of(SUITES[0]).parent.mkdir(parents=True, exist_ok=True)
    failed = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in as_completed([pool.submit(run, suite) for suite in SUITES]):
            suite, status, seconds = done.result()
            failed += status != 0
            print(log_of(suite).read_text(errors="replace"), flush=True)
            verdict = "passed" if status == 0 else f"failed (status {status})"
            print(f"== {suite.name} {verdict} in {seconds:.0f} s", flush=True)
    return 1 if failed else 0


def main() -> int:
    """Run what the arguments name, or everything."""
    if len(sys.argv) > 1:
        return subprocess.run((*PYTEST, *sys.argv[1:]), cwd=ROOT, check=False).returncode
    return everything()


if __name__ == "__main__":
    sys.exit(main())
