"""What belongs to the project, read from git: nothing generated, nothing vendored."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("trace_app/", "debugger/", "mender_handoff/")


@cache
def tracked(suffix: str) -> tuple[Path, ...]:
    """Return the project's files with this suffix: tracked, or new and not ignored."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", f"*{suffix}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(set(listing.stdout.split("\0")) - {""})
    return tuple(ROOT / name for name in names if (ROOT / name).is_file())


def name(path: Path) -> str:
    """Return the path as a person writes it, from the project's root."""
    return path.relative_to(ROOT).as_posix()


def product_python() -> list[Path]:
    """Return the Python files of the three apps, without generated migrations."""
    return [path for path in python() if name(path).startswith(PRODUCT)]


def python() -> list[Path]:
    """Return every Python file of the project, without migrations and fixtures."""
    skipped = ("/migrations/", "tests/fixtures/")
    return [path for path in tracked(".py") if not any(part in name(path) for part in skipped)]


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_bytes(), filename=str(path))


@cache
def functions(path: Path) -> list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Return every function with its length in lines: decorators and docstring not counted."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            )
            docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            found.append((node, (node.end_lineno or 0) - node.lineno + 1 - docstring))
    return found
