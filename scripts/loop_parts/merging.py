"""The person's merges, and what must follow from each.

Green checks, merged pull requests, a cluster that stops.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.shop_history import Regression
from scripts.loop_parts.machine import Machine
from scripts.loop_parts.person import Clone, LoopError, Person, until

Evidence = dict[str, Any]
DEFAULT_BRANCH = "main"


@dataclass(frozen=True)
class Fix:
    """A validated pull request: the regression it mends, its attempt, its branch."""

    regression: Regression
    attempt: str
    branch: str


def merge_fixes(clone: Clone, fixes: list[Fix]) -> dict[str, str]:
    """Each fix into its pull request's branch, each pushed; the shas by branch."""
    pushed = {}
    for fix in fixes:
        clone.merge(fix.branch, into=fix.regression.branch)
        pushed[fix.regression.branch] = clone.push(fix.regression.branch)
    return pushed


def merge_branches(clone: Clone, fixes: list[Fix]) -> str:
    """All mended branches into the default branch, one push; its sha."""
    clone.merge(fixes[0].regression.branch, into=DEFAULT_BRANCH)
    for fix in fixes[1:]:
        clone.merge_more(fix.regression.branch)
    return clone.push(DEFAULT_BRANCH)


def branch_green(person: Person, branch: str, sha: str, scenario: str) -> Evidence:
    """The push made Guard check the branch: the scenario's trace of that commit passed."""

    def ready() -> dict[str, Any] | None:
        found = person.get(f"/v1/traces?scenario={scenario}&limit=100")["traces"]
        mine = [one for one in found if one["sha"] == sha and one["branch"] == branch]
        mine = [one for one in mine if one["source"] in ("pr", "manual")]
        return mine[0] if mine and mine[0]["status"] in ("passed", "failed", "error") else None

    trace = until(f"the check of {branch} at {sha[:7]}", ready)
    if trace["status"] != "passed":
        raise LoopError(f"{branch} is {trace['status']}: trace {trace['short_id']}")
    return {"branch": branch, "sha": sha, "trace": trace["id"], "check": trace["check_id"]}


def attempt_merged(person: Person, attempt: str, merge: str) -> Evidence:
    """The attempt says merged."""

    def ready() -> dict[str, Any] | None:
        row: dict[str, Any] = person.get(f"/v1/mender/attempts/{attempt}")
        return row if row["state"] == "merged" else None

    row = until("the attempt to say merged", ready)
    return {"attempt": attempt, "state": row["state"], "outcome": row["outcome"], "sha": merge}


def clone_of(machine: Machine) -> Clone:
    """A fresh clone beside the repository."""
    return Clone(machine.repository, Path(machine.var) / "clone")
