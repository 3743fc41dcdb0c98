"""Hot, warm, cold: what goes, what stays, what comes back, and what the policy moves by itself."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.flows.trace_app.test_deletion import zipped
from tests.flows.trace_app.test_ingest import make_bundle
from tests.harness.record import BY, make_project
from trace_app.actions import retention, teams, tiers
from trace_app.actions.ingest import ingest_bundle
from trace_app.actions.processing import process
from trace_app.actions.traces import pin, unpin
from trace_app.domain.contents import held
from trace_app.domain.retention import Policy
from trace_app.domain.roles import Role
from trace_app.domain.states import TraceColdError
from trace_app.models import (
    AuditEntry,
    Blob,
    CloneState,
    EventChunk,
    EventIndex,
    Project,
    Step,
    Trace,
    TraceBlob,
)
from trace_app.queries.clone_panel import clone_views
from trace_app.queries.disk import team_use
from trace_app.queries.events import events, trace_view
from trace_app.storage import blobs, capsules, packages, unread
from trace_app.storage.archives import ARCHIVE_NAME

type Now = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@pytest.fixture
def now(django_capture_on_commit_callbacks: Any) -> Now:
    """Call something and run what it left for after the commit."""

    def call(function: Callable[[], Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return function()

    return call


def aged(trace: Trace, days: float, **fields: Any) -> Trace:
    """The processed trace, as if it had arrived some days ago."""
    process(str(trace.pk))
    created = timezone.now() - timedelta(days=days)
    Trace.objects.filter(pk=trace.pk).update(created=created, **fields)
    trace.refresh_from_db()
    return trace


def bundled(project: Project, folder: Path) -> Trace:
    return ingest_bundle(by=BY, project=project, path=make_bundle(folder / "b.zip"))


def cold(trace: Trace, now: Now) -> Trace:
    now(lambda: tiers.cool(trace.pk))
    assert now(lambda: tiers.freeze(trace.pk))
    trace.refresh_from_db()
    assert trace.tier == "cold"
    return trace


def record(trace: Trace) -> dict[str, Any]:
    """Everything of a trace that a cold one must give back."""
    views = clone_views(trace, 1, 0)
    return {
        "events": list(events(trace)),
        "chunks": [
            {**row, "body": bytes(row["body"])}
            for row in EventChunk.objects.filter(trace=trace).values(
                "ribbon", "number", "seq_first", "seq_last", "ts_min", "ts_max", "count", "body"
            )
        ],
        "index": bytes(EventIndex.objects.get(trace=trace).columns),
        "clones": [(view.clone, view.state, view.rows) for view in views],
        "blobs": set(TraceBlob.objects.filter(trace=trace).values_list("name", "blob_id")),
        "view": trace_view(trace),
    }


def test_warm_is_the_whole_record_without_its_capsule(
    project: Project, tmp_path: Path, now: Now
) -> None:
    trace = aged(bundled(project, tmp_path), 1)
    before = record(trace)
    assert now(lambda: tiers.cool(trace.pk)) == 1
    trace.refresh_from_db()
    assert trace.tier == "warm"
    assert not capsules.has(trace)
    assert record(trace) == before
    assert now(lambda: tiers.cool(trace.pk)) is None


@pytest.mark.parametrize("make", [zipped, bundled])
def test_cold_is_one_file_and_thaws_to_what_it_was(
    project: Project, tmp_path: Path, now: Now, make: Callable[[Project, Path], Trace]
) -> None:
    trace = aged(make(project, tmp_path), 1)
    before, used = record(trace), {row.blob_id for row in trace.trace_blobs.all()}
    cold(trace, now)
    assert [row.name for row in trace.trace_blobs.all()] == [ARCHIVE_NAME]
    archive = trace.trace_blobs.get().blob
    assert not EventChunk.objects.filter(trace=trace).exists()
    assert not CloneState.objects.filter(trace=trace).exists()
    assert not any(blobs.exists(sha256) for sha256 in used)
    assert Step.objects.filter(trace=trace).exists()
    assert trace.summary["counts"]
    assert trace.index.density["ticks"]
    with pytest.raises(TraceColdError, match=f"/v1/traces/{trace.short_id}/thaw"):
        events(trace)
    assert tiers.freeze(trace.pk) is None

    assert now(lambda: tiers.thaw(str(trace.pk)))
    trace.refresh_from_db()
    assert trace.tier == "warm"
    assert record(trace) == before
    assert not blobs.exists(archive.sha256)
    assert not Blob.objects.filter(pk=archive.pk).exists()
    assert tiers.thaw(str(trace.pk)) is False


def test_a_file_that_another_trace_uses_survives_the_freeze(
    project: Project, tmp_path: Path, now: Now
) -> None:
    first, second = zipped(project, tmp_path), zipped(project, tmp_path, b"again")
    cold(aged(first, 1), now)
    assert packages.member_names(second.playwright_zip)
    assert blobs.exists(second.playwright_zip)
    assert len(list(events(second))) == second.event_count


def test_a_lost_archive_is_said_and_not_tried_for_ever(
    project: Project, tmp_path: Path, now: Now
) -> None:
    trace = cold(aged(bundled(project, tmp_path), 1), now)
    sha256 = trace.trace_blobs.get().blob_id
    kept = blobs.open_blob(sha256).read()
    blobs.delete(sha256)
    tiers.request_thaw(by=BY, trace=trace)
    assert tiers.sweep_thaws() == 1
    assert tiers.thaw(str(trace.pk)) is False
    trace.refresh_from_db()
    assert (trace.tier, trace.thaw_requested) == ("cold", None)
    assert trace.thaw_error
    assert tiers.sweep_thaws() == 0
    # Somebody put it back.
    blobs.put(sha256, held(kept))
    assert tiers.request_thaw(by=BY, trace=trace)
    assert now(lambda: tiers.thaw(str(trace.pk)))


@pytest.mark.parametrize(
    ("age", "tier", "expected"),
    [(13.9, "hot", "hot"), (14.1, "hot", "warm"), (89.9, "warm", "warm"), (90.1, "warm", "cold")],
)
def test_the_policy_moves_by_age(
    project: Project, tmp_path: Path, now: Now, age: float, tier: str, expected: str
) -> None:
    trace = aged(bundled(project, tmp_path), age, tier=tier)
    moved = now(retention.sweep)
    trace.refresh_from_db()
    assert trace.tier == expected
    assert moved == int(tier != expected)
    # What it moved it counted, and once.
    assert AuditEntry.objects.filter(action__startswith="retention.").count() == moved
    assert now(retention.sweep) == 0
    assert AuditEntry.objects.filter(action__startswith="retention.").count() == moved


def test_every_deletion_is_counted(project: Project, tmp_path: Path, now: Now) -> None:
    policy = Policy(warm_after=1, cold_after=2, delete_after=3)
    retention.set_policy(by=BY, team=project.team, policy=policy)
    old = aged(bundled(project, tmp_path), 4)
    child = aged(zipped(project, tmp_path), 0, parent=old, source="replay")
    assert now(retention.sweep) == 1
    assert not Trace.objects.exists()
    assert not blobs.exists(child.playwright_zip)
    entry = AuditEntry.objects.get(action="retention.deleted")
    assert (entry.system, entry.target, entry.details["traces"]) == ("retention", "2 traces", 2)
    assert entry.details["capsules"] == 1
    assert entry.details["events"] == old.event_count + child.event_count


def test_an_upload_that_is_kept_unread_stays_and_is_counted(
    project: Project, tmp_path: Path, now: Now
) -> None:
    trace = aged(bundled(project, tmp_path), 1)
    trace.runner["unread"] = 99
    trace.sealed_bytes = unread.save(trace, tmp_path / "b.zip")
    trace.save()
    assert now(lambda: tiers.cool(trace.pk)) == 1
    trace.refresh_from_db()
    assert trace.sealed_bytes > 0
    assert unread.restore(trace, tmp_path / "again.zip")


def test_counts_of_what_grew_warm_and_cold(project: Project, tmp_path: Path, now: Now) -> None:
    trace = aged(bundled(project, tmp_path), 91)
    sealed = len(storages["capsules"].open(f"{trace.pk}.capsule").read())
    assert team_use(project.team).sealed == sealed > 0
    now(retention.sweep)
    assert team_use(project.team).sealed == 0
    now(retention.sweep)
    warmed = AuditEntry.objects.get(action="retention.warmed")
    assert warmed.details == {"traces": 1, "capsules": 1}
    frozen = AuditEntry.objects.get(action="retention.frozen").details
    assert frozen["chunks"] == 2
    archive = TraceBlob.objects.get(trace=trace)
    assert frozen["bytes_after"] == archive.blob.size == team_use(project.team).total


def test_what_the_policy_leaves_alone(project: Project, tmp_path: Path, now: Now) -> None:
    policy = Policy(warm_after=1, cold_after=2, delete_after=3)
    retention.set_policy(by=BY, team=project.team, policy=policy)
    pinned = aged(zipped(project, tmp_path), 9)
    pin(by=BY, trace=pinned)
    replay = aged(zipped(project, tmp_path, b"1"), 9, parent=pinned, source="replay")
    parent = aged(zipped(project, tmp_path, b"22"), 9, tier="cold")
    kept = aged(zipped(project, tmp_path, b"333"), 9, parent=parent, pinned=timezone.now())
    worked_on = aged(zipped(project, tmp_path, b"4444"), 9, mender_state="pr_open")
    running = aged(zipped(project, tmp_path, b"55555"), 9, status="running")
    assert now(retention.sweep) == 0
    assert Trace.objects.count() == 6
    for trace in (pinned, replay, kept, worked_on, running):
        trace.refresh_from_db()
        assert trace.tier == "hot", trace.title
    # Without the pin it follows the policy again.
    unpin(by=BY, trace=pinned)
    assert now(retention.sweep) == 1
    assert not Trace.objects.filter(pk__in=[pinned.pk, replay.pk]).exists()


def test_a_thawed_trace_has_a_week(project: Project, tmp_path: Path, now: Now) -> None:
    trace = cold(aged(bundled(project, tmp_path), 200), now)
    assert now(lambda: tiers.thaw(str(trace.pk)))
    assert now(retention.sweep) == 0
    Trace.objects.filter(pk=trace.pk).update(thawed=timezone.now() - timedelta(days=7, hours=1))
    assert now(retention.sweep) == 1


def test_a_pin_thaws(project: Project, tmp_path: Path, now: Now) -> None:
    trace = cold(aged(bundled(project, tmp_path), 1), now)
    pin(by=BY, trace=trace)
    trace.refresh_from_db()
    assert trace.thaw_requested is not None


@pytest.mark.parametrize("ages", [(0, 1, None), (2, 1, None), (1, 2, 1), (1, 5000, None)])
def test_a_policy_that_contradicts_itself(
    project: Project, ages: tuple[int, int, int | None]
) -> None:
    with pytest.raises(retention.PolicyError):
        retention.set_policy(by=BY, team=project.team, policy=Policy(*ages))


def test_the_database_too_keeps_ages_in_order(project: Project) -> None:
    project.team.cold_after_days = 1
    with pytest.raises(IntegrityError), transaction.atomic():
        project.team.save()


def owner_of(project: Project, client: Client) -> Client:
    owner = User.objects.create_user("olivia")
    teams.set_role(by=BY, team=project.team, user=owner, role=Role.OWNER)
    client.force_login(owner)
    return client


def test_the_owner_sets_the_policy(project: Project, client: Client) -> None:
    owner_of(project, client)
    url = reverse("trace_app:team_retention", args=["acme"])
    wrong = client.post(url, {"warm_after": 9, "cold_after": 3, "delete_after": ""})
    assert wrong.status_code == 422
    assert "A trace grows warm before it grows cold" in wrong.text
    assert 'value="9"' in wrong.text
    assert client.post(url, {"warm_after": 2, "cold_after": 3}).status_code == 302
    project.team.refresh_from_db()
    team = project.team
    assert (team.warm_after_days, team.cold_after_days, team.delete_after_days) == (2, 3, None)
    assert AuditEntry.objects.get(action="team.retention").details["cold_after"] == 3


def test_the_page_of_a_cold_trace_says_so_and_thaws(
    project: Project, client: Client, tmp_path: Path, now: Now
) -> None:
    trace = cold(aged(bundled(project, tmp_path), 1), now)
    owner_of(project, client)
    page = reverse("trace_app:trace", args=[trace.short_id])
    assert "after the run ended" in client.get(page).text
    for tab in ("overview", "artifacts"):
        text = client.get(page, {"tab": tab, "step": 1}).text
        assert "Thaw this trace" in text
        assert "Not at hand" not in text
    for tab in ("events", "network", "console", "clones", "storage", "debugger", "patch"):
        assert "Not at hand" in client.get(page, {"tab": tab}).text
    url = reverse("trace_app:thaw", args=[trace.short_id])
    asked = client.post(url, headers={"HX-Request": "true"})
    assert "Thawing." in asked.text
    assert "every 2s" in asked.text
    assert "Thawing." in client.get(page).text
    assert now(lambda: tiers.thaw(str(trace.pk)))
    done = client.get(url, headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    assert "cold" not in client.get(page, {"tab": "events"}).text


COLD_PAGES = (
    "/traces/{0}/index.json",
    "/traces/{0}/frames/1",
    "/traces/{0}/members/trace.trace",
    "/traces/{0}/blobs/{1}",
    "/traces/{0}/evidence/5",
    "/traces/{0}/diff/{0}",
)
COLD_ENDPOINTS = (
    "/v1/traces/{0}/events",
    "/v1/traces/{0}/export",
    "/v1/traces/{0}/blobs/{1}",
)


def test_whatever_needs_the_archive_answers_409(
    project: Project, client: Client, tmp_path: Path, now: Now
) -> None:
    trace = cold(aged(bundled(project, tmp_path), 1), now)
    owner_of(project, client)
    names = (trace.short_id, trace.trace_blobs.get().blob_id)
    for address in COLD_PAGES:
        answer = client.get(address.format(*names))
        assert answer.status_code == 409, address
        assert "This trace is cold" in answer.text
    for address in COLD_ENDPOINTS:
        answer = client.get(address.format(*names))
        assert (answer.status_code, answer.json()["error"]) == (409, "trace_cold"), address
        assert f"POST /v1/traces/{trace.short_id}/thaw" in answer.json()["message"]
    for name in ("", "/steps", "/summary.json", "/manifest.json"):
        assert client.get(f"/v1/traces/{trace.short_id}{name}").status_code == 200

    url = reverse("trace_api:thaw", args=[trace.short_id])
    asked = client.post(url)
    assert (asked.status_code, asked.json()["tier"], asked.json()["thawing"]) == (202, "cold", True)
    assert client.post(url).status_code == 202
    assert AuditEntry.objects.filter(action="trace.thaw_asked").count() == 1
    assert now(lambda: tiers.thaw(str(trace.pk)))
    done = client.post(url)
    assert (done.status_code, done.json()["tier"], done.json()["thawing"]) == (200, "warm", False)
