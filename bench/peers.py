"""Other people's programs, each in a virtual environment of its own under var/bench/."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import httpx

from bench.place import HERE

STOP_SECONDS = 10.0


class PeerError(Exception):
    """A peer could not be installed, started or fed; the message says what it said."""


def installed(name: str, *packages: str) -> Path:
    """The folder of the peer's programs; installs the pinned packages unless they are there."""
    home = HERE / name
    mark = home / "packages.txt"
    wanted = "\n".join(packages)
    if not mark.exists() or mark.read_text() != wanted:
        uv = str(Path(sys.executable).parent / "uv")
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home))
        _run(uv, "pip", "install", "--quiet", "--python", str(home / "bin" / "python"), *packages)
        mark.write_text(wanted)
    return home / "bin"


@contextlib.contextmanager
def running(
    commands: Mapping[str, Sequence[str]], environment: dict[str, str], folder: Path
) -> Iterator[list[int]]:
    """Start programs and give their process ids; all are ended afterwards."""
    (HERE / "logs").mkdir(parents=True, exist_ok=True)
    children: list[subprocess.Popen[bytes]] = []
    try:
        for name, command in commands.items():
            with (HERE / "logs" / f"{name}.log").open("wb") as log:
                child = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=os.environ | environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            children.append(child)
        yield [child.pid for child in children]
    finally:
        for child in children:
            _end(child)


def wait_for_http(url: str, seconds: float = 120) -> None:
    """Wait until a server answers. Raises PeerError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(url, timeout=5)
            return
        time.sleep(0.2)
    raise PeerError(f"{url} did not answer within {seconds:.0f} s")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerError(f"{' '.join(command[:3])}: {done.stderr[-500:].strip()}")


def _end(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
