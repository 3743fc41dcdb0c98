"""What processes cost, as the kernel counts it: processor seconds and the highest memory."""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def tree(root: int) -> list[int]:
    """A process and all below it."""
    found = [root]
    for pid in found:
        for task in (_PROC / str(pid) / "task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(word) for word in task.read_text().split()]
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of these processes and of all below them, ended ones included."""
    total = 0
    for root in roots:
        for pid in tree(root):
            with contextlib.suppress(OSError):
                fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
                total += sum(map(int, fields[11:15]))
    return total / _TICKS


def forget_peaks(pids: Iterable[int]) -> None:
    """Let the highest memory count from now on."""
    for pid in pids:
        with contextlib.suppress(OSError):
            (_PROC / str(pid) / "clear_refs").write_text("5")


def peak_memory(pids: Iterable[int]) -> float:
    """The sum of the highest resident memory of each process, in MB."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in (_PROC / str(pid) / "status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    total += int(line.split()[1])
    return total * 1024 / 1e6


@contextlib.contextmanager
def timed() -> Iterator[list[float]]:
    """Give a list that holds the block's seconds when it has ended."""
    taken: list[float] = []
    begin = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - begin)


def wait_until(what: str, done: Callable[[], bool], seconds: float = 120) -> None:
    """Ask again every hundredth of a second. Raises TimeoutError naming what did not happen."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.01)
