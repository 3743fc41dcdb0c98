"""Promote and dismiss: rights, gates, draft without Guard, the window and the API through one function."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from debugger.domain.edits import Edits, SourceDiff
from debugger.models import Replay
from mender_handoff.actions.promotion import GatesClosedError, dismiss, promote_fix
from mender_handoff.domain.attempt_states import TransitionError
from mender_handoff.models import MenderAttempt
from mender_handoff.pipeline import sending
from tests.flows.mender_handoff.shop import BY, EDIT, House, check, view
from trace_app.actions.teams import set_owners_only_promote, set_role
from trace_app.domain.roles import Role
from trace_app.models import AuditEntry, Trace

pytestmark = pytest.mark.django_db
EDITS = Edits.from_json(EDIT)


@pytest.fixture
def house() -> House:
    return House.build()


@pytest.fixture
def trace(house: House, tmp_path: Path) -> Trace:
    made = house.trace(tmp_path, check="c1")
    house.deliver("check.completed", check(made), "m1")
    made.refresh_from_db()
    return made


def replay_of(trace: Trace, status: str = "succeeded", **more: Any) -> Replay:
    values = {"from_step": 7, "edits": EDIT, "status": status, "mode": "fast_forward"} | more
    return Replay.objects.create(trace=trace, **values)


def promote(house: House, trace: Trace, **more: Any) -> MenderAttempt:
    wanted: dict[str, Any] = {
        "by": house.person(Role.MEMBER),
        "trace": trace,
        "replay": None,
        "edits": EDITS,
        "classification": "product_bug",
        "target_branch": "pr/4521",
    }
    return promote_fix(**(wanted | more)).attempt


def test_promoting_takes_the_suggestion(house: House, trace: Trace) -> None:
    suggestion = MenderAttempt.objects.get()
    attempt = promote(house, trace, replay=replay_of(trace))
    assert attempt.pk == suggestion.pk
    assert (attempt.state, attempt.outcome) == ("queued", "suggested")
    assert attempt.promoted_by == house.person(Role.MEMBER)
    assert attempt.idempotency_key.endswith(":fix:2")
    assert attempt.patch == EDIT
    assert [one.to_state for one in attempt.history.all()] == ["suggested", "queued"]
    assert AuditEntry.objects.filter(action="attempt.queued", actor=attempt.promoted_by).exists()
    trace.refresh_from_db()
    assert trace.mender_state == "queued"


def test_without_a_suggestion_an_attempt_is_made(house: House, tmp_path: Path) -> None:
    attempt = promote(house, house.trace(tmp_path))
    assert attempt.state == "queued"
    assert MenderAttempt.objects.count() == 1


def test_once_promoted_the_next_one_waits(house: House, trace: Trace) -> None:
    promote(house, trace)
    with pytest.raises(GatesClosedError, match="already queued"):
        promote(house, trace)
    # Another branch is another hand-off.
    assert promote(house, trace, target_branch="main").target_branch == "main"


@pytest.mark.parametrize("status", ["failed", "diverged", "error", "running"])
def test_a_replay_that_did_not_succeed_cannot_be_promoted(
    house: House, trace: Trace, status: str
) -> None:
    with pytest.raises(GatesClosedError) as caught:
        promote(house, trace, replay=replay_of(trace, status))
    assert [gate.name for gate in caught.value.gates] == ["replay"]
    assert MenderAttempt.objects.get().state == "suggested"


def test_other_edits_than_those_replayed_cannot_be_promoted(house: House, trace: Trace) -> None:
    diff = EDITS.source_diffs[0].diff.replace("stripe/webhook", "stripe/hook")
    other = Edits(source_diffs=(SourceDiff("shop/urls.py", diff),))
    with pytest.raises(GatesClosedError, match="not those the replay ran"):
        promote(house, trace, replay=replay_of(trace), edits=other)


def test_viewers_never_and_members_unless_owners_only(house: House, trace: Trace) -> None:
    with pytest.raises(PermissionDenied):
        promote(house, trace, by=house.person(Role.VIEWER))
    set_owners_only_promote(by=BY, team=house.team, only_owners=True)
    with pytest.raises(PermissionDenied):
        promote(house, trace)
    assert promote(house, trace, by=house.person(Role.OWNER)).state == "queued"


def test_the_owners_only_switch_reaches_queued_attempts(house: House, trace: Trace) -> None:
    attempt = promote(house, trace)
    set_owners_only_promote(by=BY, team=house.team, only_owners=True)
    sending.send(str(attempt.pk))
    attempt.refresh_from_db()
    assert (attempt.state, attempt.send_after) == ("canceled", None)
    last = attempt.history.order_by("pk").last()
    assert last is not None
    assert (last.to_state, last.by) == ("canceled", None), "nobody asked for it"


def test_a_guard_that_does_not_answer_is_asked_again_later(house: House, trace: Trace) -> None:
    attempt = promote(house, trace)
    before = attempt.send_after
    sending.send(str(attempt.pk))
    attempt.refresh_from_db()
    assert attempt.state == "queued"
    assert attempt.send_tries == 1
    assert attempt.send_after is not None
    assert before is not None
    assert attempt.send_after > before
    assert "does not answer" in attempt.state_note


def test_without_guard_the_payload_is_answered_and_kept_as_a_draft(tmp_path: Path) -> None:
    house = House.build(guard=False)
    trace = house.trace(tmp_path)
    url = reverse("mender_api:promote", args=[trace.short_id])
    body = {"edits": EDIT, "target_branch": "pr/4521"}
    answer = house.client(Role.OWNER).post(url, body, content_type="application/json")
    assert answer.status_code == 200
    said = answer.json()
    assert said["attempt"]["state"] == "draft"
    payload = said["draft_payload"]
    assert (payload["intent"], payload["edits"], payload["target_branch"]) == (
        "fix",
        EDIT,
        "pr/4521",
    )
    assert [one["step"] for one in payload["slices"]] == [6, 7]
    assert payload["trace"]["permalink"].endswith(f"/traces/{trace.short_id}?step=7")
    assert payload["promoted_by"]["name"] == "Oscar"
    # It can be sent later: a draft may be promoted once Guard is there.
    again = house.client(Role.OWNER).post(url, body, content_type="application/json")
    assert again.json()["attempt"]["id"] == said["attempt"]["id"]


def api(house: House, role: Role, trace: Trace, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    url = reverse("mender_api:promote", args=[trace.short_id])
    answer = house.client(role).post(url, body, content_type="application/json")
    return answer.status_code, json.loads(answer.content)


def test_the_api_promotes_with_what_the_replay_says(house: House, trace: Trace) -> None:
    status, said = api(house, Role.MEMBER, trace, {"replay_id": str(replay_of(trace).pk)})
    assert status == 202
    assert said["attempt"]["edits"] == EDIT
    assert said["attempt"]["target_branch"] == "pr/4521"


def test_the_same_key_promotes_once_and_is_answered_twice(house: House, trace: Trace) -> None:
    url = reverse("mender_api:promote", args=[trace.short_id])
    client, headers = house.client(Role.MEMBER), {"Idempotency-Key": "k1"}
    answers = [
        client.post(url, {"edits": EDIT}, content_type="application/json", headers=headers)
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    other = client.post(url, {}, content_type="application/json", headers=headers)
    assert (other.status_code, other.json()["error"]) == (409, "idempotency_conflict")


def test_the_api_says_which_gates_are_closed(house: House, trace: Trace) -> None:
    status, said = api(house, Role.MEMBER, trace, {})
    assert (status, said["error"]) == (409, "gates_closed")
    assert [gate["name"] for gate in said["gates"]] == ["edits"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"classification": "weather"}, 400),
        ({"edits": {"source_diffs": [{"path": "a", "diff": "nonsense"}]}}, 422),
        ({"replay_id": "01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80"}, 404),
        ({"replay_id": "seven"}, 400),
    ],
)
def test_the_api_refuses_what_it_cannot_read(
    house: House, trace: Trace, body: dict[str, Any], status: int
) -> None:
    assert api(house, Role.MEMBER, trace, body)[0] == status


def test_a_viewer_gets_403_and_a_stranger_404(house: House, trace: Trace) -> None:
    assert api(house, Role.VIEWER, trace, {"edits": EDIT})[0] == 403
    assert api(House.build(), Role.OWNER, trace, {"edits": EDIT})[0] == 404
    assert MenderAttempt.objects.get().state == "suggested"


def test_dismissed_is_rejected_and_not_suggested_again(
    house: House, trace: Trace, tmp_path: Path
) -> None:
    attempt = MenderAttempt.objects.get()
    with pytest.raises(PermissionDenied):
        dismiss(by=house.person(Role.VIEWER), attempt=attempt)
    dismiss(by=house.person(Role.MEMBER), attempt=attempt, reason="known")
    assert (attempt.state, attempt.outcome) == ("dismissed", "rejected")
    trace.refresh_from_db()
    assert trace.summary["mender_summary"]["outcome"] == "rejected"
    later = house.trace(tmp_path, check="c2")
    house.deliver("check.completed", check(later, name="c2"), "m9")
    assert MenderAttempt.objects.count() == 1
    assert later in attempt.also_seen_in.all()


def test_what_mender_works_on_cannot_be_dismissed(house: House, trace: Trace) -> None:
    attempt = promote(house, trace)
    house.deliver("mender.attempt.updated", view(attempt, 2, "testing"), "m2")
    with pytest.raises(TransitionError):
        dismiss(by=house.person(Role.OWNER), attempt=attempt)


def test_mender_s_way_to_the_merge(house: House, trace: Trace) -> None:
    attempt = promote(house, trace, replay=replay_of(trace))
    pull = {
        "number": 4522,
        "url": "http://127.0.0.1/forge/shop/pulls/4522",
        "title": "Fix",
        "branch": "mender/x",
        "base": "pr/4521",
        "draft": True,
        "state": "open",
    }
    ways = ("analyzing", "patching", "testing", "pr_open", "revalidating", "validated", "merged")
    for number, state in enumerate(ways, start=2):
        more = {"pull_request": pull, "merge_sha": "c" * 40} if number > 4 else {}
        house.deliver("mender.attempt.updated", view(attempt, number, state, **more), f"m{number}")
        attempt.refresh_from_db()
        assert attempt.state == state
    assert (attempt.pr_number, attempt.outcome) == (4522, "applied")
    assert attempt.ended_at is not None
    signature = attempt.signature
    assert signature is not None
    assert (signature.fixed_sha, signature.fixed_by) == ("c" * 40, "#4522")
    trace.refresh_from_db()
    assert trace.summary["mender_summary"]["pr_url"] == pull["url"]


def test_an_unproven_attempt_may_be_promoted_again(house: House, trace: Trace) -> None:
    attempt = promote(house, trace)
    house.deliver("mender.attempt.updated", view(attempt, 2, "unproven", error="why"), "m2")
    again = promote(house, trace)
    assert again.pk == attempt.pk
    assert (again.state, again.request_number) == ("queued", 3)
    house.deliver("mender.attempt.updated", view(attempt, 9, "failed"), "m3")
    again.refresh_from_db()
    assert again.state == "queued", "the older job has no say any more"


def test_who_lost_the_role_has_it_no_more_for_queued_ones(house: House, trace: Trace) -> None:
    attempt = promote(house, trace)
    set_role(by=BY, team=house.team, user=house.person(Role.MEMBER), role=Role.VIEWER)
    sending.send(str(attempt.pk))
    attempt.refresh_from_db()
    assert attempt.state == "canceled"
