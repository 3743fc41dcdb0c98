"""What can go wrong when talking to git."""


class GitError(Exception):
    """git answered with a failure.

    `message` is the last line git wrote, fit to be shown to a person.
    """

    def __init__(self, message: str, *, returncode: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.returncode = returncode


class GitLimitError(GitError):
    """git took longer, or answered more bytes, than the caller allowed. The process was killed."""


class MissingObjectError(GitError):
    """The revision or the path in it does not exist in this repository."""


class BranchExistsError(GitError):
    """The branch is already there and points elsewhere.

    Branches are only ever created, never moved.
    """


class ApplyError(GitError):
    """A unified diff does not apply, or changes another path than the one it declares."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.reason = message
