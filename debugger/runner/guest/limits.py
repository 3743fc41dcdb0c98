"""Limits that every process of a run inherits. What counts the run as a whole is on the host."""

import resource

_FILE_BYTES = 2 * 1024**3
_TASKS = 4000
_OPEN_FILES = 8192


def apply() -> None:
    """No core dumps, no endless file, no endless number of tasks or open files."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, _FILE_BYTES)
    # Counted per user of the sandbox's own namespace; the host's root is not counted at all.
    _lower(resource.RLIMIT_NPROC, _TASKS)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)


def _lower(kind: int, limit: int) -> None:
    _soft, hard = resource.getrlimit(kind)
    wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (wanted, wanted))
