"""Reads, checks and makes unified diffs of one text file. Applying them is git's work, not ours."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_HUNK: Final = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@.*")
_GIT_HEAD: Final = re.compile(r"^diff --git ", re.MULTILINE)
_PLAIN_HEAD: Final = re.compile(r"^--- .*\n\+\+\+ .*\n@@ ", re.MULTILINE)
_NO_END: Final = "\\ No newline at end of file"
_REFUSED_HEADS: Final = {
    "old mode ": "changes the file's mode",
    "new mode ": "changes the file's mode",
    "rename ": "renames a file: delete it and add it",
    "copy ": "copies a file: add it",
    "similarity index ": "renames or copies a file",
    "dissimilarity index ": "renames or copies a file",
    "GIT binary patch": "is binary",
    "Binary files ": "is binary",
}


class DiffError(ValueError):
    """A text that is not a unified diff of one text file; the message names the line."""


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file's diff: its path, whether it is made or removed, and the lines that change."""

    path: str
    created: bool
    deleted: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]


def read_file_diff(text: str) -> FileDiff:
    """Reads a diff and checks its counts. Raises DiffError for anything but one text file."""
    return _Reader(text).read()


def split_diffs(text: str) -> list[tuple[str, str]]:
    """Cuts a diff of several files into (path, diff) pairs. Raises DiffError."""
    text = text.lstrip("\n")
    if not text.strip():
        return []
    heads = list(_GIT_HEAD.finditer(text)) or list(_PLAIN_HEAD.finditer(text))
    starts = [0, *(found.start() for found in heads if found.start() > 0)]
    pieces = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    return [(read_file_diff(piece).path, piece) for piece in pieces]


def make_diff(path: str, old: str | None, new: str | None) -> str:
    """The unified diff that turns `old` into `new` (None: the file is not there); "" when equal."""
    if old == new:
        return ""
    body = difflib.unified_diff(_lines(old or ""), _lines(new or ""), n=3)
    hunks = "".join(_ended(line) for line in list(body)[2:])
    mode = ""
    if old is None or new is None:
        mode = f"{'new' if old is None else 'deleted'} file mode 100644\n"
    head = f"diff --git {_name('a', path)} {_name('b', path)}\n{mode}"
    if not hunks:
        return head
    before = "/dev/null" if old is None else _name("a", path)
    after = "/dev/null" if new is None else _name("b", path)
    return f"{head}--- {_tabbed(before)}\n+++ {_tabbed(after)}\n{hunks}"


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n{_NO_END}\n"


def _name(side: str, path: str) -> str:
    """A path as git writes it: quoted when it holds a quote, backslash or control character."""
    name = f"{side}/{path}"
    if not re.search(r'["\\\x00-\x1f\x7f]', name):
        return name
    escaped = re.sub(r'["\\]', r"\\\g<0>", name)
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\{ord(m[0]):03o}", escaped) + '"'


def _tabbed(name: str) -> str:
    """Git ends a name that has spaces with a tab, so that it is not cut at the space."""
    return f"{name}\t" if " " in name and not name.startswith('"') else name


class _Reader:
    """A cursor over the diff's lines; each refusal names the line it stands at."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        if self._lines[-1] == "":
            self._lines.pop()
        self._at = 0
        self._added: list[str] = []
        self._removed: list[str] = []

    def read(self) -> FileDiff:
        old, new, made, gone = self._head()
        while self._at < len(self._lines):
            self._hunk()
        path = new if old is None else old
        if path is None or (old is not None and new is not None and old != new):
            raise self._error("names two different files")
        created, deleted = made or old is None, gone or new is None
        return FileDiff(path, created, deleted, tuple(self._added), tuple(self._removed))

    def _head(self) -> tuple[str | None, str | None, bool, bool]:
        """The paths of both sides (None for /dev/null) and whether the file is made or removed."""
        made = gone = False
        git_path: str | None = None
        for line in self._head_lines():
            if line.startswith("--- "):
                old = _path(line[4:], "a/")
                if not self._line().startswith("+++ "):
                    raise self._error("has “---” without “+++”")
                new = _path(self._take()[4:], "b/")
                return old, new, made, gone
            if line.startswith("diff --git "):
                git_path = _git_path(line)
            made = made or line.startswith("new file mode")
            gone = gone or line.startswith("deleted file mode")
        if git_path is None or not (made or gone):
            raise self._error("has no “--- a/path” and “+++ b/path” lines")
        return git_path, git_path, made, gone

    def _head_lines(self) -> Iterator[str]:
        while self._at < len(self._lines):
            line = self._line()
            for start, why in _REFUSED_HEADS.items():
                if line.startswith(start):
                    raise self._error(why)
            mode = re.fullmatch(r"(?:new|deleted) file mode (\d+)", line)
            if mode and mode[1] != "100644" and line.startswith("new"):
                raise self._error("makes a file that is not a plain one (mode 100644)")
            known = ("diff --git ", "index ", "--- ", "new file mode ", "deleted file mode ")
            if not line.startswith(known):
                raise self._error("is not a unified diff")
            self._at += 1
            yield line

    def _hunk(self) -> None:
        found = _HUNK.fullmatch(self._line())
        if found is None:
            second = self._line().startswith(("diff --git ", "--- "))
            raise self._error(
                "changes a second file" if second else "should have “@@ -a,b +c,d @@”"
            )
        self._at += 1
        old, new = int(found[2] or 1), int(found[4] or 1)
        while old > 0 or new > 0:
            if self._at >= len(self._lines):
                raise self._error("ends inside a hunk")
            line = self._take()
            old, new = self._count(line, old, new)
        if old < 0 or new < 0:
            raise self._error("has more lines in a hunk than its “@@” line says")
        if self._at < len(self._lines) and self._line().startswith("\\"):
            self._at += 1

    def _count(self, line: str, old: int, new: int) -> tuple[int, int]:
        sign, rest = line[:1], line[1:]
        if sign == "+":
            self._added.append(rest)
            return old, new - 1
        if sign == "-":
            self._removed.append(rest)
            return old - 1, new
        if sign in (" ", ""):
            return old - 1, new - 1
        if sign == "\\":
            return old, new
        self._at -= 1
        raise self._error("has a hunk line that begins with none of “ ”, “+”, “-”")

    def _line(self) -> str:
        return self._lines[self._at] if self._at < len(self._lines) else ""

    def _take(self) -> str:
        self._at += 1
        return self._lines[self._at - 1] if self._at <= len(self._lines) else ""

    def _error(self, why: str) -> DiffError:
        return DiffError(f"the diff {why} (line {min(self._at + 1, len(self._lines) or 1)}).")


def _path(text: str, prefix: str) -> str | None:
    name = _unquoted(text.split("\t")[0].rstrip("\r"))
    if name == "/dev/null":
        return None
    return name.removeprefix(prefix)


def _git_path(line: str) -> str | None:
    found = re.fullmatch(r'diff --git ("?)a/(.+)\1 ("?)b/(.+)\3', line)
    if found is None or found[2] != found[4]:
        return None
    return _unquoted(f"{found[1]}{found[2]}{found[1]}")


def _unquoted(text: str) -> str:
    if not (len(text) >= 2 and text[0] == text[-1] == '"'):
        return text
    names = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}

    def one(found: re.Match[str]) -> str:
        return chr(int(found[1], 8)) if found[1] else names.get(found[2], found[2])

    return re.sub(r"\\(?:([0-7]{3})|(.))", one, text[1:-1])
