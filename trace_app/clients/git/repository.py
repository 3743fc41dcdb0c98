"""One git repository.

Reading revisions, editing trees in memory, creating commits and new branches. No checkout is
touched, nothing here moves or deletes a reference.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from trace_app.clients.git import values
from trace_app.clients.git.errors import (
    ApplyError,
    BranchExistsError,
    GitError,
    MissingObjectError,
)
from trace_app.clients.git.process import run_git
from trace_app.clients.git.values import ChangedFile, Commit, GrepHit, PathDiff, Person, TreeEntry

ZERO_SHA = "0" * 40
_BAD_REVISION = re.compile(r"^-|[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{")


class GitRepository:
    """A repository by its git directory (bare, or the `.git` of a checkout).

    With `scratch`, new objects are written to that directory and not to the repository: edits that
    only need to be run leave no trace in the owner's repository.
    """

    def __init__(self, path: Path, *, scratch: Path | None = None) -> None:
        self.path = path / ".git" if (path / ".git").is_dir() else path
        self._environment: dict[str, str] = {}
        if scratch is not None:
            scratch.mkdir(parents=True, exist_ok=True)
            self._environment = {
                "GIT_OBJECT_DIRECTORY": str(scratch),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.path / "objects"),
            }

    @classmethod
    def create_bare(cls, path: Path, *, default_branch: str = "main") -> Self:
        """Make an empty bare repository at `path`."""
        run_git(
            None, ["init", "-q", "--bare", f"--initial-branch={default_branch}", "--", str(path)]
        )
        return cls(path)

    @classmethod
    def mirror(cls, source: str, path: Path, environment: Mapping[str, str] | None = None) -> Self:
        """Make or refresh a mirror of `source` (URL or directory) at `path`."""
        if not (path / "HEAD").exists():
            cls.create_bare(path)
        fetch = ("fetch", "-q", "--prune", "--no-tags", "--")
        cls(path)._git(*fetch, source, "+refs/heads/*:refs/heads/*", environment=environment)
        return cls(path)

    def resolve(self, ref: str) -> str:
        """The commit sha a branch, tag or (short) sha stands for.

        MissingObjectError when it is unknown.
        """
        self._check_revision(ref)
        for name in (f"refs/heads/{ref}", ref):
            try:
                out = self._git(
                    "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
                )
                return out.decode("ascii").split()[-1]
            except GitError:
                continue
        raise MissingObjectError(f"no such revision: {ref}")

    def branches(self) -> dict[str, str]:
        """Branch name → commit sha, by name."""
        out = self._git("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/")
        pairs = (line.split(" ", 1) for line in out.decode("utf-8").splitlines())
        return {name.removeprefix("refs/heads/"): sha for sha, name in pairs}

    def read_file(self, sha: str, path: str, *, max_bytes: int = 16 * 1024 * 1024) -> bytes:
        """Content of a file at a commit or tree. MissingObjectError when it is not a file there."""
        self._check_revision(sha)
        try:
            return self._git("cat-file", "blob", f"{sha}:{path}", max_bytes=max_bytes)
        except GitError as error:
            if error.returncode is None:
                raise
            raise MissingObjectError(f"no file {path} at {sha[:12]}") from error

    def read_blobs(self, shas: Sequence[str]) -> dict[str, bytes]:
        """Contents of many blobs in one process: {sha: bytes}."""
        out = self._git("cat-file", "--batch", stdin="".join(f"{sha}\n" for sha in shas).encode())
        blobs: dict[str, bytes] = {}
        position = 0
        for sha in shas:
            end = out.index(b"\n", position)
            head = out[position:end].split()
            if len(head) != 3:
                raise MissingObjectError(f"no blob {sha}")
            size = int(head[2])
            blobs[sha] = out[end + 1 : end + 1 + size]
            position = end + 1 + size + 1
        return blobs

    def list_files(self, sha: str, prefix: str = "") -> tuple[TreeEntry, ...]:
        """Every file of a commit or tree by path, or only those below the folder `prefix`."""
        self._check_revision(sha)
        scope = ["--", prefix.rstrip("/") + "/"] if prefix else []
        return values.parse_tree(self._git("ls-tree", "-r", "-z", "-l", "--full-tree", sha, *scope))

    def blob_sha(self, sha: str, path: str) -> str | None:
        """Blob sha of a file at a commit or tree, None when it is not there."""
        self._check_revision(sha)
        found = values.parse_tree(self._git("ls-tree", "-z", "-l", "--full-tree", sha, "--", path))
        return found[0].sha if found else None

    def diff(self, a: str, b: str, path: str | None = None, *, context: int = 3) -> str:
        """Unified diff between two commits or trees, as text; "" when equal."""
        self._check_revision(a, b)
        scope = ["--", path] if path else []
        options = [
            "-r",
            "-p",
            f"-U{context}",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
        ]
        return self._git("diff-tree", *options, a, b, *scope).decode("utf-8", "replace")

    def changed_files(self, a: str, b: str, path: str | None = None) -> tuple[ChangedFile, ...]:
        """Paths that differ between two commits or trees.

        A rename is a deletion and an addition.
        """
        self._check_revision(a, b)
        scope = ["--", path] if path else []
        return values.parse_changes(
            self._git("diff-tree", "-r", "-z", "--no-renames", a, b, *scope)
        )

    def log(
        self, revisions: str, path: str | None = None, *, limit: int = 100
    ) -> tuple[Commit, ...]:
        """Commits of `b` or of `a..b`, newest first, optionally only those touching `path`."""
        self._check_revision(*revisions.split("..", 1))
        scope = ["--", path] if path else ["--"]
        options = [
            "-z",
            f"--format={values.LOG_FORMAT}",
            f"--max-count={limit}",
            "--no-show-signature",
        ]
        return values.parse_log(self._git("log", *options, revisions, *scope))

    def merge_base(self, a: str, b: str) -> str | None:
        """Best common ancestor of two commits, None when they share none."""
        self._check_revision(a, b)
        return self._git("merge-base", a, b, accept=(0, 1)).decode("ascii").strip() or None

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """True when `ancestor` is `descendant` or reachable from it."""
        return self.merge_base(ancestor, descendant) == self.resolve(ancestor)

    def grep(self, sha: str, text: str, *, limit: int = 200) -> tuple[GrepHit, ...]:
        """Lines of text files at a commit that contain `text` literally."""
        self._check_revision(sha)
        out = self._git(
            "grep", "-n", "-z", "-I", "-F", "--no-color", "-e", text, sha, "--", accept=(0, 1)
        )
        return values.parse_grep(out)[:limit]

    def write_tree_with(self, sha: str, files: Mapping[str, bytes | None]) -> str:
        """Tree sha of `sha` with files replaced, added or (None) removed."""
        with self._index(sha) as index:
            lines = [self._index_line(sha, path, content) for path, content in files.items()]
            self._git(
                "update-index", "-z", "--index-info", stdin=b"".join(lines), environment=index
            )
            return self._git("write-tree", environment=index).decode("ascii").strip()

    def apply_diffs(self, sha: str, diffs: Iterable[PathDiff]) -> str:
        """Tree sha of `sha` with unified diffs applied in memory.

        ApplyError names the declared path when a diff does not apply or changes any other path.
        """
        with self._index(sha) as index:
            tree = self._git("write-tree", environment=index).decode("ascii").strip()
            for item in diffs:
                tree = self._apply_one(item, tree, index)
            return tree

    def commit_tree(
        self, tree: str, parents: Sequence[str], message: str, author: Person, date: datetime
    ) -> str:
        """Make a commit.

        The same arguments give the same sha: author and committer share name and date.
        """
        self._check_revision(tree, *parents)
        stamp = f"{int(date.timestamp())} {date.strftime('%z') or '+0000'}"
        identity = {
            f"GIT_{role}_{field}": value
            for role in ("AUTHOR", "COMMITTER")
            for field, value in (("NAME", author.name), ("EMAIL", author.email), ("DATE", stamp))
        }
        options = [option for parent in parents for option in ("-p", parent)]
        body = message.encode("utf-8")
        out = self._git("commit-tree", tree, *options, "-F-", stdin=body, environment=identity)
        return out.decode("ascii").strip()

    def create_branch(self, name: str, sha: str) -> None:
        """Create a branch; already at `sha` is fine, elsewhere is a BranchExistsError."""
        self._check_branch(name)
        try:
            self._git("update-ref", "--end-of-options", f"refs/heads/{name}", sha, ZERO_SHA)
        except GitError as error:
            if self.branches().get(name) != sha:
                raise BranchExistsError(f"branch {name} exists") from error

    def push_new_branch(self, remote: str, name: str, sha: str) -> None:
        """Push `sha` as a branch that must not exist yet in `remote`.

        A repeated push changes nothing.
        """
        self._check_branch(name)
        reference = f"refs/heads/{name}"
        there = self._git("ls-remote", "--", remote, reference).decode("ascii").split()
        if there:
            if there[0] == sha:
                return
            raise BranchExistsError(f"branch {name} exists in {remote}")
        lease = f"--force-with-lease={reference}:"
        self._git("push", "-q", "--no-verify", lease, "--", remote, f"{sha}:{reference}")

    def _git(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        max_bytes: int = 64 * 1024 * 1024,
        accept: tuple[int, ...] = (0,),
    ) -> bytes:
        merged = {**self._environment, **(environment or {})}
        return run_git(
            self.path,
            arguments,
            stdin=stdin,
            environment=merged,
            max_bytes=max_bytes,
            accept=accept,
        )

    @contextmanager
    def _index(self, sha: str) -> Iterator[dict[str, str]]:
        self._check_revision(sha)
        with tempfile.TemporaryDirectory(prefix="trace-index-") as directory:
            environment = {"GIT_INDEX_FILE": str(Path(directory) / "index")}
            self._git("read-tree", sha, environment=environment)
            yield environment

    def _index_line(self, sha: str, path: str, content: bytes | None) -> bytes:
        name = path.encode("utf-8", "surrogateescape")
        if content is None:
            return b"0 %s\t%s\0" % (ZERO_SHA.encode(), name)
        blob = self._git("hash-object", "-w", "-t", "blob", "--stdin", stdin=content).strip()
        there = values.parse_tree(self._git("ls-tree", "-z", "-l", "--full-tree", sha, "--", path))
        mode = there[0].mode if there else "100644"
        return b"%s %s\t%s\0" % (mode.encode(), blob, name)

    def _apply_one(self, item: PathDiff, before: str, index: Mapping[str, str]) -> str:
        body = item.diff.encode("utf-8", "surrogateescape")
        body = body if body.endswith(b"\n") else body + b"\n"
        try:
            self._git(
                "apply", "--cached", "--whitespace=nowarn", "-", stdin=body, environment=index
            )
        except GitError as error:
            raise ApplyError(item.path, error.message.removeprefix("git apply: ")) from error
        after = self._git("write-tree", environment=index).decode("ascii").strip()
        changed = sorted(change.path for change in self.changed_files(before, after))
        if changed != [item.path]:
            raise ApplyError(item.path, f"the diff changes {', '.join(changed) or 'nothing'}")
        return after

    def _check_branch(self, name: str) -> None:
        self._git("check-ref-format", "--branch", name)

    @staticmethod
    def _check_revision(*revisions: str) -> None:
        for revision in revisions:
            if not revision or _BAD_REVISION.search(revision):
                raise MissingObjectError(f"not a revision: {revision!r}")
