"""What a run says of itself, in fields that a recorder fills in freely: masked, and as columns."""

import re
from typing import Any, Final

from trace_app.actions.rows import clean
from trace_app.domain.bundle import RunInfo
from trace_app.domain.open_run import OpenRun
from trace_app.domain.redaction import Redactor

# Words and numbers that the contract checks; a time is read or dropped, never kept as a text.
_CHECKED: Final = frozenset(
    {"schema", "status", "source", "pr", "duration_ms", "failing_step", "started_at"}
)
_STEP_STATUS: Final = frozenset({"passed", "failed", "skipped", "not_run", "unfinished"})
# The columns of a trace's row that hold a recorder's words, and how long they may be.
WIDTHS: Final = {
    "title": 300,
    "test_id": 500,
    "branch": 250,
    "author": 200,
    "code_sha": 64,
    "scenario_slug": 200,
    "scenario_id": 64,
    "scenario_path": 400,
    "check_id": 64,
}
_SHA: Final = re.compile(r"[0-9a-f]{7,64}")


def masked_words(run: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    """The fields of run.json, masked; known words, numbers and a commit's sha stay as they are."""
    masked = {
        name: value
        if name in _CHECKED or (name == "sha" and is_sha(value))
        else redactor.mask(value, name)
        for name, value in run.items()
    }
    for step, before in zip(masked.get("steps", ()), run.get("steps", ()), strict=True):
        if before["status"] in _STEP_STATUS:
            step["status"] = before["status"]
    return masked


def is_sha(text: str) -> bool:
    """Whether it names a commit: that is looked up in the repository, and digits in it no card."""
    return _SHA.fullmatch(text) is not None


def columns(run: RunInfo | OpenRun, title: str) -> dict[str, str]:
    """What the run says of itself under the names in `WIDTHS`, fit for these columns."""
    scenario, test = run.scenario, run.test
    said = {
        "title": title,
        "test_id": test.id if test else "",
        "branch": run.branch,
        "author": run.author,
        "code_sha": run.sha,
        "scenario_slug": scenario.slug if scenario else "",
        "scenario_id": scenario.id if scenario else "",
        "scenario_path": scenario.path if scenario else "",
        "check_id": run.check_id or "",
    }
    return {name: clean(said[name], width) for name, width in WIDTHS.items()}
