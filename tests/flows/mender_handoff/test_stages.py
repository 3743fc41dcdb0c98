"""Mender's stages that need no run: applying edits to the branch as it is now, and repeating without effect."""

from pathlib import Path
from typing import Any

import pytest

from mender_handoff.domain.attempt_states import State
from mender_handoff.guard.actions import jobs, repositories
from mender_handoff.guard.domain.stages import StopError
from mender_handoff.guard.models import MenderJob
from mender_handoff.guard.pipeline.mender import advance, patch, prove
from mender_handoff.guard.pipeline.mender.context import Context
from tests.flows.mender_handoff.test_guard import clone, commit, git, house, watched
from tests.unit.mender_handoff.test_messages import request as example
from trace_app.clients.git import GitRepository

__all__ = ["clone", "house", "watched"]
pytestmark = pytest.mark.django_db
DIFF = "--- a/b\n+++ b/b\n@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+2\n\\ No newline at end of file\n"


def context(watched: repositories.Registered, **change: Any) -> Context:
    edits = {"scenario_diff": None, "source_diffs": [{"path": "b", "diff": DIFF}]}
    body = example() | {"target_branch": "pr/41", "edits": edits, "replay": None} | change
    job = MenderJob.objects.create(
        repository=watched.repository,
        attempt_id="a1",
        kind="fix",
        idempotency_key=f"k{MenderJob.objects.count()}",
        request=body,
    )
    return Context.of(job)


def replayed(blobs: dict[str, str]) -> dict[str, Any]:
    return {"id": "r1", "ran_blobs": blobs}


def blob(clone: Path, text: str) -> str:
    (clone / "probe").write_text(text)
    return git(clone, "hash-object", "-w", "probe")


def test_the_edits_give_what_the_replay_ran(watched: repositories.Registered, clone: Path) -> None:
    ran = replayed({"b": blob(clone, "2"), "a": "another file of the tree"})
    found = patch.run(context(watched, replay=ran))
    assert found["base_sha"] == git(clone, "rev-parse", "origin/pr/41")
    assert found["blobs"] == {"b": ran["ran_blobs"]["b"]}
    assert found["differs_from_replay"] == []


def test_a_branch_that_moved_since_the_replay_is_rebased(
    watched: repositories.Registered, clone: Path
) -> None:
    ran = replayed({"b": blob(clone, "another")})
    here = context(watched, replay=ran)
    found = patch.run(here)
    assert found["differs_from_replay"] == ["b"]
    here.results["patch"] = found
    jobs.move(job=here.job, state=State.PATCHING)
    advance._after(here, "patch", found)
    assert here.job.state == State.REBASED
    assert "what the replay ran in b" in here.job.note


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"edits": None}, "no edit"),
        ({"target_branch": "pr/77"}, "no branch pr/77"),
        (
            {"edits": {"source_diffs": [{"path": "b", "diff": DIFF.replace("-1", "-9")}]}},
            "do not apply",
        ),
        (
            {
                "edits": {
                    "source_diffs": [
                        {
                            "path": ".github/x.yml",
                            "diff": DIFF.replace("a/b", "a/.github/x.yml").replace(
                                "b/b", "b/.github/x.yml"
                            ),
                        }
                    ]
                }
            },
            "not allowed",
        ),
    ],
)
def test_edits_that_cannot_be_applied_need_a_person(
    watched: repositories.Registered, change: dict[str, Any], says: str
) -> None:
    with pytest.raises(StopError, match=says) as caught:
        patch.run(context(watched, **change))
    assert caught.value.state == State.NEEDS_EDIT


def test_a_scenario_that_is_not_there_needs_a_person(watched: repositories.Registered) -> None:
    here = context(watched)
    here.results["patch"] = patch.run(here)
    with pytest.raises(StopError, match="is not a scenario") as caught:
        prove.run(here)
    assert caught.value.state == State.NEEDS_EDIT


def test_a_repeated_stage_does_nothing_twice(watched: repositories.Registered, clone: Path) -> None:
    here = context(watched)
    here.results["analyze"] = {}
    first = advance._stage(here, "patch")
    again = advance._stage(here, "patch")
    assert first == again
    assert here.job.stages.count() == 1
    commit(clone, "c", "1")
    git(clone, "push", "-q", "origin", "pr/41")
    moved = advance._stage(here, "patch")
    assert moved["base_sha"] != first["base_sha"]
    assert here.job.stages.count() == 2


def test_the_same_fix_is_the_same_commit(watched: repositories.Registered, clone: Path) -> None:
    here = context(watched)
    here.results |= {"patch": patch.run(here), "analyze": {"analysis_line": "why"}}
    assert prove._commit(here, "text") == prove._commit(here, "text")
    commit_ = GitRepository(clone / ".git" / ".." / ".." / "bare.git").log(
        prove._commit(here, "text"), limit=1
    )[0]
    assert commit_.author == prove.AUTHOR
    assert "Promoted-by: olivia <olivia@example.test>" in commit_.body


def test_a_job_moves_ahead_and_is_told_by_number(watched: repositories.Registered) -> None:
    job = context(watched).job
    before = job.sequence
    jobs.move(job=job, state=State.TESTING)
    advance._forward(job, State.PATCHING)
    assert (job.state, job.sequence) == (State.TESTING, before + 1)
    advance._forward(job, State.TESTING)
    assert job.sequence == before + 1


def test_an_open_pull_request_is_not_opened_again_while_it_is_checked(
    watched: repositories.Registered,
) -> None:
    here = context(watched)
    for state in (State.PUSHING, State.PR_OPEN, State.REVALIDATING):
        jobs.move(job=here.job, state=state, head_sha="1" * 40)
    before = here.job.sequence
    advance._after(here, "pull_request", {"head_sha": "1" * 40})
    assert (here.job.state, here.job.sequence) == (State.REVALIDATING, before)
    advance._after(here, "revalidate", {"status": "failed", "trace": ""})
    assert here.job.state == State.PR_OPEN, "a check that failed leaves it open, and says so"
