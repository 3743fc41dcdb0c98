"""The stages of the loop for one regression, up to the validated pull request.

Each gives its evidence or raises.
"""

from typing import Any

from examples.shop_history import Regression
from scripts.loop_parts.machine import SLUG, Machine
from scripts.loop_parts.person import LoopError, Person, until

Evidence = dict[str, Any]
#: A flake passes about every second time: so often a check is made until one fails.
TRIES = 10


def failing_check(machine: Machine, person: Person, regression: Regression) -> Evidence:
    """Guard checks the pull request until it fails.

    The trace is there, linked, pinned and signed.
    """
    for number in range(1, TRIES + 1):
        said = machine.manage(
            "guard_check",
            *("--project", SLUG, "--pr", str(regression.number)),
            *("--scenario", regression.scenario, "--wait"),
        )
        check = said.split()[1]
        traces = _traces(person, regression, check)
        if traces and traces[0]["status"] == "failed":
            return _failure(person, check, traces[0], number)
        if regression.classification != "flake":
            break
    raise LoopError(f"the check of {regression.branch} did not fail: {said}")


def _traces(person: Person, regression: Regression, check: str) -> list[dict[str, Any]]:
    found = person.get(f"/v1/traces?scenario={regression.scenario}&limit=50")
    return [one for one in found["traces"] if one.get("check_id") == check]


def _failure(person: Person, check: str, row: dict[str, Any], tries: int) -> Evidence:
    def ready() -> dict[str, Any] | None:
        trace: dict[str, Any] = person.get(f"/v1/traces/{row['id']}")
        return trace if trace.get("pinned") and trace.get("signature") else None

    trace = until("the trace to be linked, pinned and signed", ready)
    summary = person.get(f"/v1/traces/{row['id']}/summary.json")
    return {
        "check": check,
        "trace": trace["id"],
        "short_id": trace["short_id"],
        "failing_step": trace["failing_step"],
        "signature": summary["signature"]["slug"],
        "checks_made": tries,
    }


def classified(person: Person, regression: Regression, trace: str) -> Evidence:
    """Mender has looked: a suggested attempt with class, confidence and a line with seqs."""

    def ready() -> dict[str, Any] | None:
        found = person.get("/v1/mender/attempts")["attempts"]
        mine = [one for one in found if one["trace"]["id"] == trace]
        return mine[0] if mine and mine[0]["analysis_line"] else None

    attempt = until("Mender's analysis", ready)
    if attempt["classification"] != regression.classification:
        line = attempt["analysis_line"]
        raise LoopError(f"classified {attempt['classification']}: {line}")
    return {
        "attempt": attempt["id"],
        "classification": attempt["classification"],
        "confidence": attempt["confidence"],
        "line": attempt["analysis_line"],
        "reruns": [one["status"] for one in attempt["stages"][0]["result"]["reruns"]],
    }


def replayed(person: Person, regression: Regression, trace: str) -> Evidence:
    """The engineer runs the failing step again with the edit, and it succeeds."""
    body = {"from_step": regression.from_step, "edits": regression.fix}
    replay = person.post(f"/v1/traces/{trace}/replays", body, key=f"loop-{regression.name}")

    def ready() -> dict[str, Any] | None:
        found: dict[str, Any] = person.get(f"/v1/replays/{replay['id']}")
        return found if found["ended"] else None

    done = until("the replay", ready)
    if done["status"] != "succeeded":
        raise LoopError(f"the replay is {done['status']}: {done['message']}")
    return {
        "replay": done["id"],
        "mode": done["mode"],
        "child": done["runs"][0]["trace"]["id"],
        "changed": (done.get("diff") or {}).get("sentence", ""),
    }


def promoted(person: Person, trace: str, replay: str) -> Evidence:
    """One click: the attempt leaves the suggestion."""
    done = person.post(f"/v1/traces/{trace}/promote-fix", {"replay_id": replay})
    return {"attempt": done["attempt"]["id"], "state": done["attempt"]["state"]}


def proven(person: Person, attempt: str) -> Evidence:
    """Mender's regression test was red without and green with the fix."""
    row = _attempt_until(
        person, attempt, "red and green runs", lambda one: bool(one["green_trace"])
    )
    test = _stage(row, "test")
    return {
        "red": row["red_trace"]["id"],
        "red_step": test["red"]["failing_step"],
        "green": row["green_trace"]["id"],
        "added": [one["line"] for one in test["additions"]],
        "inverted": (test["inverted"] or {}).get("line", ""),
        "weakened": test["weakened"],
    }


def pull_request(person: Person, attempt: str, regression: Regression) -> Evidence:
    """A draft pull request against the pull request's own branch."""
    row = _attempt_until(person, attempt, "the pull request", lambda one: bool(one["pr_number"]))
    if row["target_branch"] != regression.branch:
        raise LoopError(f"it targets {row['target_branch']}")
    return {
        "number": row["pr_number"],
        "branch": row["branch"],
        "base": row["target_branch"],
        "head": row["head_sha"],
        "draft": True,
    }


def revalidated(person: Person, attempt: str) -> Evidence:
    """Guard has checked the pull request's branch, and the new trace is linked."""
    row = _attempt_until(
        person,
        attempt,
        "the re-validation",
        lambda one: one["state"] == "validated" and bool(one["revalidation_trace"]),
    )
    stage = _stage(row, "revalidate")
    return {
        "check": stage["check"],
        "trace": row["revalidation_trace"]["id"],
        "status": row["revalidation_trace"]["status"],
    }


def no_pull_request(person: Person, attempt: str) -> Evidence:
    """The right end of a flake: no pull request, and nobody can promote one."""
    row = person.get(f"/v1/mender/attempts/{attempt}")
    trace = row["trace"]["id"]
    body: dict[str, Any] = {"edits": {"scenario_diff": None, "source_diffs": []}}
    headers = {"X-CSRFToken": person.http.cookies["csrftoken"], "Referer": person.url}
    answer = person.http.post(f"/v1/traces/{trace}/promote-fix", json=body, headers=headers)
    if answer.status_code != 409 or row["pr_number"] is not None:
        raise LoopError(f"promoting a flake answered {answer.status_code}")
    shut = [gate["name"] for gate in answer.json()["gates"]]
    return {"attempt": attempt, "state": row["state"], "promote": 409, "gates": shut}


def _stage(row: dict[str, Any], name: str) -> dict[str, Any]:
    result: dict[str, Any] = next(one["result"] for one in row["stages"] if one["name"] == name)
    return result


def _attempt_until(person: Person, attempt: str, what: str, good: Any) -> dict[str, Any]:
    def ready() -> dict[str, Any] | None:
        row: dict[str, Any] = person.get(f"/v1/mender/attempts/{attempt}")
        if row["state"] in ("failed", "unproven", "needs_edit", "canceled", "dismissed"):
            raise LoopError(f"the attempt is {row['state']}: {row['note']}")
        return row if good(row) else None

    return until(what, ready)
