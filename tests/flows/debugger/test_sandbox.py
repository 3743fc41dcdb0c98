"""The sandbox itself: limits, cancel, nothing left alive."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from debugger.runner import levels, machine, sandbox
from debugger.runner.levels import Level
from debugger.runner.machine import Mount
from debugger.runner.sandbox import Box, Outcome
from debugger.runner.watchdog import Limits

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def level() -> Level:
    found = levels.detect()
    assert found is not None, levels.NO_SANDBOX
    return found


def run(level: Level, tmp_path: Path, script: str, **limits: float) -> Outcome:
    """Run Python code alone in a box."""
    box = Box(machine.interpreter_mounts(), {"PATH": "/usr/bin"}, Path("/"))
    return sandbox.run(
        box,
        [str(machine.interpreter()), "-c", script],
        level=level,
        limits=Limits(**limits),  # type: ignore[arg-type]
        log=tmp_path / "log",
        should_cancel=lambda: False,
    )


def test_a_command_runs_and_its_output_is_kept(level: Level, tmp_path: Path) -> None:
    outcome = run(level, tmp_path, "import sys; print('hello'); sys.exit(3)")
    assert (outcome.reason, outcome.status, outcome.tail) == ("ended", 3, "hello\n")


def test_too_much_memory_ends_it(level: Level, tmp_path: Path) -> None:
    script = "x = []\nwhile True: x.append(bytearray(8 << 20)); import time; time.sleep(0.01)"
    outcome = run(level, tmp_path, script, memory_bytes=200 << 20, wall_seconds=30)
    # A cgroup kills it from within; without one the watchdog sees it and ends it.
    assert outcome.reason == ("ended" if level is Level.L3 else "too_much_memory")
    assert outcome.status != 0


def test_too_many_processes_end_it(level: Level, tmp_path: Path) -> None:
    script = (
        "import os, time\nfor _ in range(60):\n  if not os.fork(): time.sleep(60)\ntime.sleep(60)"
    )
    outcome = run(level, tmp_path, script, processes=40, wall_seconds=30)
    assert outcome.reason == "too_many_processes"


def test_too_long_ends_it_with_everything_it_started(level: Level, tmp_path: Path) -> None:
    mark = f"sleeper-{os.getpid()}"
    script = (
        "import os, time\nif not os.fork():\n  os.setsid()\n  if not os.fork():\n"
        f"    os.execv('/usr/bin/sleep', ['{mark}', '60'])\ntime.sleep(60)"
    )
    started = time.monotonic()
    outcome = run(level, tmp_path, script, wall_seconds=1.5)
    assert outcome.reason == "too_long"
    assert time.monotonic() - started < 15
    assert _comes_true(lambda: not _alive(mark))


def test_a_killed_worker_takes_its_sandbox_with_it(tmp_path: Path, level: Level) -> None:
    mark = f"orphan-{os.getpid()}"
    script = (
        "from pathlib import Path\n"
        "from debugger.runner import levels, machine, sandbox\n"
        "from debugger.runner.sandbox import Box\n"
        "from debugger.runner.watchdog import Limits\n"
        f"sandbox.run(Box([], {{'PATH': '/usr/bin'}}, Path('/')), ['/usr/bin/bash', '-c',"
        f" 'exec -a {mark} sleep 60'], level=levels.detect(), limits=Limits(),"
        f" log=Path({str(tmp_path / 'log')!r}), should_cancel=lambda: False)"
    )
    worker = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    assert _comes_true(lambda: _alive(mark))
    worker.kill()
    worker.wait()
    assert _comes_true(lambda: not _alive(mark))


def test_what_the_environment_holds_is_on_no_command_line(level: Level, tmp_path: Path) -> None:
    secret = f"https://user:token-{os.getpid()}@index.example"
    seen: list[bytes] = []

    def look() -> bool:
        lines = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                lines.append(file.read_bytes())
        seen.extend(line for line in lines if b"sleep 4.5" in line.replace(b"\0", b" "))
        assert not any(secret.encode() in line for line in lines)
        return False

    outcome = sandbox.run(
        Box([], {"PATH": "/usr/bin", "PIP_INDEX_URL": secret}, Path("/")),
        ["/bin/sh", "-c", "sleep 4.5; echo $PIP_INDEX_URL"],
        level=level,
        limits=Limits(),
        log=tmp_path / "log",
        should_cancel=look,
    )
    assert outcome.tail.strip() == secret
    assert seen


def _comes_true(ask: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not ask():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _alive(mark: str) -> bool:
    return subprocess.run(["pgrep", "-f", f"^{mark}"], capture_output=True).returncode == 0


def test_the_level_is_what_the_machine_can_do(level: Level) -> None:
    cgroup2 = levels.cgroup_parent() is not None
    assert level is (Level.L3 if cgroup2 else Level.L2)


def test_no_bubblewrap_means_no_level(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise machine.MachineError("none")

    monkeypatch.setattr(machine, "bubblewrap", missing)
    assert levels.detect.__wrapped__() is None


def test_the_box_mounts_what_it_is_told_and_read_only(level: Level, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    box = Box([Mount(tmp_path / "data", Path("/data"))], {"PATH": "/usr/bin"}, Path("/"))
    outcome = sandbox.run(
        box,
        ["/bin/sh", "-c", "touch /data/x; touch /usr/x; id -u; cat /proc/net/dev | wc -l"],
        level=level,
        limits=Limits(),
        log=tmp_path / "log",
        should_cancel=lambda: False,
    )
    assert outcome.tail.count("Read-only file system") == 2
    # Two lines of heading and the loopback: no other way out.
    assert outcome.tail.split()[-2:] == ["0", "3"]
