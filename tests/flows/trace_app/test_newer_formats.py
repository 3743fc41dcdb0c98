"""A Playwright format that is too new: kept whole and sealed, said clearly, read after an update."""

import json
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from tests.harness.record import BY, FAILED_ZIP, make_project
from trace_app.actions import ingest, unread
from trace_app.actions.deletion import delete_trace
from trace_app.actions.ingest import ingest_bundle, ingest_zip
from trace_app.actions.processing import process
from trace_app.actions.projects import create_api_key
from trace_app.actions.teams import set_role
from trace_app.actions.traces import pin
from trace_app.domain.playwright import reader
from trace_app.domain.roles import Role
from trace_app.models import EventChunk, Project, Trace
from trace_app.queries.events import events

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The failed recording as a Playwright to come would write it."""
    path = tmp_path / "newer.zip"
    with zipfile.ZipFile(FAILED_ZIP) as source, zipfile.ZipFile(path, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            if name == "trace.trace":
                content = content.replace(b'"version":10,', b'"version":11,', 1)
            made.writestr(name, content)
    return path


def test_it_is_answered_with_a_notice_and_shown(
    client: Client, project: Project, newer: Path
) -> None:
    key = create_api_key(by=BY, team=project.team, name="ci", scopes=["ingest"]).secret
    headers = {"Authorization": f"Bearer {key}"}
    body = newer.read_bytes()
    for status in (201, 200):
        sent = client.post(
            "/v1/traces/ingest", body, content_type="application/zip", headers=headers
        )
        assert sent.status_code == status
        assert "format 11 is newer than this Trace reads" in sent.json()["notice"]
    trace = Trace.objects.get()
    assert process(str(trace.pk))
    trace.refresh_from_db()
    assert (trace.status, trace.event_count, trace.title) == ("error", 0, "shop fail")
    assert set(trace.summary["availability"].values()) == {"unread"}
    vera = User.objects.create_user("vera")
    set_role(by=BY, team=project.team, user=vera, role=Role.VIEWER)
    client.force_login(vera)
    assert "format 11 is newer" in client.get(f"/traces/{trace.short_id}").content.decode()


def test_it_is_kept_sealed_and_goes_with_its_trace(
    project: Project,
    newer: Path,
    var_dir: Path,
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    trace = ingest_zip(by=BY, project=project, path=newer)
    sealed = var_dir / "capsules" / f"{trace.pk}.unread"
    assert trace.sealed_bytes == sealed.stat().st_size > newer.stat().st_size
    assert b"context-options" not in sealed.read_bytes()
    assert not trace.playwright_zip
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        delete_trace(by=BY, trace=trace)
    assert not sealed.exists()


def test_a_bundle_keeps_what_its_run_says(project: Project, newer: Path, tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    run = {"status": "failed", "branch": "topic", "error": {"message": "9000 is not 900\nmore"}}
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("run.json", json.dumps(run))
        made.write(newer, "playwright.zip")
    trace = ingest_bundle(by=BY, project=project, path=path)
    assert (trace.status, trace.branch, trace.error_line) == ("failed", "topic", "9000 is not 900")


def test_after_an_update_the_same_row_is_read(
    project: Project,
    newer: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    trace = ingest_zip(by=BY, project=project, path=newer)
    pin(by=BY, trace=trace)
    call_command("read_kept")
    assert "0 read, 1 still of a newer format." in capsys.readouterr().out
    for module in (reader, ingest, unread):
        monkeypatch.setattr(module, "NEWEST_FORMAT", 11)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        call_command("read_kept")
    said = capsys.readouterr().out
    assert f"/traces/{trace.short_id}" in said
    assert "1 read, 0 still of a newer format." in said
    read = Trace.objects.get()
    assert (read.pk, read.short_id, read.created) == (trace.pk, trace.short_id, trace.created)
    assert (read.status, read.pinned is not None) == ("failed", True)
    assert (trace.sealed_bytes > 0, read.sealed_bytes) == (True, 0)
    whole = list(events(read))
    assert [event.seq for event in whole] == list(range(1, len(whole) + 1))
    assert len(whole) > 150
    assert process(str(read.pk))
    read.refresh_from_db()
    assert read.signature is not None
    assert read.signature.slug == "webhook-404"
    call_command("read_kept")
    assert "0 read, 0 still" in capsys.readouterr().out
    assert EventChunk.objects.filter(trace=read).count() > 0
