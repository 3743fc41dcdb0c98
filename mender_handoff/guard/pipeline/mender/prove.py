"""Stage 3.

A regression test that is red without the fix and green with it, always run from step 1.
"""

from datetime import UTC
from typing import Any

from debugger.domain.scenario import Scenario, ScenarioError, parse, render
from mender_handoff.domain.attempt_states import State
from mender_handoff.guard.domain import proof, regression_test
from mender_handoff.guard.domain.pull_request import commit_message
from mender_handoff.guard.domain.stages import StopError
from mender_handoff.guard.pipeline.mender.context import Context, Tried, try_run
from trace_app.clients.git import MissingObjectError, Person

AUTHOR = Person("Mender", "mender@trace.invalid")


def inputs(context: Context) -> dict[str, Any]:
    """The patched tree, what the replay showed, and what the person accepted."""
    request = context.request
    return {
        "patch": context.results["patch"],
        "trace": request.trace.id,
        "diff": request.replay.diff if request.replay else None,
        "accept_weakened": request.accept_weakened,
    }


def run(context: Context) -> dict[str, Any]:
    """Red and green runs with their traces, and the commit that was green.

    StopError when unproven.
    """
    old, edited = _scenarios(context)
    lost = regression_test.weakened(old, edited)
    if lost and not context.request.accept_weakened:
        reason = "The edit weakens the test; accept that explicitly to go on: " + "; ".join(lost)
        raise StopError(State.UNPROVEN, reason, {"weakened": lost})
    edits = context.edits
    if edits.source_diffs:
        return _prove_source(context, old, edited) | {"weakened": lost}
    return _prove_scenario(context, old, edited) | {"weakened": lost}


def _scenarios(context: Context) -> tuple[Scenario, Scenario]:
    patch, path = context.results["patch"], context.scenario_path
    try:
        texts = [
            context.git.read_file(sha, path).decode("utf-8")
            for sha in (patch["base_sha"], patch["tree"])
        ]
        old, edited = (parse(text, path=path) for text in texts)
    except (ScenarioError, MissingObjectError, UnicodeDecodeError) as error:
        raise StopError(State.NEEDS_EDIT, f"{path} is not a scenario: {error}") from error
    return old, edited


def _prove_source(context: Context, old: Scenario, edited: Scenario) -> dict[str, Any]:
    """product_bug and env.

    The new scenario is red on base, as the signature says, and green on the fix.
    """
    request = context.request
    additions: list[regression_test.Addition] = []
    new = edited
    if edited.lines == old.lines and request.replay:
        step = request.trace.failing_step or 1
        additions = regression_test.from_diff(request.replay.diff, old, step)
        new = regression_test.extend(old, additions)
    text = render(new)
    commit = _commit(context, text)
    base = context.results["patch"]["base_sha"]
    red = try_run(context, sha=base, source="proof", scenario_text=text)
    _require_red(context, red, "The extended scenario on the target branch")
    green = try_run(context, sha=commit, source="proof")
    found = {
        "commit": commit,
        "red": red.to_json(),
        "green": green.to_json(),
        "additions": [{"step": a.step, "line": a.line, "reason": a.reason} for a in additions],
        "inverted": None,
    }
    _require_green(green, "with the fix", found)
    return found


def _prove_scenario(context: Context, old: Scenario, edited: Scenario) -> dict[str, Any]:
    """scenario_bug.

    The old one red, the new one green, both on base; red again with one expectation inverted.
    """
    base = context.results["patch"]["base_sha"]
    commit = _commit(context, render(edited))
    red = try_run(context, sha=base, source="proof")
    _require_red(context, red, "The old scenario on the target branch")
    green = try_run(context, sha=commit, source="proof")
    found: dict[str, Any] = {
        "commit": commit,
        "red": red.to_json(),
        "green": green.to_json(),
        "additions": [],
        "inverted": None,
    }
    _require_green(green, "with the new scenario", found)
    turned = regression_test.inverted(old, edited)
    if turned is None:
        reason = "The new scenario has no expectation, so it would test nothing."
        raise StopError(State.UNPROVEN, reason, found)
    again = try_run(context, sha=base, source="proof", scenario_text=render(turned.scenario))
    found["inverted"] = again.to_json() | {"step": turned.step, "line": turned.line}
    if again.status != "failed":
        reason = f"With “{turned.line}” inverted it is {again.status}: it does not test that."
        raise StopError(State.UNPROVEN, reason, found)
    return found


def _commit(context: Context, scenario_text: str) -> str:
    """The fix as one commit. The job's own time as date makes the sha the same each time."""
    patch, job = context.results["patch"], context.job
    files = {context.scenario_path: scenario_text.encode("utf-8")}
    tree = context.git.write_tree_with(patch["tree"], files)
    return context.git.commit_tree(
        tree,
        [patch["base_sha"]],
        commit_message(context.request, context.results["analyze"]["analysis_line"]),
        AUTHOR,
        job.created.astimezone(UTC).replace(microsecond=0),
    )


def _require_red(context: Context, red: Tried, what: str) -> None:
    trace, found = context.request.trace, {"red": red.to_json()}
    if red.status != "failed" or red.record is None:
        reason = f"{what} is {red.status}, not failed: {red.message}".strip(": ")
        raise StopError(State.UNPROVEN, reason, found)
    signature = red.record.signature.to_json() if red.record.signature else {}
    reasons = proof.differences(
        (trace.signature or {}).get("parts") or {},
        signature.get("parts") or {},
        wanted_step=(trace.failing_step, _failing_text(context)),
        found_step=(
            red.record.failing_step,
            red.record.step_texts.get(red.record.failing_step or 0, ""),
        ),
    )
    if reasons:
        reason = f"{what} fails in another way: " + "; ".join(reasons)
        raise StopError(State.UNPROVEN, reason, found)


def _failing_text(context: Context) -> str:
    """The failing step's words, from its step.start in the slices."""
    trace = context.request.trace
    for part in context.request.slices:
        if part.step == trace.failing_step:
            for event in context.events_of(part):
                if event.kind == "step.start":
                    return str(event.data.get("text") or event.data.get("title") or "")
    return ""


def _require_green(green: Tried, what: str, found: dict[str, Any]) -> None:
    if green.status == "passed":
        return
    step = green.record.failing_step if green.record else None
    where = f" at step {step}" if step else ""
    reason = f"The scenario is still {green.status}{where} {what}: {green.message}".strip(": ")
    raise StopError(State.FAILED, reason, found)
