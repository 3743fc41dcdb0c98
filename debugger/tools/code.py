"""The source at the commit of a trace, and what changed in it since the last green run."""

from functools import cached_property

from debugger.domain.hunks import Hunk, parse_hunks
from debugger.domain.wording import folded
from trace_app.clients.git import Commit, GitError, GitRepository, GrepHit
from trace_app.clients.repositories import open_repository, why_unreadable
from trace_app.models import Trace

_MAX_FILES = 40
_MAX_BYTES = 512 * 1024
_MAX_COMMITS = 50


class CodeUnavailable(Exception):
    """The source cannot be read; the message says why. `git_said` may be empty."""

    def __init__(self, message: str, git_said: str = "") -> None:
        super().__init__(message)
        self.git_said = git_said

    def told(self) -> str:
        """The message for a conversation, with git's own words folded away below it."""
        return f"{self}\n\n{folded(self.git_said)}" if self.git_said else str(self)


class Code:
    """One commit of the repository under test. Reads git, writes nothing."""

    def __init__(self, repository: GitRepository, sha: str, green_sha: str = "") -> None:
        self.repository = repository
        self.sha = sha
        self.green_sha = green_sha

    @classmethod
    def of(cls, trace: Trace, green: Trace | None) -> "Code":
        """Open the source of a trace. Raises CodeUnavailable."""
        if not trace.code_sha:
            raise CodeUnavailable("This trace does not say which commit it ran.")
        try:
            repository = open_repository(trace.project.repo, sha=trace.code_sha)
            sha = repository.resolve(trace.code_sha)
        except GitError as error:
            reason, git_said = why_unreadable(error, trace.code_sha)
            message = f"The source at {trace.code_sha[:7]} cannot be read. {reason}"
            raise CodeUnavailable(message, git_said) from error
        return cls(repository, sha, green.code_sha if green else "")

    def read(self, path: str) -> str:
        """A file's text. Raises CodeUnavailable when there is none at this commit."""
        try:
            return self.repository.read_file(self.sha, path).decode("utf-8", "replace")
        except GitError as error:
            raise CodeUnavailable(f"There is no file {path} at {self.sha[:7]}.") from error

    def search(self, text: str, limit: int = 50) -> tuple[GrepHit, ...]:
        """Lines that hold the text literally."""
        return self.repository.grep(self.sha, text, limit=limit) if text else ()

    def files_with(self, texts: tuple[str, ...]) -> dict[str, str]:
        """{path: text} of the files that hold one of the texts, at most 40 of 512 KiB."""
        paths: dict[str, None] = {}
        for text in texts:
            paths.update({hit.path: None for hit in self.search(text, limit=400)})
        sizes = {entry.path: entry.size or 0 for entry in self.repository.list_files(self.sha)}
        small = [path for path in paths if sizes.get(path, 0) <= _MAX_BYTES]
        return {path: self.read(path) for path in small[:_MAX_FILES]}

    @cached_property
    def base(self) -> str | None:
        """The commit that this one and the last green run have in common."""
        if not self.green_sha:
            return None
        try:
            return self.repository.merge_base(self.green_sha, self.sha)
        except GitError:
            return None

    @cached_property
    def hunks(self) -> list[Hunk]:
        """What changed since green; empty when green ran the same commit or is unknown."""
        if self.base is None or self.base == self.sha:
            return []
        return parse_hunks(self.repository.diff(self.base, self.sha))

    @cached_property
    def commits(self) -> tuple[Commit, ...]:
        """The commits since green, newest first."""
        if self.base is None:
            return ()
        return self.repository.log(f"{self.base}..{self.sha}", limit=_MAX_COMMITS)

    def commit_of(self, hunk: Hunk) -> Commit | None:
        """The newest commit since green that made this change."""
        if self.base is None:
            return None
        for commit in self.repository.log(f"{self.base}..{self.sha}", hunk.path, limit=20):
            if commit.parents and self._made(commit, hunk):
                return commit
        return None

    def _made(self, commit: Commit, hunk: Hunk) -> bool:
        made = parse_hunks(self.repository.diff(commit.parents[0], commit.sha, hunk.path))
        added = {line for item in made for line in item.added}
        removed = {line for item in made for line in item.removed}
        return bool(added & set(hunk.added) or (not hunk.added and removed & set(hunk.removed)))
