"""Reads the source a trace was recorded from, before and after edits. Writes nothing that stays."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from debugger.domain.diff_policy import path_reason
from debugger.domain.edits import Edits
from trace_app.clients.git import GitLimitError, GitRepository, MissingObjectError
from trace_app.clients.repositories import open_repository
from trace_app.models import Trace

MAX_EDITABLE: Final = 200 * 1024
MAX_LISTED: Final = 2000


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of one commit. `scenario_path` is the trace's scenario in it."""

    repository: GitRepository
    sha: str
    scenario_path: str

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Open the source of a trace. Raises GitError when it cannot be read."""
        repository = open_repository(trace.project.repo, sha=trace.code_sha)
        return cls(repository, repository.resolve(trace.code_sha), trace.scenario_path)

    def text(self, path: str) -> str | None:
        """The file's text; None when it is missing, not text, or too large to edit by hand."""
        return _text(self.repository, self.sha, path)

    def editable_paths(self) -> list[str]:
        """Paths a person may edit, in order; at most MAX_LISTED."""
        entries = self.repository.list_files(self.sha)
        paths = [
            entry.path
            for entry in entries
            if entry.mode in ("100644", "100755")
            and (entry.size or 0) <= MAX_EDITABLE
            and path_reason(entry.path) is None
        ]
        return paths[:MAX_LISTED]

    def texts_after(self, edits: Edits) -> dict[str, str | None]:
        """Path → text after the edits (None: removed or not text).

        Raises GitError when an edit does not apply.
        """
        diffs = edits.as_source_diffs(self.scenario_path)
        with tempfile.TemporaryDirectory(prefix="trace-edit-") as scratch:
            repository = GitRepository(self.repository.path, scratch=Path(scratch))
            tree = repository.apply_diffs(self.sha, diffs)
            return {item.path: _text(repository, tree, item.path) for item in diffs}


def _text(repository: GitRepository, tree: str, path: str) -> str | None:
    try:
        content = repository.read_file(tree, path, max_bytes=MAX_EDITABLE)
    except (MissingObjectError, GitLimitError):
        return None
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
