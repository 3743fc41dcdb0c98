"""Edits are judged on the tree that git makes of them; nothing of it stays in the repository."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from debugger.clients.result_tree import RefusedError, ResultTree, judge
from debugger.domain.edits import Edits, SourceDiff
from debugger.domain.unified_diff import make_diff
from trace_app.clients.git import GitRepository, MissingObjectError, Person

SCENARIO = ".molar/scenarios/checkout.molar.md"
SCENARIO_TEXT = """---
spec_version: "1.0"
id: 01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80
slug: checkout
---
# Checkout
## Steps
1. navigate `/`
2. click button "Pay now"
"""
MOLAR = '[app]\nsetup = "true"\nstart = "python app.py"\n'
FILES = {SCENARIO: SCENARIO_TEXT, ".molar/molar.toml": MOLAR, "app.py": "print(1)\n"}
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class Source:
    def __init__(self, path: Path) -> None:
        self.bare = GitRepository.create_bare(path / "shop.git")
        files = {name: text.encode() for name, text in FILES.items()}
        tree = self.bare.write_tree_with(EMPTY_TREE, files)
        person, date = Person("a", "a@example.com"), datetime(2026, 1, 1, tzinfo=UTC)
        self.sha = self.bare.commit_tree(tree, [], "start", person, date)
        self.scratch = GitRepository(self.bare.path, scratch=path / "scratch")

    def judge(self, *changes: tuple[str, str], acknowledged: bool = False) -> ResultTree:
        diffs = {path: make_diff(path, FILES.get(path), text) for path, text in changes}
        scenario = diffs.pop(SCENARIO, None)
        edits = Edits(scenario, tuple(SourceDiff(path, diff) for path, diff in diffs.items()))
        return judge(self.scratch, self.sha, edits, SCENARIO, acknowledged_setup=acknowledged)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def test_good_edits_give_the_tree_and_what_will_be_played(source: Source) -> None:
    result = source.judge(
        ("app.py", "print(2)\n"), (SCENARIO, SCENARIO_TEXT.replace("Pay now", "Pay today"))
    )
    assert result.changed == (SCENARIO, "app.py")
    assert result.scenario.steps[1].text == 'click button "Pay today"'
    assert result.before.steps[1].text == 'click button "Pay now"'
    assert source.scratch.read_file(result.tree, "app.py") == b"print(2)\n"
    with pytest.raises(MissingObjectError):
        source.bare.read_file(result.tree, "app.py")


def test_no_edit_is_judged_too(source: Source) -> None:
    assert source.judge().changed == ()


def test_an_edit_that_does_not_apply_is_refused(source: Source) -> None:
    diff = make_diff("app.py", "print(7)\n", "print(8)\n")
    edits = Edits(source_diffs=(SourceDiff("app.py", diff),))
    with pytest.raises(RefusedError, match=r"app\.py: does not apply"):
        judge(source.scratch, source.sha, edits, SCENARIO)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ((".github/workflows/x.yml", "on: push\n"), "CI"),
        (("../out.txt", "x\n"), "inside the repository"),
        ((SCENARIO, SCENARIO_TEXT.replace("click", "clik")), "line 9, column 4"),
        ((".molar/molar.toml", MOLAR.replace("start", "strat")), "line 3"),
        ((".molar/molar.toml", MOLAR.replace("app.py", "x.py")), "acknowledgement"),
    ],
)
def test_what_may_not_run_is_refused_with_the_reason(
    source: Source, change: tuple[str, str], word: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        source.judge(change)
    assert word in caught.value.reasons[0]


def test_changed_commands_run_when_acknowledged(source: Source) -> None:
    change = (".molar/molar.toml", MOLAR.replace("app.py", "x.py"))
    assert source.judge(change, acknowledged=True).molar.app.start == "python x.py"
