"""`make loop`.

The whole loop for every seeded regression, on a database and repository made for it.

Prints a table and writes var/loop.json. Every piece of evidence is read again by loop_verify.py.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "var" / "loop.json"
sys.path.insert(0, str(ROOT))

from examples.shop_history import Regression, regressions  # noqa: E402  # after the path is set
from scripts.loop_parts import merging, stages  # noqa: E402
from scripts.loop_parts.machine import SLUG, Machine, machine  # noqa: E402
from scripts.loop_parts.merging import Fix  # noqa: E402
from scripts.loop_parts.person import LoopError, Person  # noqa: E402

Evidence = dict[str, Any]


@dataclass
class Results:
    """The rows of the table, in the order in which their stages ended."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def stage(self, regression: str, name: str, work: Callable[[], Evidence]) -> Evidence:
        """Do one stage, time it, and keep its evidence; LoopError goes on to the caller."""
        begin = time.monotonic()
        ok, evidence = False, {}
        try:
            evidence = work()
            ok = True
        except LoopError as error:
            evidence = {"error": str(error)}
            raise
        finally:
            row = {
                "regression": regression,
                "stage": name,
                "ok": ok,
                "evidence": evidence,
                "seconds": round(time.monotonic() - begin, 1),
            }
            with self.lock:
                self.rows.append(row)
                print(_line(row), flush=True)
        return evidence


def main() -> int:
    """Exit status 0 only if every stage of every regression held."""
    begin = time.monotonic()
    results = Results()
    # Ends like Ctrl-C, so that everything that was started is stopped and removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with machine() as place:
        _say(f"Trace is at {place.url}, its repository at {place.repository}")
        person = Person(place.url, "olivia", place.passwords["olivia"])
        _check_main(place, person, results)
        opened = _repair_all(place, person, results)
        _merge_all(place, person, results, opened)
        rows = _verified(place, results)
    return _summary(rows, time.monotonic() - begin)


def _verified(place: Machine, results: Results) -> list[dict[str, Any]]:
    """The rows as another program found them, which reads git and the database for itself."""
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(results.rows, indent=2) + "\n")
    command = [sys.executable, "scripts/loop_verify.py", str(REPORT), str(place.repository)]
    subprocess.run(command, cwd=ROOT, env=os.environ | place.environment, check=False)
    rows: list[dict[str, Any]] = json.loads(REPORT.read_text())
    return rows


def _check_main(place: Machine, person: Person, results: Results) -> None:
    """The default branch is green: there is a last green run to compare with."""

    def work() -> Evidence:
        said = place.manage("guard_check", "--project", SLUG, "--branch", "main", "--wait")
        found = person.get("/v1/traces?limit=50")["traces"]
        check = said.split()[1]
        mine = {one["scenario"]: one for one in found if one["check_id"] == check}
        if not mine or any(one["status"] != "passed" for one in mine.values()):
            raise LoopError(f"main is not green: {said}")
        return {"check": check, "traces": [one["id"] for one in mine.values()]}

    results.stage("main", "green", work)


def _repair_all(place: Machine, person: Person, results: Results) -> list[Fix]:
    """Every regression from the failing check to the validated pull request, three at a time."""
    opened: list[Fix] = []

    def one(regression: Regression) -> None:
        try:
            found = _repair(place, person, results, regression)
        except LoopError:
            return
        if found is not None:
            opened.append(found)

    # The pull request with the highest number first: its fix gets the number after it.
    ordered = sorted(regressions(), key=lambda regression: -regression.number)
    with ThreadPoolExecutor(max_workers=3) as pool:
        list(pool.map(one, ordered))
    return sorted(opened, key=lambda fix: fix.regression.number)


def _repair(place: Machine, person: Person, results: Results, regression: Regression) -> Fix | None:
    name = regression.name

    def stage(title: str, work: Callable[[], Evidence]) -> Evidence:
        return results.stage(name, title, work)

    failed = stage("check fails", lambda: stages.failing_check(place, person, regression))
    trace = failed["trace"]
    known = stage("classified", lambda: stages.classified(person, regression, trace))
    if regression.fix is None:
        stage("no PR", lambda: stages.no_pull_request(person, known["attempt"]))
        return None
    replay = stage("replayed", lambda: stages.replayed(person, regression, trace))["replay"]
    attempt = stage("promoted", lambda: stages.promoted(person, trace, replay))["attempt"]
    stage("red, green", lambda: stages.proven(person, attempt))
    opened = stage("draft PR", lambda: stages.pull_request(person, attempt, regression))
    stage("re-validated", lambda: stages.revalidated(person, attempt))
    return Fix(regression, attempt, opened["branch"])


def _merge_all(place: Machine, person: Person, results: Results, fixes: list[Fix]) -> None:
    """The person's last acts, and what follows from them."""
    if not fixes:
        return
    clone = merging.clone_of(place)
    pushed = merging.merge_fixes(clone, fixes)
    for fix in fixes:
        branch = fix.regression.branch
        sha = pushed[branch]
        _quietly(results, fix.regression, "PR merged", _merged(person, fix.attempt, sha))
        green = _green(person, branch, sha, fix.regression)
        _quietly(results, fix.regression, "branch green", green)
    sha = merging.merge_branches(clone, fixes)
    for fix in fixes:
        green = _green(person, "main", sha, fix.regression)
        _quietly(results, fix.regression, "main green", green)


def _merged(person: Person, attempt: str, sha: str) -> Callable[[], Evidence]:
    return lambda: merging.attempt_merged(person, attempt, sha)


def _green(person: Person, branch: str, sha: str, regression: Regression) -> Callable[[], Evidence]:
    return lambda: merging.branch_green(person, branch, sha, regression.scenario)


def _quietly(
    results: Results, regression: Regression, name: str, work: Callable[[], Evidence]
) -> None:
    """A stage whose failure must not keep the others from being seen."""
    try:
        results.stage(regression.name, name, work)
    except LoopError:
        return


def _line(row: dict[str, Any]) -> str:
    mark = "ok  " if row["ok"] else "FAIL"
    told = ", ".join(f"{key} {_short(value)}" for key, value in row["evidence"].items() if value)
    return f"{mark} {row['seconds']:6.1f} s  {row['regression']:15} {row['stage']:13} {told}"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return text if len(text) <= 90 else text[:87] + "..."


def _say(text: str) -> None:
    print(text, flush=True)


def _summary(rows: list[dict[str, Any]], seconds: float) -> int:
    bad = [row for row in rows if not row.get("verified")]
    wanted = sum(10 if one.fix else 3 for one in regressions()) + 1
    held = len(rows) - len(bad)
    _say(f"{held} of {wanted} stages held and were verified, in {seconds:.0f} s: var/loop.json")
    return 0 if not bad and held == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
