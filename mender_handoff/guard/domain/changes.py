"""Unified diffs as lists of removed and added lines, for the search for evidence."""

from mender_handoff.domain.evidence import Change

MAX_LINES = 2000


def read_change(path: str, commit: str, diff: str) -> Change:
    """The change of one file, at most MAX_LINES lines a side."""
    removed: list[str] = []
    added: list[str] = []
    inside = False
    for line in diff.splitlines():
        if line.startswith("@@"):
            inside = True
        elif inside and line.startswith("-"):
            removed.append(line[1:])
        elif inside and line.startswith("+"):
            added.append(line[1:])
    return Change(path, commit, tuple(removed[:MAX_LINES]), tuple(added[:MAX_LINES]))
