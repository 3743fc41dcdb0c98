"""The seeded regressions: what each branch changes, how it fails, and the edit that mends it."""

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "regressions"
FILE_START = re.compile(r"(?m)^(?=diff --git )")
TARGET = re.compile(r"(?m)^\+\+\+ b/(.+)$")


@dataclass(frozen=True, slots=True)
class FileChange:
    """A unified diff of one file."""

    path: str
    diff: str


@dataclass(frozen=True, slots=True)
class BranchCommit:
    """One commit of a pull-request branch."""

    message: str
    date: datetime
    changes: tuple[FileChange, ...]


@dataclass(frozen=True, slots=True)
class PullRequestRow:
    """What a forge shows of a pull request."""

    number: int
    title: str
    head: str
    base: str
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class Regression:
    """A branch that breaks one scenario, and everything a test may expect of it.

    ``fix`` and ``wrong`` are edits as JSON (``scenario_diff``, ``source_diffs``) against the
    branch: the first mends it, the second applies and does not. A flake has no fix.
    """

    name: str
    number: int
    branch: str
    title: str
    author: str
    body: str
    scenario: str
    failing_step: int
    from_step: int
    classification: str
    commits: tuple[BranchCommit, ...]
    fix: dict[str, Any] | None = None
    wrong: dict[str, Any] | None = None
    signature: str | None = None

    @property
    def pull_request(self) -> PullRequestRow:
        """The row of this branch's pull request into main."""
        name = self.author.partition(" <")[0]
        return PullRequestRow(self.number, self.title, self.branch, "main", name, self.body)


def regressions() -> tuple[Regression, ...]:
    """All seeded regressions, by pull-request number."""
    found = [read(folder) for folder in FOLDER.iterdir() if (folder / "regression.toml").exists()]
    return tuple(sorted(found, key=lambda regression: regression.number))


def pull_requests() -> tuple[PullRequestRow, ...]:
    """The pull requests a fresh repository has."""
    return tuple(regression.pull_request for regression in regressions())


def read(folder: Path) -> Regression:
    """Read one regression from its folder."""
    told = tomllib.loads((folder / "regression.toml").read_text())
    commits = tuple(
        BranchCommit(
            commit["message"], commit["date"], split((folder / commit["diff"]).read_text())
        )
        for commit in told.pop("commits")
    )
    fix, wrong = (read_edits(folder / f"{kind}.json") for kind in ("fix", "wrong"))
    return Regression(name=folder.name, commits=commits, fix=fix, wrong=wrong, **told)


def read_edits(path: Path) -> dict[str, Any] | None:
    """Edits from a file, None without one."""
    if not path.exists():
        return None
    edits: dict[str, Any] = json.loads(path.read_text())
    return edits


def split(diff: str) -> tuple[FileChange, ...]:
    """A diff of several files as one change per file."""
    parts = [part for part in FILE_START.split(diff) if part.strip()]
    return tuple(FileChange(_path(part), part) for part in parts)


def _path(part: str) -> str:
    found = TARGET.search(part)
    if found is None:
        raise ValueError(f"a diff without a target: {part[:80]!r}")
    return found[1]
