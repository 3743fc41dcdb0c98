"""What a fresh machine lacks is installed or named in one sentence. Programs are stand-ins in a PATH."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.source import ROOT

BASICS = ("sh", "dirname", "printf", "cat", "env", "true", "touch", "chmod", "cut", "sed", "grep")


class Machine:
    """A PATH with only what the test put there."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.home = folder / "home"
        self.bin.mkdir()
        self.home.mkdir()
        for name in BASICS:
            (self.bin / name).symlink_to(shutil.which(name) or "/bin/true")

    def program(self, name: str, script: str = "exit 0") -> None:
        """Put a program on the PATH."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def user(self, number: int) -> None:
        """Say who is asking: 0 is root."""
        self.program("id", f"echo {number}")

    def apt(self, **provides: str) -> None:
        """Put an apt-get on the PATH: it notes what is asked, and makes {package: program}."""
        (self.bin / "ln").symlink_to(shutil.which("ln") or "")
        cases = "".join(
            f'*" {package} "*|*" {package}") ln -sf "$(command -v true)" "{self.bin / program}";; '
            for package, program in provides.items()
        )
        self.program("apt-get", f'echo "$*" >> "{self.home}/apt"; case "$*" in {cases} esac')

    def asked_of_apt(self) -> str:
        """Return every call of apt-get."""
        return (self.home / "apt").read_text() if (self.home / "apt").exists() else ""

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one of our scripts on this machine."""
        return subprocess.run(
            [shutil.which("sh") or "sh", str(ROOT / "scripts" / script)],
            env={"PATH": str(self.bin), "HOME": str(self.home)} | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.user(1000)
    return machine


def real_python(machine: Machine, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)


def test_no_python_is_one_sentence(machine: Machine) -> None:
    machine.program("python3", "echo 3.11; exit 1")
    reply = machine.run("python.sh")
    assert reply.returncode == 1
    assert reply.stdout == ""
    assert reply.stderr.startswith("Trace needs Python 3.12 or newer")
    assert reply.stderr.count("\n") == 1


def test_python_is_found_on_the_path_behind_an_old_one(machine: Machine) -> None:
    machine.program("python3", "exit 1")
    real_python(machine, machine.bin / "python3.12")
    reply = machine.run("python.sh")
    assert Path(reply.stdout.strip()).samefile(sys.executable)


def test_python_is_found_among_pyenvs_versions(machine: Machine) -> None:
    machine.program("python3", "exit 127")
    real_python(machine, machine.home / ".pyenv/versions/3.13.9/bin/python3")
    assert machine.run("python.sh").returncode == 0


def test_uv_is_asked_last(machine: Machine) -> None:
    real_python(machine, machine.home / "uv-python")
    machine.program("uv", f'[ "$2" = find ] && echo "{machine.home}/uv-python"')
    assert machine.run("python.sh").stdout.strip() == f"{machine.home}/uv-python"


def test_missing_bubblewrap_is_one_sentence_for_a_user(machine: Machine) -> None:
    machine.program("git")
    machine.apt(bubblewrap="bwrap")
    reply = machine.run("tools.sh")
    assert reply.returncode == 1
    assert "bubblewrap is missing" in reply.stderr
    assert "apt-get install bubblewrap" in reply.stderr
    assert machine.asked_of_apt() == ""


def test_root_gets_what_is_missing_from_apt(machine: Machine) -> None:
    machine.user(0)
    machine.apt(**{"git": "git", "bubblewrap": "bwrap", "util-linux": "setpriv"})
    machine.program("chromium")
    reply = machine.run("tools.sh")
    assert reply.returncode == 0, reply.stderr
    for package in ("git", "bubblewrap", "util-linux"):
        assert package in machine.asked_of_apt()


@pytest.mark.parametrize("package", ["chromium-headless-shell", "chromium"])
def test_root_gets_the_chromium_that_the_system_has(machine: Machine, package: str) -> None:
    machine.user(0)
    machine.apt(**{package: package})
    for name in ("git", "bwrap", "setpriv"):
        machine.program(name)
    reply = machine.run("tools.sh")
    assert reply.returncode == 0, reply.stderr
    assert machine.asked_of_apt().splitlines()[-1].split()[-2:] == [package, "fonts-liberation"]


def test_a_wrong_trace_chromium_is_one_sentence(machine: Machine) -> None:
    for name in ("git", "bwrap", "setpriv"):
        machine.program(name)
    reply = machine.run("tools.sh", TRACE_CHROMIUM="/nowhere/chrome")
    assert reply.returncode == 1
    assert reply.stderr.strip() == (
        "TRACE_CHROMIUM names /nowhere/chrome, which cannot be run: correct it or unset it."
    )


def test_nothing_is_asked_of_apt_when_all_is_there(machine: Machine) -> None:
    machine.user(0)
    machine.apt()
    for name in ("git", "bwrap", "setpriv", "chromium"):
        machine.program(name)
    assert machine.run("tools.sh").returncode == 0
    assert machine.asked_of_apt() == ""


def test_help_lists_every_command() -> None:
    reply = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("demo", "demo-reset", "test", "check", "loop", "help"):
        assert f"make {target} " in reply.stdout


def test_ci_runs_check_and_test_and_no_more() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line.startswith("make ")] == ["make check", "make test"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def reset(var: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "scripts/demo_reset.py"],
        cwd=ROOT,
        env=kept | {"TRACE_VAR": str(var)} | environment,
        capture_output=True,
        text=True,
    )


def test_reset_forgets_the_demo_and_nothing_else(tmp_path: Path) -> None:
    for name in ("pg/base", "demo", "blobs", "runner/deps", "letters"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "secret_key").write_text("x")
    assert reset(tmp_path).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"runner", "letters"}


def test_reset_refuses_while_the_demo_runs_or_the_tables_are_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "pg" / "base").mkdir(parents=True)
    (tmp_path / "pg" / "base" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert "stop it with Ctrl-C first" in reset(tmp_path).stderr
    elsewhere = reset(tmp_path, DATABASE_URL="postgresql://trace@db/trace")
    assert elsewhere.returncode == 1
    assert "drop and create that database yourself" in elsewhere.stderr
    assert (tmp_path / "pg").exists()
