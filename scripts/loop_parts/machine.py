"""A throw-away Trace: database, repository, team, web, worker and beat.

Everything is gone when the block ends.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from mender_handoff.demo.processes import Stack, free_port  # noqa: E402  # after the path is set
from trace_app.project.postgres import throw_away_server  # noqa: E402

SLUG = "shop"
DATABASE = "trace"


@dataclass(frozen=True)
class Machine:
    """Where everything is. `environment` is what a program needs to reach the same database."""

    url: str
    var: Path
    repository: Path
    environment: dict[str, str]
    passwords: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a manage.py command; its output, or an error with what it said."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = f"{done.stdout}\n{done.stderr}".strip()
            raise RuntimeError(f"manage.py {' '.join(arguments)}: {said}")
        return done.stdout


@contextlib.contextmanager
def machine() -> Iterator[Machine]:
    """Start everything on a free port and yield where it is."""
    with tempfile.TemporaryDirectory(prefix="trace-loop-") as folder, throw_away_server() as server:
        server.create_database(DATABASE)
        var, port = Path(folder) / "var", free_port()
        var.mkdir()
        _share_built_dependencies(var)
        environment = {
            "DATABASE_URL": server.url(DATABASE),
            "TRACE_VAR": str(var),
            "PORT": str(port),
            "TRACE_RUNNER_SLOTS": os.environ.get("TRACE_RUNNER_SLOTS", "2"),
            "TRACE_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DJANGO_SETTINGS_MODULE": "trace_app.project.settings",
        }
        place = Machine(environment["TRACE_PUBLIC_URL"], var, var / "shop.git", environment, {})
        place.manage("migrate", "--verbosity", "0")
        with Stack(port, _logs(), environment):
            place.passwords.update(_seed(place))
            yield place


def _share_built_dependencies(var: Path) -> None:
    """The shop's packages are cached by the hash of their lock file: building them is no stage."""
    cache = Path(os.environ.get("TRACE_VAR") or ROOT / "var") / "runner"
    cache.mkdir(parents=True, exist_ok=True)
    (var / "runner").symlink_to(cache)


def _logs() -> Path:
    logs = ROOT / "var" / "loop-logs"
    shutil.rmtree(logs, ignore_errors=True)
    return logs


def _seed(place: Machine) -> dict[str, str]:
    """The demo's team, people and project, made by a program of its own as the demo does."""
    code = (
        "import django; django.setup()\n"
        "import json, sys\n"
        "from pathlib import Path\n"
        "from mender_handoff.demo.people import seed_team, SEED\n"
        "from mender_handoff.management.connecting import connect_repository\n"
        "from examples.shop_history import build\n"
        "var, url = Path(sys.argv[1]), sys.argv[2]\n"
        "build(var / 'shop.git')\n"
        "team, people = seed_team(var / 'credentials.json')\n"
        "connect_repository(by=SEED, team=team, slug='shop', name='Shop', repo=var / 'shop.git',"
        " default_branch='main', public_url=url)\n"
        "print(json.dumps({one.username: one.password for one in people}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(place.var), place.url],
        cwd=ROOT,
        env=os.environ | place.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    passwords: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return passwords
