"""Removes what `make demo` made below TRACE_VAR, by name; built packages of applications stay."""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Only these: TRACE_VAR may be any directory, and what else lies there is not ours.
MADE = (
    "beat-schedule*", "blobs", "capsules", "demo", "guard", "logs", "media", "mirrors", "pg",
    "secret_key", "spool", "static",
)  # fmt: skip


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
    """Remove the demo's things; refuse while it runs, or when its tables are somebody else's."""
    var = Path(os.environ.get("TRACE_VAR") or ROOT / "var")
    if os.environ.get("DATABASE_URL"):
        print(
            "DATABASE_URL names a server of your own, whose tables would stay: "
            "drop and create that database yourself, then unset DATABASE_URL here and ask again.",
            file=sys.stderr,
        )
        return 1
    if running(var):
        print("The demo is running: stop it with Ctrl-C first.", file=sys.stderr)
        return 1
    for pattern in MADE:
        for path in var.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    print("Forgotten. `make demo` starts over.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
