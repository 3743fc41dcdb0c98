"""The shop's repository: the same every time, every branch as told, every fix applies to its branch."""

from pathlib import Path

import pytest

from debugger.domain.edits import Edits
from debugger.domain.scenario import molar_toml, parse
from examples.shop_history import (
    Regression,
    build,
    create_pull_request_branch,
    pull_requests,
    random_regressions,
    regressions,
)
from trace_app.clients.git import GitRepository

SEEDED = regressions()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "shop.git"
    build(path)
    return path


def test_two_builds_are_the_same(shop: Path, tmp_path: Path) -> None:
    build(tmp_path / "again.git")
    assert GitRepository(tmp_path / "again.git").branches() == GitRepository(shop).branches()


def test_a_repository_that_is_there_is_left_alone(shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "shop.git"
    build(path)
    git = GitRepository(path)
    git.create_branch("feature", git.resolve("main"))
    build(path)
    assert "feature" in git.branches()


def test_main_ends_at_the_files_of_the_example(shop: Path) -> None:
    git = GitRepository(shop)
    head = git.resolve("main")
    source = Path(__file__).parents[3] / "examples" / "shop"
    names = {entry.path for entry in git.list_files(head)}
    kept = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    caches = {name for name in kept if "_cache" in name or "__pycache__" in name or "var/" in name}
    assert names == kept - caches
    for name in names:
        assert git.read_file(head, name) == (source / name).read_bytes()
    assert len(git.log(head)) == 5


def test_every_branch_holds_scenarios_that_parse(shop: Path) -> None:
    git = GitRepository(shop)
    for branch, sha in git.branches().items():
        paths = [entry.path for entry in git.list_files(sha) if entry.path.endswith(".molar.md")]
        slugs = {parse(git.read_file(sha, path).decode(), path=path).slug for path in paths}
        assert slugs == {"checkout-stripe", "search", "signup-by-mail", "refund"}, branch
        config = molar_toml.parse(git.read_file(sha, ".molar/molar.toml").decode())
        assert set(config.clones) == {"stripe", "email"}


def test_the_seeded_pull_requests() -> None:
    assert [row.number for row in pull_requests()] == [4517, 4518, 4519, 4520, 4521]
    classes = {row.number: row.classification for row in SEEDED}
    assert classes[4517] == "scenario_bug"
    assert classes[4520] == "flake"
    assert [row.name for row in SEEDED if row.fix is None] == ["stock-flake"]


@pytest.mark.parametrize("regression", [row for row in SEEDED if row.fix], ids=lambda row: row.name)
def test_the_known_fix_applies_to_its_branch(shop: Path, regression: Regression) -> None:
    apply_edits(shop, regression, regression.fix)


def test_new_regressions_differ_by_seed_and_can_be_mended(shop: Path) -> None:
    titles = set()
    for number, seed in ((4600, "one"), (4610, "two")):
        for regression in random_regressions(shop, first_number=number, seed=seed):
            create_pull_request_branch(shop, regression)
            apply_edits(shop, regression, regression.fix)
            apply_edits(shop, regression, regression.wrong)
            titles.add(regression.title)
    assert len(titles) == 4


def apply_edits(shop: Path, regression: Regression, told: object) -> None:
    edits = Edits.from_json(told)
    git = GitRepository(shop)
    path = f".molar/scenarios/{regression.scenario}.molar.md"
    diffs = edits.as_source_diffs(path)
    tree = git.apply_diffs(git.resolve(regression.branch), diffs)
    changed = {change.path for change in git.changed_files(regression.branch, tree)}
    assert changed == {diff.path for diff in diffs}
