"""Reads every piece of loop evidence again, from git, the database and the record.

Not from who reported it.

`make loop` runs `python scripts/loop_verify.py REPORT REPOSITORY` while its machine is still up.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

Row = dict[str, Any]


class Facts:
    """A database connection of its own and the bare repository."""

    def __init__(self, database: str, repository: Path) -> None:
        self.db = psycopg.connect(database, autocommit=True)
        self.repository = repository

    def one(self, query: str, *values: object) -> tuple[Any, ...]:
        """The first row; an empty tuple when there is none."""
        return self.db.execute(query, values).fetchone() or ()

    def git(self, *arguments: str) -> str:
        """What git says; empty when it refuses."""
        command = ["git", f"--git-dir={self.repository}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    def trace(self, trace: str) -> tuple[Any, ...]:
        """Status, source, sha, branch, failing step of a trace."""
        return self.one(
            "SELECT status, source, code_sha, branch, failing_step, pinned IS NOT NULL, check_id"
            " FROM trace_app_trace WHERE id = %s",
            trace,
        )


def verify(rows: list[Row], facts: Facts) -> None:
    """Mark each row that does not hold: `ok` false and the reason in its evidence."""
    context: dict[str, Row] = {}
    for row in rows:
        if not row["ok"]:
            continue
        known = context.setdefault(row["regression"], {})
        known[row["stage"]] = row["evidence"]
        reason = CHECKS[row["stage"]](facts, row["evidence"], known)
        row["verified"] = not reason
        if reason:
            row["ok"], row["evidence"]["refuted"] = False, reason
            print(f"REFUTED {row['regression']} {row['stage']}: {reason}", flush=True)


def _green(facts: Facts, evidence: Row, known: Row) -> str:
    bad = [one for one in evidence["traces"] if facts.trace(one)[:1] != ("passed",)]
    return f"not passed: {bad}" if bad else ""


def _check_fails(facts: Facts, evidence: Row, known: Row) -> str:
    status, source, _, _, step, pinned, check = facts.trace(evidence["trace"])
    slug = facts.one(
        "SELECT s.slug FROM trace_app_signature s JOIN trace_app_trace t ON t.signature_id = s.id"
        " WHERE t.id = %s",
        evidence["trace"],
    )
    found = (status, source, step, pinned, check, *slug)
    wanted = (
        *("failed", "pr", evidence["failing_step"], True, evidence["check"]),
        evidence["signature"],
    )
    guard = facts.one("SELECT status FROM guard_check WHERE id = %s", evidence["check"])
    if guard != ("failed",):
        return f"Guard says {guard}"
    return "" if found == wanted else f"the database has {found}"


def _classified(facts: Facts, evidence: Row, known: Row) -> str:
    found = facts.one(
        "SELECT classification, evidence, analysis_line FROM mender_handoff_menderattempt"
        " WHERE id = %s",
        evidence["attempt"],
    )
    if found[:1] != (evidence["classification"],):
        return f"the database has {found[:1]}"
    seqs = [seq for one in found[1] for seq in one["seqs"]]
    last = facts.one(
        "SELECT last_seq FROM trace_app_trace WHERE id = %s", known["check fails"]["trace"]
    )
    if any(not 1 <= seq <= last[0] for seq in seqs):
        return "a cited seq is not in the trace"
    if evidence["classification"] == "flake":
        both = {*evidence["reruns"], "failed"}
        return "" if {"passed", "failed"} <= both else f"verdicts {both}"
    return "" if seqs else "no seq is cited"


def _no_pr(facts: Facts, evidence: Row, known: Row) -> str:
    found = facts.one(
        "SELECT pr_number, state FROM mender_handoff_menderattempt WHERE id = %s",
        evidence["attempt"],
    )
    return "" if found == (None, "suggested") else f"the database has {found}"


def _replayed(facts: Facts, evidence: Row, known: Row) -> str:
    status = facts.one("SELECT status FROM debugger_replay WHERE id = %s", evidence["replay"])
    child = facts.trace(evidence["child"])
    fine = status == ("succeeded",) and child[:2] == ("passed", "replay")
    return "" if fine else f"the database has {status} {child[:2]}"


def _promoted(facts: Facts, evidence: Row, known: Row) -> str:
    found = facts.one(
        "SELECT u.username FROM mender_handoff_menderattempt a"
        " JOIN auth_user u ON u.id = a.promoted_by_id WHERE a.id = %s",
        evidence["attempt"],
    )
    return "" if found else "nobody promoted it"


def _proven(facts: Facts, evidence: Row, known: Row) -> str:
    red, green = facts.trace(evidence["red"]), facts.trace(evidence["green"])
    if (red[0], green[0], red[1], green[1]) != ("failed", "passed", "proof", "proof"):
        return f"red is {red[:2]}, green is {green[:2]}"
    step = known["check fails"]["failing_step"]
    return "" if red[4] == step else f"red failed at {red[4]}, not {step}"


def _pull_request(facts: Facts, evidence: Row, known: Row) -> str:
    found = facts.one(
        "SELECT draft, head, base, head_sha FROM forge_pull_request WHERE number = %s",
        evidence["number"],
    )
    if found[:3] != (True, evidence["branch"], evidence["base"]):
        return f"the forge has {found}"
    commit = facts.git("rev-parse", f"refs/heads/{evidence['branch']}")
    if commit != evidence["head"]:
        return f"git has {commit} on {evidence['branch']}"
    green = facts.trace(known["red, green"]["green"])
    return "" if green[2] == commit else f"the green run was at {green[2]}"


def _revalidated(facts: Facts, evidence: Row, known: Row) -> str:
    status, source, sha, *_ = facts.trace(evidence["trace"])
    head = known["draft PR"]["head"]
    if (status, source, sha) != ("passed", "revalidation", head):
        return f"the trace is {status} {source} at {sha}"
    guard = facts.one("SELECT status, sha FROM guard_check WHERE id = %s", evidence["check"])
    return "" if guard == ("passed", head) else f"Guard says {guard}"


def _merged(facts: Facts, evidence: Row, known: Row) -> str:
    head = known["draft PR"]["head"]
    if facts.git("merge-base", head, evidence["sha"]) != head:
        return "the fix is no part of what was pushed"
    parents = facts.git("rev-list", "--parents", "-n", "1", evidence["sha"]).split()
    author = facts.git("log", "-1", "--format=%an", evidence["sha"])
    if len(parents) != 3 or author == "Mender":
        return f"{evidence['sha'][:7]} is no merge by a person"
    number = known["draft PR"]["number"]
    state = facts.one("SELECT state FROM forge_pull_request WHERE number = %s", number)
    return "" if state == ("merged",) else f"the forge says {state}"


def _branch_green(facts: Facts, evidence: Row, known: Row) -> str:
    status, _, sha, branch, *_ = facts.trace(evidence["trace"])
    there = facts.git("rev-parse", f"refs/heads/{branch}")
    fine = status == "passed" and sha == evidence["sha"] == there
    return "" if fine else f"the trace is {status} at {sha}, {branch} is at {there}"


def _main_green(facts: Facts, evidence: Row, known: Row) -> str:
    if reason := _branch_green(facts, evidence, known):
        return reason
    later = facts.one(
        "SELECT s.fixed_at IS NOT NULL, count(t.id) FILTER (WHERE t.created > s.fixed_at"
        " AND t.source NOT IN ('replay', 'flake_check', 'proof'))"
        " FROM trace_app_signature s JOIN trace_app_trace t ON t.signature_id = s.id"
        " WHERE s.id = (SELECT signature_id FROM trace_app_trace WHERE id = %s) GROUP BY s.id",
        known["check fails"]["trace"],
    )
    return "" if later == (True, 0) else f"the cluster: fixed, failures since = {later}"


CHECKS: dict[str, Callable[[Facts, Row, Row], str]] = {
    "green": _green,
    "check fails": _check_fails,
    "classified": _classified,
    "no PR": _no_pr,
    "replayed": _replayed,
    "promoted": _promoted,
    "red, green": _proven,
    "draft PR": _pull_request,
    "re-validated": _revalidated,
    "PR merged": _merged,
    "branch green": _branch_green,
    "main green": _main_green,
}


def main(report: Path, repository: Path) -> int:
    """Verify the report in place; DATABASE_URL names the database.

    Status 1 if something is refuted.
    """
    rows: list[Row] = json.loads(report.read_text())
    verify(rows, Facts(os.environ["DATABASE_URL"], repository))
    report.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
