"""What Mender needs of a place that holds pull requests.

There is no way to combine branches here, on purpose.
"""

import re
from dataclasses import dataclass
from typing import Protocol

_PULL_BRANCH = re.compile(r"^(?:pr|pull)/(\d{1,9})$")


@dataclass(frozen=True, slots=True)
class NewPullRequest:
    """A pull request to open. `marker` is hidden in the body and finds it again."""

    head: str
    base: str
    head_sha: str
    title: str
    body: str
    author: str
    marker: str


@dataclass(frozen=True, slots=True)
class OpenedPullRequest:
    """A pull request as the forge numbered it."""

    number: int
    url: str


class Forge(Protocol):
    """Pull requests from draft to comment."""

    def ensure_branch(self, name: str, sha: str) -> None:
        """Create the branch; there already at `sha` is fine."""

    def open_or_get_draft_pr(self, wanted: NewPullRequest) -> OpenedPullRequest:
        """Open a draft, or find the open one with this head."""

    def update_body(self, number: int, body: str) -> None:
        """Replace the text of a pull request."""

    def upsert_check(self, number: int, name: str, status: str, summary: str, url: str) -> None:
        """Show a check's result at the pull request, replacing the older one of this name."""

    def comment(self, number: int, text: str) -> None:
        """Say something below a pull request."""

    def close(self, number: int, reason: str) -> None:
        """Close without taking the change."""


def number_of_branch(branch: str) -> int | None:
    """The number a branch name like `pr/17` stands for."""
    found = _PULL_BRANCH.match(branch)
    return int(found.group(1)) if found else None


def mender_branch(signature_slug: str, attempt_id: str) -> str:
    """`mender/<signature>-<eight characters of the attempt>`: readable and the same each time."""
    slug = re.sub(r"[^a-z0-9-]+", "-", signature_slug.lower()).strip("-")[:60] or "fix"
    return f"mender/{slug}-{attempt_id.replace('-', '')[-8:]}"
