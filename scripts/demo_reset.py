"""Removes what `make demo` made below var/; downloaded packages stay."""

import os
import shutil
import sys
from pathlib import Path

VAR = Path(os.environ.get("TRACE_VAR", Path(__file__).resolve().parent.parent / "var"))
# Costly to fetch and safe to share: keyed by what they hold.
KEPT = {"runner"}


def running(var: Path) -> bool:
    """Tell whether a PostgreSQL still holds the demo's data."""
    try:
        pid = int((var / "pg" / "base" / "postmaster.pid").read_text().partition("\n")[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def main() -> int:
    """Remove everything in var/ but the runner's packages; refuse while the demo runs."""
    if running(VAR):
        print("The demo is running: stop it with Ctrl-C first.", file=sys.stderr)
        return 1
    for path in VAR.iterdir() if VAR.exists() else ():
        if path.name in KEPT:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    print("Forgotten. `make demo` starts over.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
