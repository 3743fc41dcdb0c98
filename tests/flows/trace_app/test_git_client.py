"""The git client against real repositories."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trace_app.clients.git import (
    ApplyError,
    BranchExistsError,
    GitLimitError,
    GitRepository,
    MissingObjectError,
    Person,
)
from trace_app.clients.git.process import run_git

ADA = Person("Ada", "ada@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class FileDiff:
    path: str
    diff: str


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create_bare(tmp_path / "shop.git")
    empty = run_git(repository.path, ["mktree"]).decode().strip()
    tree = repository.write_tree_with(
        empty, {"app.py": b"one\ntwo\nthree\n", "docs/a b.md": b"# Hi\n"}
    )
    first = repository.commit_tree(tree, [], "First\n\nWhy it is.", ADA, NOON)
    repository.create_branch("main", first)
    return repository


def _diff(path: str, old: str, new: str) -> FileDiff:
    return FileDiff(
        path, f"--- a/{path}\n+++ b/{path}\n@@ -1,3 +1,3 @@\n one\n-{old}\n+{new}\n three\n"
    )


def test_reads_files_trees_and_history(repository: GitRepository) -> None:
    sha = repository.resolve("main")
    assert repository.read_file(sha, "docs/a b.md") == b"# Hi\n"
    assert [entry.path for entry in repository.list_files(sha)] == ["app.py", "docs/a b.md"]
    assert [entry.path for entry in repository.list_files(sha, "docs")] == ["docs/a b.md"]
    assert repository.grep(sha, "two")[0].line == 2
    assert repository.grep(sha, "absent") == ()
    (commit,) = repository.log("main")
    assert (commit.subject, commit.body, commit.author, commit.date) == (
        "First",
        "Why it is.",
        ADA,
        NOON,
    )
    blobs = repository.read_blobs([entry.sha for entry in repository.list_files(sha)])
    assert sorted(blobs.values()) == [b"# Hi\n", b"one\ntwo\nthree\n"]


def test_missing_things_are_named(repository: GitRepository) -> None:
    with pytest.raises(MissingObjectError, match=r"no file gone\.py"):
        repository.read_file(repository.resolve("main"), "gone.py")
    with pytest.raises(MissingObjectError):
        repository.resolve("no-such-branch")
    assert repository.blob_sha("main", "gone.py") is None


@pytest.mark.parametrize(
    "revision", ["--upload-pack=x", "-h", "main..x", "a b", "main^", "HEAD@{1}", ""]
)
def test_a_revision_is_never_an_option(repository: GitRepository, revision: str) -> None:
    with pytest.raises(MissingObjectError):
        repository.resolve(revision)
    with pytest.raises(MissingObjectError):
        repository.read_file(revision, "app.py")


def test_edits_are_applied_in_memory(repository: GitRepository) -> None:
    sha = repository.resolve("main")
    tree = repository.apply_diffs(sha, [_diff("app.py", "two", "TWO")])
    assert repository.read_file(tree, "app.py") == b"one\nTWO\nthree\n"
    assert [change.path for change in repository.changed_files(sha, tree)] == ["app.py"]
    assert "+TWO" in repository.diff(sha, tree, "app.py")


@pytest.mark.parametrize(
    ("declared", "diff"),
    [
        ("app.py", "--- a/app.py\n+++ b/app.py\n@@ -1,3 +1,3 @@\n one\n-nine\n+9\n three\n"),
        ("docs/a b.md", "--- a/app.py\n+++ b/app.py\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"),
        ("../x", "--- a/../x\n+++ b/../x\n@@ -0,0 +1 @@\n+boo\n"),
        ("b.py", "diff --git a/app.py b/b.py\nrename from app.py\nrename to b.py\n"),
        ("app.py", "nonsense"),
        ("app.py", ""),
    ],
)
def test_a_bad_diff_is_refused_by_path(repository: GitRepository, declared: str, diff: str) -> None:
    with pytest.raises(ApplyError) as caught:
        repository.apply_diffs("main", [FileDiff(declared, diff)])
    assert caught.value.path == declared
    assert caught.value.reason


def test_scratch_objects_stay_out_of_the_repository(
    repository: GitRepository, tmp_path: Path
) -> None:
    before = sorted(str(path) for path in repository.path.rglob("*"))
    scratch = GitRepository(repository.path, scratch=tmp_path / "scratch")
    tree = scratch.write_tree_with("main", {"new.py": b"print()\n", "app.py": None})
    assert [entry.path for entry in scratch.list_files(tree)] == ["docs/a b.md", "new.py"]
    assert sorted(str(path) for path in repository.path.rglob("*")) == before


def test_the_same_commit_has_the_same_sha_and_branches_are_only_created(
    repository: GitRepository,
) -> None:
    base = repository.resolve("main")
    tree = repository.write_tree_with(base, {"app.py": b"changed\n"})
    first, second = (repository.commit_tree(tree, [base], "Change", ADA, NOON) for _ in range(2))
    assert first == second
    repository.create_branch("mender/one", first)
    repository.create_branch("mender/one", first)
    with pytest.raises(BranchExistsError):
        repository.create_branch("mender/one", base)
    assert repository.branches() == {"main": base, "mender/one": first}
    assert repository.merge_base("main", "mender/one") == base
    assert repository.is_ancestor(base, first)
    assert [commit.sha for commit in repository.log(f"{base}..{first}")] == [first]


def test_push_creates_and_never_moves(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.resolve("main")
    mirror = GitRepository.mirror(str(repository.path), tmp_path / "mirror.git")
    tree = mirror.write_tree_with(base, {"app.py": b"changed\n"})
    commit = mirror.commit_tree(tree, [base], "Change", ADA, NOON)
    mirror.push_new_branch(str(repository.path), "mender/two", commit)
    mirror.push_new_branch(str(repository.path), "mender/two", commit)
    with pytest.raises(BranchExistsError):
        mirror.push_new_branch(str(repository.path), "mender/two", base)
    assert repository.resolve("mender/two") == commit


def test_hooks_and_the_callers_environment_have_no_say(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "ran"
    hook = repository.path / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {marker}")
    repository.create_branch("other", repository.resolve("main"))
    tree = repository.write_tree_with("main", {"app.py": b"x\n"})
    assert repository.diff("main", tree)
    assert not marker.exists()


def test_time_and_output_are_bounded(repository: GitRepository) -> None:
    with pytest.raises(GitLimitError, match="more than 4 bytes"):
        repository.read_file("main", "app.py", max_bytes=4)
    with pytest.raises(GitLimitError, match="longer than"):
        run_git(repository.path, ["-c", "alias.wait=!sleep 30", "wait"], timeout=0.2)


def test_a_checkout_is_accepted_by_its_folder(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path / "work")], check=True)
    assert GitRepository(tmp_path / "work").branches() == {}
