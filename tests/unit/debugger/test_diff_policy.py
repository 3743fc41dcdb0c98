"""The policy on edits: each thing DESIGN forbids is refused with a sentence, the rest passes."""

import pytest

from debugger.domain.diff_policy import TreeChange, check_edits, check_tree, path_reason
from debugger.domain.edits import Edits, SourceDiff
from debugger.domain.unified_diff import make_diff

SCENARIO = ".molar/scenarios/checkout.molar.md"


def edits(path: str, diff: str | None = None) -> Edits:
    return Edits(source_diffs=(SourceDiff(path, diff or make_diff(path, "a\n", "b\n")),))


@pytest.mark.parametrize(
    "path",
    [
        "../etc/passwd",
        "/etc/passwd",
        "a/../../b",
        "a//b",
        "./a",
        "~/x",
        "a\\b",
        ".git/config",
        "sub/.git/hooks/pre-commit",
        ".GIT/config",
        ".git./config",
        "git~1/config",
        ".g\u200cit/config",
        "a:stream",
        ".github/workflows/ci.yml",
        ".GitHub/workflows/ci.yml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "Jenkinsfile",
        ".ci/run",
        ".husky/pre-commit",
        ".pre-commit-config.yaml",
        ".gitmodules",
        ".gitattributes",
        "x" * 401,
    ],
)
def test_forbidden_paths_are_refused(path: str) -> None:
    assert path_reason(path)
    assert check_edits(edits(path), SCENARIO)


@pytest.mark.parametrize("path", ["app.py", ".molar/molar.toml", "a b/é.html", "src/hooks/use.ts"])
def test_ordinary_paths_pass(path: str) -> None:
    assert path_reason(path) is None
    assert check_edits(edits(path), SCENARIO) == ()


@pytest.mark.parametrize("added", ["x\u202ey", "x\u2066y", "bell\x07", "nul\0", "\x1b[31m"])
def test_control_and_bidirectional_characters_are_refused(added: str) -> None:
    refusals = check_edits(edits("a.py", make_diff("a.py", "", f"{added}\n")), SCENARIO)
    assert "character" in refusals[0].reason


@pytest.mark.parametrize(
    ("head", "word"),
    [
        ("old mode 100644\nnew mode 100755\n", "mode"),
        ("new file mode 120000\n", "plain"),
        ("new file mode 160000\n", "plain"),
        ("new file mode 100755\n", "plain"),
        ("similarity index 90%\nrename from a.py\nrename to b.py\n", "renames"),
        ("GIT binary patch\nliteral 5\n", "binary"),
        ("Binary files a/a.py and b/a.py differ\n", "binary"),
    ],
)
def test_diffs_of_anything_but_text_are_refused(head: str, word: str) -> None:
    diff = f"diff --git a/a.py b/a.py\n{head}"
    assert word in check_edits(edits("a.py", diff), SCENARIO)[0].reason


def test_the_scenario_has_its_own_place() -> None:
    assert "scenario_diff" in check_edits(edits(SCENARIO), SCENARIO)[0].reason


def change(path: str = "a.py", **kwargs: object) -> TreeChange:
    values: dict[str, object] = {
        "old_mode": "100644",
        "new_mode": "100644",
        "old": b"a\n",
        "new": b"b\n",
        **kwargs,
    }
    return TreeChange(path, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("result", "word"),
    [
        (change("b.py"), "no edit declares"),
        (change(new_mode="100755"), "mode"),
        (change(new_mode="120000"), "symbolic"),
        (change(old_mode="120000", new_mode="120000"), "symbolic"),
        (change(new_mode="160000", new=None), "submodule"),
        (change(old_mode="000000", old=None, new_mode="100755"), "executable"),
        (change(new=b"a\0b"), "binary"),
        (change(new="x\u202e".encode()), "bidirectional"),
        (change(new=b"x" * (1 << 20) + b"y"), "1 MiB"),
    ],
)
def test_the_result_tree_is_judged(result: TreeChange, word: str) -> None:
    refusals = check_tree([result], ["a.py"])
    assert any(word in refusal.reason for refusal in refusals)


def test_plain_changes_of_the_tree_pass() -> None:
    made = change(old_mode="000000", old=None)
    gone = change(new_mode="000000", new=None)
    kept = change(old="x\u202e".encode(), new="y\u202e".encode())
    assert check_tree([change()], ["a.py"]) == ()
    for result in (made, gone, kept):
        assert check_tree([result], ["a.py"]) == ()
