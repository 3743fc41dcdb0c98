"""`make demo` from start to Ctrl-C: one foreground command, nothing left behind, resumable."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mender_handoff.demo.processes import free_port, port_is_free
from tests.repo.source import ROOT

COMMAND = [sys.executable, "manage.py", "demo", "--no-checks"]


@pytest.fixture
def var() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="trace-demo-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "var"


def environment(var: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return kept | {"TRACE_VAR": str(var), "PORT": str(port)}


def start(var: Path, port: int) -> tuple[subprocess.Popen[str], list[str]]:
    """Start the demo and read what it says until it waits for Ctrl-C."""
    demo = subprocess.Popen(
        COMMAND, cwd=ROOT, env=environment(var, port), stdout=subprocess.PIPE, text=True
    )
    said = []
    for line in demo.stdout or ():
        said.append(line.rstrip())
        if line.startswith("Ctrl-C"):
            return demo, said
    pytest.fail("The demo ended early:\n" + "\n".join(said))


def stop(demo: subprocess.Popen[str], number: signal.Signals) -> None:
    demo.send_signal(number)
    output, _ = demo.communicate(timeout=40)
    assert demo.returncode == 0, output
    assert "Stopping" in output


def passwords(said: list[str]) -> list[str]:
    return [match[1] for line in said if (match := re.search(r"password (\S+)$", line))]


def test_start_stop_and_resume(var: Path) -> None:
    port = free_port()
    demo, said = start(var, port)
    assert len(passwords(said)) == 3
    login = httpx.get(f"http://127.0.0.1:{port}/login")
    assert login.status_code == 200

    second = subprocess.run(
        COMMAND, cwd=ROOT, env=environment(var, port), capture_output=True, text=True
    )
    assert second.returncode == 1
    assert f"Port {port} is taken" in second.stderr
    assert f"make demo PORT={port + 1}" in second.stderr
    assert "Traceback" not in second.stderr

    stop(demo, signal.SIGINT)
    assert port_is_free(port)
    assert not (var / "pg" / "base" / "postmaster.pid").exists()
    assert (var / "demo" / "credentials.json").stat().st_mode & 0o077 == 0

    other = free_port()
    again, said_again = start(var, other)
    assert passwords(said_again) == passwords(said)
    assert f"http://127.0.0.1:{other}" in "\n".join(said_again)
    hook = (var / "demo" / "shop.git" / "guard-hook.json").read_text()
    assert f":{other}/" in hook
    stop(again, signal.SIGTERM)


def test_a_taken_port_is_said_before_anything_is_made(var: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        reply = subprocess.run(
            COMMAND, cwd=ROOT, env=environment(var, port), capture_output=True, text=True
        )
    assert reply.returncode == 1
    assert f"Port {port} is taken" in reply.stderr
    assert not (var / "pg").exists()


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_a_port_that_is_none_is_answered_in_one_sentence(var: Path, port: str) -> None:
    reply = subprocess.run(
        COMMAND, cwd=ROOT, env=environment(var, 0) | {"PORT": port}, capture_output=True, text=True
    )
    assert (
        reply.stderr.strip()
        == f"CommandError: PORT must be a number from 1 to 65535, not '{port}'."
    )


def test_a_database_that_does_not_answer_is_answered_in_one_sentence(var: Path) -> None:
    nobody = {"DATABASE_URL": "postgresql://trace@127.0.0.1:1/trace"}
    reply = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env=environment(var, free_port()) | nobody,
        capture_output=True,
        text=True,
    )
    assert reply.returncode == 1
    assert "check DATABASE_URL" in reply.stderr
    assert "Traceback" not in reply.stderr
