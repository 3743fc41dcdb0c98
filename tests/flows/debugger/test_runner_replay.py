"""Running again: edits in memory, restore, fast-forward, divergence, refusal, cancel."""

from pathlib import Path

import pytest

from debugger.domain.edits import Edits, SourceDiff
from debugger.runner.contract import RecordedStep, RunResult
from tests.flows.debugger.toy import APP, Toy, scenario
from tests.flows.debugger.toy_runs import GREETING, Run, of_kind, opened, recorded, statuses


def test_edits_run_in_memory_and_leave_no_object_behind(toy: Toy, run: Run) -> None:
    before = sorted(toy.path.rglob("*"))
    result = run(edits=Edits(source_diffs=(GREETING,)))
    assert (result.status, result.failing_step) == ("failed", 5)
    assert "Hello, Ada" in result.message
    assert result.ran_blobs["app.py"] != toy.repository.blob_sha(toy.sha, "app.py")
    assert sorted(toy.path.rglob("*")) == before


def test_restore_starts_at_the_step_with_the_state_before_it(green: RunResult, run: Run) -> None:
    result = run(
        from_step=4, mode="restore", capsule=opened(green).capsule(), recorded=recorded(green)
    )
    assert (result.status, result.mode, result.mode_reason) == ("passed", "restore", "")
    assert statuses(result) == ["skipped"] * 3 + ["passed"] * 2
    # Nothing was signed again, and the book still has its entry.
    assert not [e for e in of_kind(result, "app.log") if "signed" in e.data["text"]]
    assert of_kind(result, "storage.state")[-1].data["local"] == {"theme": "dark"}


def test_restore_of_a_half_typed_form_falls_back_to_fast_forward(
    green: RunResult, run: Run
) -> None:
    result = run(
        from_step=3, mode="restore", capsule=opened(green).capsule(), recorded=recorded(green)
    )
    assert (result.status, result.mode) == ("passed", "fast_forward")
    assert result.mode_reason == "the restored page does not read as it was recorded"
    assert statuses(result) == ["passed"] * 5


def test_restore_without_a_capsule_falls_back(green: RunResult, run: Run) -> None:
    result = run(from_step=4, mode="restore", recorded=recorded(green))
    assert (result.mode, result.mode_reason) == (
        "fast_forward",
        "no state was kept from before step 4",
    )


def test_fast_forward_reports_what_the_edit_changed_before(green: RunResult, run: Run) -> None:
    result = run(
        from_step=4,
        mode="fast_forward",
        capsule=opened(green).capsule(),
        recorded=recorded(green),
        edits=Edits(source_diffs=(GREETING,)),
    )
    assert (result.status, result.failing_step) == ("failed", 5)
    assert result.changed_before == tuple(
        f"step {no}: the page reads differently" for no in (1, 2, 3)
    )


def test_an_unedited_prefix_that_differs_has_diverged(green: RunResult, run: Run) -> None:
    said = [RecordedStep(no=1, status="passed"), RecordedStep(no=2, status="failed")]
    result = run(from_step=4, mode="fast_forward", recorded=tuple(said))
    assert (result.status, result.changed_before) == ("diverged", ("step 2: failed → passed",))
    assert result.bundle is not None


def test_a_prefix_step_that_cannot_be_performed_has_diverged(toy: Toy, run: Run) -> None:
    renamed = toy.change_files({"app.py": APP.replace(">Sign<", ">Write<")})
    result = run(sha=renamed, from_step=5, mode="fast_forward")
    assert (result.status, result.message) == ("diverged", "Step 3 cannot be performed any more.")


def test_cancel_stops_it_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    phases: list[str] = []
    steps = "1. navigate `/`\n2. wait 60 s\n"
    result = run(
        scenario_text=scenario(steps),
        on_progress=lambda phase, step: phases.append(f"{phase} {step or ''}".strip()),
        should_cancel=lambda: "step 2" in phases,
    )
    assert (result.status, result.bundle) == ("canceled", None)
    assert phases[:4] == ["preparing", "starting", "step 1", "step 2"]
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        (
            SourceDiff("app.py", "--- a/app.py\n+++ b/app.py\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n"),
            "apply",
        ),
        (
            SourceDiff(".github/w.yml", "--- /dev/null\n+++ b/.github/w.yml\n@@ -0,0 +1 @@\n+x\n"),
            ".github",
        ),
    ],
)
def test_edits_against_the_rules_are_refused(run: Run, edits: SourceDiff, reason: str) -> None:
    result = run(edits=Edits(source_diffs=(edits,)))
    assert (result.status, result.bundle) == ("refused", None)
    assert reason in result.message
