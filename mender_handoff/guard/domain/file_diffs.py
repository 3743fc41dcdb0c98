"""A git diff cut into files and lines, ready to be shown. Text only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line: kind is add, del, hunk or same."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file's change with its counts."""

    path: str
    lines: tuple[DiffLine, ...]

    @property
    def added(self) -> int:
        """Lines added."""
        return sum(1 for line in self.lines if line.kind == "add")

    @property
    def removed(self) -> int:
        """Lines removed."""
        return sum(1 for line in self.lines if line.kind == "del")


_KINDS = {"+": "add", "-": "del", "@": "hunk"}


def split(diff: str) -> tuple[FileDiff, ...]:
    """The files of a `git diff`, in its order."""
    files: list[FileDiff] = []
    path, inside = "", False
    lines: list[DiffLine] = []
    for line in diff.splitlines():
        if line.startswith("diff --git "):
            files += [FileDiff(path, tuple(lines))] if path else []
            path, lines, inside = line.rpartition(" b/")[2], [], False
        elif line.startswith("@@"):
            inside = True
            lines.append(DiffLine("hunk", line))
        elif inside and not line.startswith("\\"):
            lines.append(DiffLine(_KINDS.get(line[:1], "same"), line))
    return (*files, FileDiff(path, tuple(lines))) if path else tuple(files)
