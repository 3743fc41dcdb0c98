"""Typed replies of the git client. Plain values, no process is started here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """Name and address as they stand in a commit."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One leaf of a tree.

    `mode` is git's octal text (100644, 100755, 120000 link, 160000 submodule); `size` is None for a
    submodule.
    """

    mode: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One path that differs between two trees.

    `status` is A, D, M or T (type changed); a side that does not exist has mode `000000` and an
    all-zero sha.
    """

    status: str
    path: str
    old_mode: str
    new_mode: str
    old_sha: str
    new_sha: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. `date` is the author's, with its time zone."""

    sha: str
    parents: tuple[str, ...]
    author: Person
    date: datetime
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class GrepHit:
    """One matching line; `line` counts from 1."""

    path: str
    line: int
    text: str


class PathDiff(Protocol):
    """A unified diff that declares the one path it changes."""

    @property
    def path(self) -> str:
        """Path from the repository's root."""
        ...

    @property
    def diff(self) -> str:
        """Text of the unified diff."""
        ...


def parse_tree(output: bytes) -> tuple[TreeEntry, ...]:
    r"""Read `ls-tree -r -z -l`: `<mode> <type> <sha> <size>\t<path>` per NUL-ended record."""
    entries = []
    for record in output.split(b"\0"):
        if not record:
            continue
        head, _, path = record.partition(b"\t")
        mode, _kind, sha, size = head.decode("ascii").split()
        entries.append(TreeEntry(mode, sha, None if size == "-" else int(size), _text(path)))
    return tuple(entries)


def parse_changes(output: bytes) -> tuple[ChangedFile, ...]:
    """Read `diff-tree -r -z --no-renames`.

    `:<modes> <shas> <status>` and the path, NUL-ended in turn.
    """
    fields = output.split(b"\0")
    changes = []
    for head, path in zip(fields[0::2], fields[1::2], strict=False):
        old_mode, new_mode, old_sha, new_sha, status = head.decode("ascii").lstrip(":").split()
        changes.append(ChangedFile(status[0], _text(path), old_mode, new_mode, old_sha, new_sha))
    return tuple(changes)


LOG_FORMAT = "%H%x00%P%x00%an%x00%ae%x00%aI%x00%s%x00%b"
_LOG_FIELDS = 7


def parse_log(output: bytes) -> tuple[Commit, ...]:
    """Read `log -z --format=LOG_FORMAT`: seven NUL-ended fields per commit."""
    fields = [_text(field) for field in output.split(b"\0")]
    commits = []
    for start in range(0, len(fields) - _LOG_FIELDS + 1, _LOG_FIELDS):
        sha, parents, name, email, date, subject, body = fields[start : start + _LOG_FIELDS]
        commits.append(
            Commit(
                sha=sha.strip(),
                parents=tuple(parents.split()),
                author=Person(name, email),
                date=datetime.fromisoformat(date),
                subject=subject,
                body=body.rstrip("\n"),
            )
        )
    return tuple(commits)


def parse_grep(output: bytes) -> tuple[GrepHit, ...]:
    r"""Read `grep -n -z <sha>`: `<sha>:<path>\0<line>\0<text>` per line."""
    hits = []
    for record in output.split(b"\n"):
        parts = record.split(b"\0", 2)
        if len(parts) == 3:
            path = _text(parts[0]).partition(":")[2]
            hits.append(GrepHit(path, int(parts[1]), _text(parts[2])))
    return tuple(hits)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
