"""The shop in the real runner: main is green, each seeded branch fails where it is told to."""

from pathlib import Path

import pytest

from debugger.runner.director import RunRequest, RunResult, run
from examples.shop_history import Regression, build, regressions
from trace_app.clients.git import GitRepository

SCENARIOS = ("checkout-stripe", "search", "signup-by-mail", "refund")
STEADY = [regression for regression in regressions() if regression.fix]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "shop.git"
    build(path)
    return path


def run_scenario(shop: Path, branch: str, scenario: str, out: Path) -> RunResult:
    sha = GitRepository(shop).resolve(branch)
    return run(RunRequest(repository=shop, sha=sha, scenario=scenario, out_dir=out))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_main_is_green(shop: Path, tmp_path: Path, scenario: str) -> None:
    result = run_scenario(shop, "main", scenario, tmp_path)
    assert (result.status, result.message) == ("passed", "")


@pytest.mark.parametrize("regression", STEADY, ids=lambda regression: regression.name)
def test_a_seeded_branch_fails_where_it_is_told_to(
    shop: Path, tmp_path: Path, regression: Regression
) -> None:
    result = run_scenario(shop, regression.branch, regression.scenario, tmp_path)
    assert (result.status, result.failing_step) == ("failed", regression.failing_step)
