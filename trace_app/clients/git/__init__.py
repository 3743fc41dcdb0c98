"""The git command line as a typed client.

It reads and creates objects and new branches; it has no way to combine or move branches, which
stays a person's act.
"""

from trace_app.clients.git.errors import (
    ApplyError,
    BranchExistsError,
    GitError,
    GitLimitError,
    MissingObjectError,
)
from trace_app.clients.git.repository import GitRepository
from trace_app.clients.git.values import ChangedFile, Commit, GrepHit, Person, TreeEntry

__all__ = [
    "ApplyError",
    "BranchExistsError",
    "ChangedFile",
    "Commit",
    "GitError",
    "GitLimitError",
    "GitRepository",
    "GrepHit",
    "MissingObjectError",
    "Person",
    "TreeEntry",
]
