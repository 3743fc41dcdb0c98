"""Decides which user PostgreSQL runs as: it refuses root, and no user may be made for it."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from trace_app.project.postgres_binaries import Binaries, PostgresError

# The number of `nobody`; nothing is looked up by name, so the entry need not exist.
UNPRIVILEGED = 65534
# Root outside, an ordinary user inside: files keep their owner, no id is borrowed.
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
REMEDY = "run as an ordinary user, or set DATABASE_URL to a running server."


@dataclass(frozen=True)
class Launcher:
    """The words in front of `postgres`, and the user id that its files belong to."""

    prefix: tuple[str, ...]
    owner: int | None

    @classmethod
    def choose(cls, binaries: Binaries) -> "Launcher":
        """Return the first way that works here; PostgresError says what to do if none does."""
        # The server dies with the thread that started it: a killed owner leaves nothing behind.
        tie = ("setpriv", "--pdeathsig", "INT") if shutil.which("setpriv") else ()
        if os.geteuid() != 0:
            return cls((*tie, "--") if tie else (), None)
        if not tie:
            raise PostgresError(
                f"PostgreSQL refuses to run as root and `setpriv` is missing: {REMEDY}"
            )
        probe = binaries.program("postgres"), "--version"
        namespace = (*NAMESPACE, "--", *tie, "--")
        if _works(*namespace, *probe):
            return cls(namespace, None)
        ids = (f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups")
        unprivileged = (*tie, *ids, "--")
        if _works(*unprivileged, *probe):
            return cls(unprivileged, UNPRIVILEGED)
        raise PostgresError(
            "PostgreSQL refuses to run as root, and neither a user namespace nor an ordinary "
            f"user could start {binaries.directory}: {REMEDY}"
        )

    def own(self, *directories: Path) -> None:
        """Make directories that only the server's user (and root) can enter."""
        for directory in directories:
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o700)
            if self.owner is None:
                continue
            os.chown(directory, self.owner, self.owner)
            if not _works(*self.prefix, "test", "-x", str(directory)):
                raise PostgresError(
                    f"PostgreSQL refuses to run as root, and an ordinary user cannot reach "
                    f"{directory}: set TRACE_VAR to a reachable directory, or {REMEDY}"
                )


def _works(*command: str) -> bool:
    try:
        reply = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return reply.returncode == 0
