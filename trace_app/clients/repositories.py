"""Opens a project's repository: a directory as it is, a URL through a mirror of our own."""

import hashlib
from pathlib import Path

from django.conf import settings

from trace_app.clients.addresses import ForbiddenAddressError, UnknownHostError, check_host
from trace_app.clients.git import GitError, GitLimitError, GitRepository, MissingObjectError
from trace_app.domain.repository_address import (
    RepositoryAddress,
    RepositoryAddressError,
    repository_address,
)


def open_repository(repo: str, *, sha: str = "") -> GitRepository:
    """The repository at `repo` (`Project.repo`: a directory or a URL that git can read).

    A URL is mirrored under VAR_DIR/mirrors; the mirror is fetched when it is new or lacks `sha`.
    Raises GitError when git cannot or may not reach or read it, or when the project names none.
    """
    if not repo:
        # Path("") would be the directory this process runs in.
        raise GitError("This project names no repository.")
    found = _at_hand(repo, sha)
    if found is not None:
        return found
    configuration = _configuration(repo)
    path = _mirror_of(repo)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return GitRepository.mirror(repo, path, configuration)


def read_at_hand(repo: str, sha: str, path: str) -> str:
    """A file's text at a commit; empty where there is none, or git would have to fetch it first."""
    if not (repo and sha and path):
        return ""
    try:
        found = _at_hand(repo, sha)
        content = found.read_file(sha, path) if found else b""
    except (GitError, OSError, ValueError):
        return ""
    return content.decode("utf-8", "replace")


def why_unreadable(error: GitError, sha: str) -> tuple[str, str]:
    """Why the source at a commit cannot be read: a sentence for people, and what git said.

    The second is empty where git said nothing.
    """
    if isinstance(error, MissingObjectError):
        reason = f"The repository has no commit {sha[:12]}: it was not pushed, or was rewritten."
        return reason, error.message
    if isinstance(error, GitLimitError):
        return "The repository did not answer in time.", error.message
    if error.returncode is None:
        return error.message, ""
    reason = "Git could not read the repository: see its address in the project's settings."
    return reason, error.message


def check_repository(repo: str) -> None:
    """Whether a project may name this URL.

    Raises RepositoryAddressError or ForbiddenAddressError. A host that nobody knows now is asked
    about again before each fetch.
    """
    address = repository_address(repo)
    try:
        _host_to_call(address)
    except UnknownHostError:
        return


def _at_hand(repo: str, sha: str) -> GitRepository | None:
    """The directory, or a mirror that has the commit already."""
    directory = Path(repo.removeprefix("file://"))
    if directory.is_dir():
        return GitRepository(directory)
    mirror = GitRepository(path) if ((path := _mirror_of(repo)) / "HEAD").exists() else None
    return mirror if mirror is not None and sha and _holds(mirror, sha) else None


def _mirror_of(repo: str) -> Path:
    return Path(settings.VAR_DIR) / "mirrors" / hashlib.sha256(repo.encode()).hexdigest()[:32]


def _host_to_call(address: RepositoryAddress) -> str:
    allowed = settings.OUTBOUND_ALLOWED_HOSTS
    if address.scheme == "http" and address.host not in allowed:
        raise ForbiddenAddressError(f"{address.host} must be called over https")
    return check_host(address.host, allowed_hosts=allowed)


def _configuration(repo: str) -> dict[str, str]:
    """What git is told for one fetch, as environment variables. Raises GitError."""
    try:
        address = repository_address(repo)
        called = _host_to_call(address)
    except RepositoryAddressError as error:
        raise GitError(f"The repository's address cannot be used. {error}") from error
    except ForbiddenAddressError as error:
        raise GitError(f"The repository cannot be fetched: {error}.") from error
    said = {
        "protocol.allow": "never",
        f"protocol.{address.scheme}.allow": "always",
        # Another host would not have been checked.
        "http.followRedirects": "false",
    }
    if called != address.host:
        # The very address that was checked: asked again, a name could answer another.
        literal = f"[{called}]" if ":" in called else called
        said["http.curloptResolve"] = f"{address.host}:{address.port}:{literal}"
    variables = {"GIT_CONFIG_COUNT": str(len(said))}
    for number, (key, value) in enumerate(said.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def _holds(repository: GitRepository, sha: str) -> bool:
    try:
        return bool(repository.resolve(sha))
    except MissingObjectError:
        return False
