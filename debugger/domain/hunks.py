"""Reads git's unified diff text into hunks, and takes hunks back. Runs no git."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HEAD = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$")
_NO_NEWLINE = "\\ No newline at end of file"


class HunkError(ValueError):
    """The text at hand is not the one the hunk was made from."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """One run of changed lines in a file.

    `old`/`new` are the block's lines with context, as they
    stand on either side; `old_start`/`new_start` count from 1.
    """

    path: str
    old_start: int
    new_start: int
    section: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    removed: tuple[str, ...]
    added: tuple[str, ...]
    added_lines: tuple[int, ...]

    @property
    def first_line(self) -> int:
        """The first changed line in the new file, else where lines were taken out."""
        return self.added_lines[0] if self.added_lines else self.new_start


def parse_hunks(diff: str) -> list[Hunk]:
    """The hunks of a `git diff` in order; binary files and pure mode changes have none."""
    hunks: list[Hunk] = []
    path_old = path_new = ""
    lines = diff.split("\n")
    position = 0
    while position < len(lines):
        line = lines[position]
        head = _HEAD.match(line)
        if head:
            end = _hunk_end(lines, position + 1, head)
            path = path_new if path_new != "/dev/null" else path_old
            hunks.append(_hunk(path, head, lines[position + 1 : end]))
            position = end
            continue
        if line.startswith("--- "):
            path_old = _path(line[4:], "a/")
        elif line.startswith("+++ "):
            path_new = _path(line[4:], "b/")
        position += 1
    return hunks


def _path(name: str, prefix: str) -> str:
    return name.split("\t")[0].strip().strip('"').removeprefix(prefix)


def _hunk_end(lines: list[str], start: int, head: re.Match[str]) -> int:
    old, new = int(head[2] or 1), int(head[4] or 1)
    position = start
    while position < len(lines) and (old > 0 or new > 0 or lines[position] == _NO_NEWLINE):
        mark = lines[position][:1]
        old -= mark in (" ", "-", "")
        new -= mark in (" ", "+", "")
        position += 1
    return position


def _hunk(path: str, head: re.Match[str], body: list[str]) -> Hunk:
    old: list[str] = []
    new: list[str] = []
    removed: list[str] = []
    added: list[str] = []
    added_lines: list[int] = []
    for line in body:
        mark, text = line[:1], line[1:]
        if mark == "\\":
            continue
        if mark == "-":
            old.append(text)
            removed.append(text)
        elif mark == "+":
            added_lines.append(int(head[3]) + len(new))
            new.append(text)
            added.append(text)
        else:
            old.append(text)
            new.append(text)
    return Hunk(
        path,
        int(head[1]),
        int(head[3]),
        head[5].strip(),
        tuple(old),
        tuple(new),
        tuple(removed),
        tuple(added),
        tuple(added_lines),
    )


def revert_hunks(text: str, hunks: Sequence[Hunk]) -> str:
    """The file's text with these hunks (all of this file) taken back.

    Raises HunkError where the text no longer holds what a hunk made of it.
    """
    lines = text.split("\n")
    for hunk in sorted(hunks, key=lambda item: -item.new_start):
        start = _find(lines, hunk)
        lines[start : start + len(hunk.new)] = list(hunk.old)
    return "\n".join(lines)


def _find(lines: list[str], hunk: Hunk) -> int:
    """Where the new block stands: at its line, else the one other place that holds it."""
    size = len(hunk.new)
    wanted = list(hunk.new)
    expected = max(0, hunk.new_start - 1)
    if lines[expected : expected + size] == wanted and size:
        return expected
    if not size:
        return hunk.new_start
    places = [i for i in range(len(lines) - size + 1) if lines[i : i + size] == wanted]
    if len(places) != 1:
        raise HunkError(f"{hunk.path} no longer has the lines changed at {hunk.new_start}")
    return places[0]
