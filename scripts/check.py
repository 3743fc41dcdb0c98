"""`make check`: every check that runs no product; two at a time, all of them, whatever fails.

With --fix the formatters rewrite Python files and templates instead.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
POSTGRES = ("-m", "trace_app.project.postgres_cli", "--")
# What production sets; `check --deploy` judges the settings that follow from it.
PRODUCTION = {
    "DEBUG": "0",
    "TRACE_HTTPS": "1",
    "SECRET_KEY": "".join(f"{number:02x}" for number in range(48)) + "-Check!only",
    "ALLOWED_HOSTS": "trace.example.com",
    "TRACE_PUBLIC_URL": "https://trace.example.com",
    "DATABASE_URL": "postgresql://trace@127.0.0.1:1/trace",
}


@dataclass(frozen=True)
class Check:
    """One command with the reason it is here; `environment` is added to ours."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


def tool(name: str) -> str:
    """Return the path of a program of the virtual environment."""
    return str(BIN / name)


def templates() -> list[str]:
    """Return the project's templates."""
    return [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]


def checks() -> list[Check]:
    """Return the checks, slowest first, so that two cores finish together."""
    python = tool("python")
    return [
        Check("types (mypy --strict)", (tool("mypy"),)),
        Check("repository rules", (python, "-m", "pytest", "-q", "tests/repo")),
        Check("layers (import-linter)", (tool("lint-imports"), "--no-logo")),
        Check("lint (ruff)", (tool("ruff"), "check", "--quiet", ".")),
        Check("format (ruff)", (tool("ruff"), "format", "--check", "--quiet", ".")),
        Check("templates (djade)", (tool("djade"), "--check", *templates())),
        # Against a real, empty database: the command also compares with what was applied.
        Check(
            "missing migrations",
            (python, *POSTGRES, python, "manage.py", "makemigrations", "--check", "--dry-run"),
        ),
        Check(
            "deployment (check --deploy)",
            (python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            PRODUCTION,
        ),
        Check(
            "browser types (tsc)", ("sh", "scripts/node.sh", "npx", "tsc", "-p", "tsconfig.json")
        ),
        Check("vendored files", (python, "scripts/vendor.py", "--check")),
        Check("shell syntax", ("sh", "-n", ".ci/run")),
    ]


def run(check: Check) -> tuple[Check, int, str, float]:
    """Run one check; return its exit status, its output and its seconds."""
    begin = time.monotonic()
    reply = subprocess.run(
        check.command,
        cwd=ROOT,
        env=os.environ | check.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return check, reply.returncode, reply.stdout, time.monotonic() - begin


def fix() -> int:
    """Let the formatters rewrite what they can."""
    for command in (
        (str(BIN / "ruff"), "check", "--fix", "--quiet", "."),
        (str(BIN / "ruff"), "format", "--quiet", "."),
        (str(BIN / "djade"), *templates()),
    ):
        subprocess.run(command, cwd=ROOT, check=False)
    return 0


def main() -> int:
    """Run all checks and print one line each, with the output of those that fail."""
    if "--fix" in sys.argv:
        return fix()
    failed = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for check, status, output, seconds in pool.map(run, checks()):
            print(f"{'FAIL' if status else 'ok':5}{check.name:32}{seconds:6.1f} s", flush=True)
            if status:
                failed.append(check.name)
                print(output, flush=True)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
