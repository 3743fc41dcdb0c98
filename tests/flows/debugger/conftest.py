"""Runs of the small application, shared by the tests of the runner."""

from pathlib import Path
from typing import Any

import pytest

from debugger.runner import director
from debugger.runner.contract import RunLabels, RunRequest, RunResult
from tests.flows.debugger.toy import Toy
from tests.flows.debugger.toy_runs import Run


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return Toy(tmp_path_factory.mktemp("toy"))


@pytest.fixture
def run(toy: Toy, tmp_path: Path) -> Run:
    def start(**changes: Any) -> RunResult:
        fields = {
            "repository": toy.path,
            "sha": toy.sha,
            "scenario": "sign",
            "out_dir": tmp_path / "out",
            **changes,
        }
        return director.run(RunRequest(**fields))

    return start


@pytest.fixture(scope="session")
def green(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """One full green run that other tests replay from."""
    folder = tmp_path_factory.mktemp("green")
    request = RunRequest(
        repository=toy.path,
        sha=toy.sha,
        scenario="01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80",
        out_dir=folder,
        labels=RunLabels(branch="main", pr=7, source="pr", check_id="c1"),
    )
    return director.run(request)
