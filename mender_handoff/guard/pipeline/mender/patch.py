"""Stage 2.

Apply the edits to the target branch as it is now, and say whether the files are those the replay
ran.
"""

from typing import Any

from debugger.domain import diff_policy
from debugger.domain.edits import EditError
from mender_handoff.domain.attempt_states import State
from mender_handoff.guard.domain.stages import StopError
from mender_handoff.guard.pipeline.mender.context import Context
from trace_app.clients.git import ApplyError, MissingObjectError


def inputs(context: Context) -> dict[str, Any]:
    """The edits and the head of the branch they go to."""
    return {"edits": context.request.edits, "base": _base(context)}


def run(context: Context) -> dict[str, Any]:
    """Base, result tree and the changed files' blobs.

    StopError `needs_edit` when it does not apply.
    """
    base = _base(context)
    try:
        edits = context.edits
    except EditError as error:
        raise StopError(State.NEEDS_EDIT, f"The edits cannot be read: {error}") from error
    if edits.is_empty:
        raise StopError(State.NEEDS_EDIT, "There is no edit to apply.")
    if refusals := diff_policy.check_edits(edits, context.scenario_path):
        reasons = "; ".join(f"{one.path}: {one.reason}" for one in refusals)
        raise StopError(State.NEEDS_EDIT, f"The edits are not allowed: {reasons}")
    try:
        tree = context.git.apply_diffs(base, edits.as_source_diffs(context.scenario_path))
    except ApplyError as error:
        reason = f"The edits do not apply to {context.request.target_branch}: {error}"
        raise StopError(State.NEEDS_EDIT, reason) from error
    blobs = {one.path: one.new_sha for one in context.git.changed_files(base, tree)}
    return {
        "base_sha": base,
        "tree": tree,
        "blobs": blobs,
        "differs_from_replay": differs_from_replay(context, blobs),
    }


def differs_from_replay(context: Context, blobs: dict[str, str]) -> list[str]:
    """Edited files that are not byte for byte those the replay ran; empty without a replay."""
    replay = context.request.replay
    if replay is None or not replay.ran_blobs:
        return []
    return sorted(path for path, sha in blobs.items() if replay.ran_blobs.get(path) != sha)


def _base(context: Context) -> str:
    branch = context.request.target_branch
    try:
        return context.git.resolve(f"refs/heads/{branch}")
    except MissingObjectError as error:
        raise StopError(State.NEEDS_EDIT, f"There is no branch {branch} any more.") from error
