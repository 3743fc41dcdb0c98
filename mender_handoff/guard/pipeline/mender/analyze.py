"""Stage 1: confirm the class.

Looks for named evidence in slices and history, then re-runs to rule out a flake.
"""

from typing import Any

from mender_handoff.domain import classification, evidence
from mender_handoff.domain.attempt_states import State
from mender_handoff.domain.classification import Evidence
from mender_handoff.domain.evidence import Change, Facts
from mender_handoff.guard.domain.changes import read_change
from mender_handoff.guard.domain.stages import StopError
from mender_handoff.guard.pipeline.mender.context import Context, try_run
from trace_app.clients.git import GitError
from trace_app.domain.events import Event

MAX_FILES = 100


def inputs(context: Context) -> dict[str, Any]:
    """The failure and nothing of the fix.

    A promotion takes over what the pre-classification found.
    """
    trace = context.request.trace
    return {
        "trace": trace.id,
        "sha": trace.sha,
        "signature": trace.signature,
        "green": trace.last_green.sha if trace.last_green else "",
    }


def run(context: Context) -> dict[str, Any]:
    """Class, confidence, analysis and evidence. StopError when a fix is asked of a flake."""
    facts = _facts(context)
    found = evidence.find(facts)
    reruns = _reruns(context, found)
    verdicts = [one["status"] for one in reruns]
    verdict = classification.classify(found, verdicts)
    return {
        "classification": verdict.classification,
        "confidence": verdict.confidence,
        "scores": verdict.scores,
        "analysis_line": _line(verdict, found, verdicts),
        "analysis_markdown": classification.analysis_markdown(verdict, found, verdicts),
        "evidence": [_item(one) for one in found],
        "green_sha": facts.green_sha,
        "reruns": reruns,
        "verdicts": sorted({"failed", *verdicts} - {"error"}),
    }


def require_fixable(context: Context) -> None:
    """A failure with both verdicts at one commit proves nothing.

    So no pull request is made of it.
    """
    result = context.results["analyze"]
    if result["classification"] == "flake":
        raise StopError(
            State.NEEDS_EDIT,
            "The same commit passed and failed: a red and a green run would prove nothing.",
        )


def _line(verdict: classification.Verdict, found: tuple[Evidence, ...], verdicts: list[str]) -> str:
    if verdict.classification == "flake" and "passed" in verdicts:
        runs = len(verdicts) + 1
        passed = verdicts.count("passed")
        return f"The same commit passed {passed} and failed {runs - passed} of {runs} runs."
    return classification.analysis_line(verdict, found)


def _item(one: Evidence) -> dict[str, Any]:
    return {
        "name": one.name,
        "points_to": one.points_to,
        "weight": one.weight,
        "text": one.text,
        "seqs": list(one.seqs),
    }


def _facts(context: Context) -> Facts:
    trace = context.request.trace
    green = _green_sha(context)
    return Facts(
        events=_events(context),
        parts=(trace.signature or {}).get("parts") or {},
        changes=_changes(context, green, trace.sha) if green else (),
        sha=trace.sha,
        green_sha=trace.last_green.sha if trace.last_green else "",
        status=trace.status,
    )


def _events(context: Context) -> tuple[Event, ...]:
    step = context.request.trace.failing_step
    parts = [part for part in context.request.slices if part.step == step]
    return tuple(event for part in parts for event in context.events_of(part))


def _green_sha(context: Context) -> str:
    """Where the last green run was, else where the branch left the default branch."""
    git, trace = context.git, context.request.trace
    try:
        if trace.last_green and git.merge_base(trace.last_green.sha, trace.sha):
            return trace.last_green.sha
        return git.merge_base(git.resolve(context.repository.default_branch), trace.sha) or ""
    except GitError:
        return ""


def _changes(context: Context, green: str, sha: str) -> tuple[Change, ...]:
    git = context.git
    found = []
    for file in git.changed_files(green, sha)[:MAX_FILES]:
        commits = git.log(f"{green}..{sha}", file.path, limit=1)
        commit = commits[0].sha if commits else ""
        found.append(read_change(file.path, commit, git.diff(green, sha, file.path, context=0)))
    return tuple(found)


def _reruns(context: Context, found: tuple[Evidence, ...]) -> list[dict[str, Any]]:
    """Runs at the failing commit until one passes.

    Or as many as the evidence leaves worth doing.
    """
    made: list[dict[str, Any]] = []
    for _ in range(classification.reruns_worth(found)):
        tried = try_run(context, sha=context.request.trace.sha, source="flake_check")
        made.append(tried.to_json())
        if tried.status != "failed":
            break
    return made
