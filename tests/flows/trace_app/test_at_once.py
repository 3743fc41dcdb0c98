"""Small runs: digested while they are accepted, stored by one statement."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.harness.record import BY, make_project, webhook_run
from trace_app.actions import ingest
from trace_app.actions.ingest import ingest_bundle, ingest_upload
from trace_app.domain.bundle import RunInfo, RunStep
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.redaction import RuleSet
from trace_app.models import (
    AuditEntry,
    CloneState,
    EventChunk,
    NotableEvent,
    Project,
    Signature,
    Step,
    Trace,
)
from trace_app.queries.sending import before


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


def small_bundle(path: Path, title: str = "Checkout") -> Path:
    steps = [RunStep(no=1, text="click", status="failed")]
    with path.open("wb") as out:
        run = RunInfo(status="failed", title=title, steps=steps)
        write_bundle(out, run=run, events=webhook_run())
    return path


def test_a_small_bundle_is_asked_for_and_stored_by_one_statement_each(
    project: Project, tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = small_bundle(tmp_path / "b.zip")
    with django_assert_num_queries(2):
        trace = ingest_bundle(by=BY, project=project, path=path)
    assert not trace._state.adding
    entry = project.team.audit_entries.get(action="trace.ingested")
    assert (entry.target, entry.system, entry.details["events"]) == (trace.short_id, "ci", 9)
    assert [row.seq for row in trace.notable_events.all()] == [5, 6, 9]


def test_what_another_upload_of_the_same_bytes_stored_first_is_the_trace(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_bundle(tmp_path / "b.zip")
    first = ingest_bundle(by=BY, project=project, path=path)

    def none_yet(project: Project, upload_sha256: str) -> tuple[None, RuleSet]:
        return None, before(project, upload_sha256)[1]

    monkeypatch.setattr(ingest, "before", none_yet)
    tables = (Trace, Step, EventChunk, CloneState, NotableEvent, Signature, AuditEntry)
    stored = [rows.objects.count() for rows in tables]
    assert ingest_upload(by=BY, project=project, path=path) == (first, False)
    assert [rows.objects.count() for rows in tables] == stored


def test_the_cluster_of_a_later_failure_is_the_same_and_was_seen_until_then(
    project: Project, tmp_path: Path
) -> None:
    first = ingest_bundle(by=BY, project=project, path=small_bundle(tmp_path / "b.zip"))
    long_ago = first.created - timedelta(days=1)
    Signature.objects.update(first_seen=long_ago, last_seen=long_ago, slug="told-apart")
    path = small_bundle(tmp_path / "c.zip", "Another")
    second = ingest_bundle(by=BY, project=project, path=path)
    signature = Signature.objects.get()
    assert (first.signature_id, second.signature_id) == (signature.pk, signature.pk)
    assert (signature.first_seen, signature.last_seen) == (long_ago, second.created)
    assert Trace.objects.filter(search="told-apart").get() == second
