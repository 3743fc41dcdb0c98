"""Diffs that we make are applied by git to exactly the text that was meant."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from debugger.domain.edits import SourceDiff
from debugger.domain.unified_diff import make_diff
from trace_app.clients.git import GitRepository, MissingObjectError, Person

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
lines = st.lists(st.sampled_from(["a", "b", "", "-- x", "+++ y", "é", "b\r"]), max_size=12)
texts = st.builds(lambda body, end: "\n".join(body) + end, lines, st.sampled_from(["", "\n"]))


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    return GitRepository.create_bare(tmp_path / "r.git")


def tree_of(repository: GitRepository, path: str, text: str | None) -> str:
    tree = repository.write_tree_with(EMPTY_TREE, {"other.txt": b"kept\n"})
    files = {} if text is None else {path: text.encode()}
    tree = repository.write_tree_with(tree, files) if files else tree
    return repository.commit_tree(
        tree, [], "state", Person("a", "a@example.com"), datetime(2026, 1, 1, tzinfo=UTC)
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    path=st.sampled_from(["a.py", "a b/é.txt", 'dir/q"uote.txt']),
    old=texts | st.none(),
    new=texts | st.none(),
)
def test_git_applies_what_we_make(
    repository: GitRepository, path: str, old: str | None, new: str | None
) -> None:
    diff = make_diff(path, old, new)
    if not diff:
        return
    tree = repository.apply_diffs(tree_of(repository, path, old), [SourceDiff(path, diff)])
    try:
        found: str | None = repository.read_file(tree, path).decode()
    except MissingObjectError:
        found = None
    assert found == new
