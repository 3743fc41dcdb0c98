"""What both integrations read of each CI service, held against one table; else they ask git."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
CASES: list[dict[str, Any]] = json.loads((ROOT / "tests/fixtures/ci.json").read_text())
PYTHON = "import json; from pytest_trace_capture import ci; print(json.dumps(ci.facts()))"
SCRIPT = "import { facts } from '%s/ci.js'; console.log(JSON.stringify(facts()));"
COMMANDS = {
    "python": [sys.executable, "-c", PYTHON],
    "javascript": [
        "node",
        "--input-type=module",
        "-e",
        SCRIPT % (ROOT / "integrations/playwright-reporter"),
    ],
}


def facts(command: str, folder: Path, **environment: str) -> dict[str, Any]:
    source = ROOT / "integrations/pytest-trace-capture/src"
    clean = {"PATH": os.environ["PATH"]}
    clean |= {"PYTHONPATH": str(source), "HOME": str(folder), **environment}
    said = subprocess.run(
        COMMANDS[command], cwd=folder, env=clean, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(said.stdout)
    return found


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_service_says_what_is_tested(case: dict[str, Any], command: str, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    if "event" in case:
        event.write_text(json.dumps(case["event"]))
    environment = case["environment"] | {"GITHUB_EVENT_PATH": str(event)}
    assert facts(command, tmp_path, **environment) == case["facts"]


@pytest.mark.parametrize("command", COMMANDS)
def test_elsewhere_git_is_asked(command: str, tmp_path: Path) -> None:
    nothing: dict[str, Any] = {
        "sha": "",
        "branch": "",
        "pr": None,
        "author": "",
        "repo": "",
        "ci": {},
    }
    assert facts(command, tmp_path) == nothing

    def git(*arguments: str) -> str:
        named = ["-c", "user.name=Noor", "-c", "user.email=noor@shop.test"]
        done = subprocess.run(
            ["git", *named, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    git("init", "--quiet", "--initial-branch=fix/prices")
    git("commit", "--quiet", "--allow-empty", "--message=x")
    here = nothing | {"sha": git("rev-parse", "HEAD"), "branch": "fix/prices", "author": "Noor"}
    assert facts(command, tmp_path) == here
    git("checkout", "--quiet", "--detach")
    assert facts(command, tmp_path) == here | {"branch": ""}
