"""Guard's webhooks: stored once, refused when not from Guard, linked in either order."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mender_handoff.actions.deliveries import store
from mender_handoff.actions.history import tell_traces
from mender_handoff.actions.suggestions import suggest
from mender_handoff.models import MenderAttempt, WebhookDelivery
from tests.flows.mender_handoff.shop import BY, SCENARIO, House, check, process_all, view
from trace_app.actions.projects import set_switches
from trace_app.actions.traces import unpin
from trace_app.domain.roles import Role
from trace_app.models import AuditEntry, Trace

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House.build()


def test_a_message_is_stored_once(house: House) -> None:
    assert house.send("check.completed", check(None))[0] == 202
    assert house.send("check.completed", check(None))[0] == 200
    assert WebhookDelivery.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"webhook_signature": "v1,AAAA"}, 401, "signature_invalid"),
        ({"webhook_signature": ""}, 400, "signature_missing"),
        ({"webhook_timestamp": "yesterday"}, 400, "timestamp_invalid"),
        ({"webhook_timestamp": "1000"}, 401, "timestamp_outside_tolerance"),
        ({"webhook_id": "another"}, 401, "signature_invalid"),
    ],
)
def test_what_is_not_from_guard_is_refused(
    house: House, changed: dict[str, str], status: int, code: str
) -> None:
    answer, said = house.send("check.completed", check(None), **changed)
    assert (answer, said["error"]) == (status, code)
    assert not WebhookDelivery.objects.exists()


def test_an_unknown_project_answers_like_a_wrong_signature(house: House) -> None:
    house.project.slug = "no-such"
    assert house.send("check.completed", check(None))[1]["error"] == "signature_invalid"


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("check.started", {}, "unknown_type"),
        ("check.completed", {}, "bad_message"),
        ("mender.attempt.updated", {"id": 1}, "bad_message"),
    ],
)
def test_a_signed_message_that_is_none_is_named(
    house: House, kind: str, data: dict[str, Any], code: str
) -> None:
    status, said = house.send(kind, data)
    assert (status, said["error"]) == (422, code)


def test_only_the_same_id_counts_as_stored_before(house: House) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        store(
            project=house.project,
            sender="guard",
            delivery_id="m1",
            event=None,  # type: ignore[arg-type]
            body={},
        )
    assert house.send("check.completed", check(None))[0] == 202


def test_a_get_and_garbage(house: House) -> None:
    assert Client().get("/v1/webhooks/guard").status_code == 405
    answer = Client().post("/v1/webhooks/guard", b"\xff", content_type="application/json")
    assert answer.status_code == 400
    assert json.loads(answer.content)["error"] == "signature_missing"


def test_a_failed_check_links_pins_and_asks_mender(house: House, tmp_path: Path) -> None:
    trace = house.trace(tmp_path, check="c1")
    house.deliver("check.completed", check(trace), "m1")
    trace.refresh_from_db()
    assert trace.pinned is not None
    assert (trace.check_id, trace.pr_number) == ("c1", 4521)
    attempt = MenderAttempt.objects.get()
    assert (attempt.state, attempt.outcome, attempt.trace) == ("suggested", "suggested", trace)
    assert attempt.target_branch == "pr/4521"
    assert attempt.send_after is not None
    assert trace.summary["mender_summary"]["attempt_id"] == str(attempt.pk)
    assert trace.mender_state == "suggested"


def test_the_webhook_may_come_before_its_trace(house: House, tmp_path: Path) -> None:
    expected = check(None)
    expected["check"]["runs"][0]["trace_id"] = "later"
    house.deliver("check.completed", expected, "m1")
    assert WebhookDelivery.objects.get().processed is None
    trace = house.trace(tmp_path, check="c1")
    process_all()
    trace.refresh_from_db()
    assert WebhookDelivery.objects.get().processed is not None
    assert trace.pinned is not None
    assert MenderAttempt.objects.get().trace == trace


@pytest.mark.parametrize("kind", ["check.completed", "revalidation.completed"])
def test_a_late_trace_leaves_the_others_linked_once(
    house: House, tmp_path: Path, kind: str
) -> None:
    trace = house.trace(tmp_path, check="c1")
    said = check(trace) | {"attempt_id": "nobody", "sequence": 1}
    late = {"id": "r0", "scenario": SCENARIO | {"slug": "late"}, "status": "failed"}
    said["check"]["runs"].insert(0, late | {"trace_id": "later"})
    house.deliver(kind, said, "m1")
    pinned = Trace.objects.filter(pk=trace.pk, pinned__isnull=False)
    assert pinned.exists()
    unpin(by=house.person(Role.MEMBER), trace=trace)
    said_so_far = AuditEntry.objects.filter(team=house.team).count()
    process_all()
    process_all()
    assert WebhookDelivery.objects.get().processed is None
    assert not pinned.exists()
    assert AuditEntry.objects.filter(team=house.team).count() == said_so_far


def test_the_same_check_told_twice_changes_nothing(house: House, tmp_path: Path) -> None:
    trace = house.trace(tmp_path, check="c1")
    house.deliver("check.completed", check(trace), "m1")
    trace.refresh_from_db()
    unpin(by=house.person(Role.MEMBER), trace=trace)
    said_so_far = AuditEntry.objects.filter(team=house.team).count()
    house.deliver("check.completed", check(trace), "m2")
    trace.refresh_from_db()
    assert trace.pinned is None
    assert AuditEntry.objects.filter(team=house.team).count() == said_so_far


def test_a_run_without_trace_is_no_reason_to_wait(house: House) -> None:
    house.deliver("check.completed", check(None), "m1")
    assert WebhookDelivery.objects.get().processed is not None


def test_later_traces_of_the_cluster_join_the_attempt(house: House, tmp_path: Path) -> None:
    traces = [house.trace(tmp_path, check=f"c{number}") for number in range(3)]
    for number, trace in enumerate(traces):
        house.deliver("check.completed", check(trace, name=f"c{number}"), f"m{number}")
    attempt = MenderAttempt.objects.get()
    assert attempt.trace == traces[0]
    assert set(attempt.also_seen_in.all()) == set(traces[1:])
    assert Trace.objects.filter(mender_state="suggested").count() == 3


def test_a_joining_trace_reads_no_other_traces_record(house: House, tmp_path: Path) -> None:
    traces = [house.trace(tmp_path, check=f"c{number}") for number in range(4)]
    for number, trace in enumerate(traces[:3]):
        house.deliver("check.completed", check(trace, name=f"c{number}"), f"m{number}")
    attempt = MenderAttempt.objects.get()
    with CaptureQueriesContext(connection) as asked:
        suggest(by=BY, trace=traces[3])
    traces[3].refresh_from_db()
    assert traces[3].summary["mender_summary"]["attempt_id"] == str(attempt.pk)
    # The one that joins is read to be written; of those that joined before, nothing.
    others = [str(trace.pk) for trace in traces[:3]]
    assert not [query["sql"] for query in asked if any(key in query["sql"] for key in others)]
    with CaptureQueriesContext(connection) as asked:
        tell_traces(by=BY, attempt=attempt)
    assert not [query["sql"] for query in asked if '"manifest"' in query["sql"]][1:]


@pytest.mark.parametrize("source", ["replay", "flake_check", "proof"])
def test_the_products_own_runs_stay_quiet(house: House, tmp_path: Path, source: str) -> None:
    trace = house.trace(tmp_path, source=source, check="c1")
    house.deliver("check.completed", check(trace), "m1")
    trace.refresh_from_db()
    assert trace.pinned is None
    assert not MenderAttempt.objects.exists()


def test_a_green_check_is_linked_and_not_pinned(house: House, tmp_path: Path) -> None:
    trace = house.trace(tmp_path, fails=False, check="c1")
    house.deliver("check.completed", check(trace, status="passed"), "m1")
    trace.refresh_from_db()
    assert trace.check_url
    assert trace.pinned is None


def test_with_mender_off_nothing_is_asked(house: House, tmp_path: Path) -> None:
    set_switches(by=BY, project=house.project, trace_capture=True, mender_enabled=False)
    trace = house.trace(tmp_path, check="c1")
    house.deliver("check.completed", check(trace), "m1")
    trace.refresh_from_db()
    assert trace.pinned is not None
    assert not MenderAttempt.objects.exists()


def suggested(house: House, folder: Path) -> MenderAttempt:
    house.deliver("check.completed", check(house.trace(folder, check="c1")), "m1")
    return MenderAttempt.objects.get()


def test_the_analysis_fills_the_suggestion_and_stays_a_suggestion(
    house: House, tmp_path: Path
) -> None:
    attempt = suggested(house, tmp_path)
    said = {
        "classification": "product_bug",
        "confidence": 0.8,
        "analysis_line": "urls.py changed (seq:5)",
        "analysis_markdown": "…",
        "evidence": [
            {"name": "x", "points_to": "product_bug", "weight": 0.8, "text": "t", "seqs": [5]}
        ],
    }
    house.deliver("mender.attempt.updated", view(attempt, 2, "analyzing", **said), "m2")
    attempt.refresh_from_db()
    assert (attempt.state, attempt.classification) == ("suggested", "product_bug")
    attempt.trace.refresh_from_db()
    assert attempt.trace.summary["mender_summary"]["confidence"] == 0.8
    assert (attempt.trace.mender_class, attempt.trace.mender_confidence) == ("product_bug", 0.8)


def test_late_repeated_and_foreign_updates_change_nothing(house: House, tmp_path: Path) -> None:
    attempt = suggested(house, tmp_path)
    new = view(attempt, 5, "suggested", classification="env", confidence=0.5)
    old = view(attempt, 4, "suggested", classification="flake", confidence=0.9)
    house.deliver("mender.attempt.updated", new, "m2")
    house.deliver("mender.attempt.updated", old, "m3")
    house.deliver("mender.attempt.updated", new | {"classification": "flake"}, "m4")
    other = view(attempt, 9, "suggested", classification="flake") | {"idempotency_key": "x"}
    house.deliver("mender.attempt.updated", other, "m5")
    house.deliver("mender.attempt.updated", other | {"attempt_id": "nobody"}, "m6")
    foreign = House.build()
    foreign.deliver(
        "mender.attempt.updated", view(attempt, 9, "suggested", classification="flake"), "m7"
    )
    named = view(attempt, 6, "suggested", classification="env", red_trace="no id")
    house.deliver("mender.attempt.updated", named, "m8")
    attempt.refresh_from_db()
    assert (attempt.classification, attempt.remote_sequence) == ("env", 6)
    assert not WebhookDelivery.objects.filter(processed=None).exists()


def test_guard_cannot_promote(house: House, tmp_path: Path) -> None:
    attempt = suggested(house, tmp_path)
    for number, state in enumerate(("queued", "merged", "pr_open", "dismissed"), start=2):
        house.deliver("mender.attempt.updated", view(attempt, number, state), f"m{number}")
        attempt.refresh_from_db()
        assert attempt.state == "suggested"
