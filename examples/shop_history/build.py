"""Writes the repository: main by one fast-import, then a branch per regression."""

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from trace_app.clients.git import GitRepository, Person
from trace_app.clients.git.process import run_git

from .main_branch import snapshots
from .regressions import Regression, regressions


def build(path: Path) -> None:
    """Make the bare repository at ``path``, with all branches; one that is there is left alone.

    The same files give the same commit ids. It appears whole or not at all.
    """
    if (path / "HEAD").exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        repository = GitRepository.create_bare(fresh)
        run_git(repository.path, ["fast-import", "--quiet"], stdin=_stream())
        for regression in regressions():
            create_pull_request_branch(fresh, regression)
        fresh.chmod(0o755)
        fresh.rename(path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def create_pull_request_branch(path: Path, regression: Regression, *, base: str = "main") -> str:
    """Create the regression's branch on top of ``base`` and give its head's sha.

    Raises ApplyError when a commit's diff does not apply there, BranchExistsError when the
    branch exists with other commits.
    """
    repository = GitRepository(path)
    head = repository.resolve(base)
    name, _, address = regression.author.rstrip(">").partition(" <")
    for commit in regression.commits:
        tree = repository.apply_diffs(head, commit.changes)
        author = Person(name, address)
        head = repository.commit_tree(tree, [head], commit.message, author, commit.date)
    repository.create_branch(regression.branch, head)
    return head


def _stream() -> bytes:
    parts: list[bytes] = []
    for number, (milestone, files) in enumerate(snapshots(), start=1):
        signed = f"{milestone.author} {_stamp(milestone.date)}"
        head = f"commit refs/heads/main\nmark :{number}\nauthor {signed}\ncommitter {signed}\n"
        parts += [head.encode(), _data(milestone.message.encode()), b"deleteall\n"]
        for name, body in sorted(files.items()):
            parts += [f"M 100644 inline {name}\n".encode(), _data(body)]
    return b"".join(parts)


def _data(body: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(body), body)


def _stamp(date: datetime) -> str:
    return f"{int(date.timestamp())} +0000"
