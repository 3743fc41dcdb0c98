"""Opens a project's repository: a directory as it is, a URL through a mirror of our own."""

import hashlib
from pathlib import Path

from django.conf import settings

from trace_app.clients.git import GitError, GitRepository, MissingObjectError


def open_repository(repo: str, *, sha: str = "") -> GitRepository:
    """The repository at `repo` (`Project.repo`: a directory or a URL that git can read).

    A URL is mirrored under VAR_DIR/mirrors; the mirror is fetched when it is new or lacks `sha`.
    Raises GitError when git cannot reach or read it, or when the project names none.
    """
    if not repo:
        # Path("") would be the directory this process runs in.
        raise GitError("This project names no repository.")
    directory = Path(repo.removeprefix("file://"))
    if directory.is_dir():
        return GitRepository(directory)
    path = Path(settings.VAR_DIR) / "mirrors" / hashlib.sha256(repo.encode()).hexdigest()[:32]
    if (path / "HEAD").exists() and sha and _holds(GitRepository(path), sha):
        return GitRepository(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return GitRepository.mirror(repo, path)


def _holds(repository: GitRepository, sha: str) -> bool:
    try:
        return bool(repository.resolve(sha))
    except MissingObjectError:
        return False
