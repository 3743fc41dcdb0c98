"""Deleting traces, projects and teams: rows, files and capsules go, shared files stay."""

import json
import logging
import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from tests.flows.trace_app.test_ingest import make_bundle
from tests.harness.live import wait_for
from tests.harness.record import BY, FAILED_ZIP, make_project
from trace_app.actions import blob_use, deletion, projects, teams
from trace_app.actions.blob_use import hold, remove_unused
from trace_app.actions.ingest import ingest_bundle, ingest_zip
from trace_app.domain.bundle import sha256_hex
from trace_app.domain.contents import held
from trace_app.domain.roles import Role
from trace_app.models import AuditEntry, Blob, EventChunk, Project, Team, Trace, TraceBlob
from trace_app.project.environment import file_storage
from trace_app.queries.disk import project_use, team_use
from trace_app.storage import blobs, capsules

type Committing = Callable[..., Any]


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Committing:
    """Call a function and run what it left for after the commit."""

    def call(function: Callable[..., Any], **arguments: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return function(by=BY, **arguments)

    return call


def zipped(project: Project, folder: Path, tag: bytes = b"") -> Trace:
    """The recorded zip; a tag makes an upload of its own that is stored as the same content."""
    path = Path(shutil.copy(FAILED_ZIP, folder / f"{project.slug}-{len(tag)}.zip"))
    with path.open("r+b") as file:
        # A zip's comment stands at its very end and is no content.
        file.seek(-2, 2)
        file.write(len(tag).to_bytes(2, "little") + tag)
    return ingest_zip(by=BY, project=project, path=path)


def test_a_trace_goes_with_its_replays_files_and_capsule(
    project: Project, tmp_path: Path, committed: Committing
) -> None:
    trace = ingest_bundle(by=BY, project=project, path=make_bundle(tmp_path / "b.zip"))
    child = zipped(project, tmp_path)
    child.parent = trace
    child.save()
    used = [row.blob_id for row in TraceBlob.objects.all()]
    chunk_bytes = sum(len(bytes(chunk.body)) for chunk in EventChunk.objects.all())
    assert used
    assert capsules.has(trace)
    blob_bytes = sum(blob.size for blob in Blob.objects.all())

    gone = committed(deletion.delete_trace, trace=trace)

    assert (gone.traces, gone.blobs, gone.capsules) == (2, len(set(used)), 1)
    assert (gone.blob_bytes, gone.chunk_bytes) == (blob_bytes, chunk_bytes)
    assert gone.sealed_bytes == trace.sealed_bytes > 0
    assert not Trace.objects.exists()
    assert not EventChunk.objects.exists()
    assert not Blob.objects.exists()
    assert not any(blobs.exists(sha256) for sha256 in used)
    assert not capsules.has(trace)
    entry = AuditEntry.objects.get(action="trace.deleted")
    assert (entry.target, entry.system) == (trace.short_id, "ci")
    assert entry.details["events"] == gone.events > 9
    assert entry.details["rows"]["trace_app.Trace"] == 2
    json.dumps(entry.details)


def test_a_file_that_another_trace_uses_stays(
    project: Project, tmp_path: Path, committed: Committing
) -> None:
    first, second = zipped(project, tmp_path), zipped(project, tmp_path, b"again")
    assert first.playwright_zip == second.playwright_zip
    assert first.pk != second.pk
    gone = committed(deletion.delete_trace, trace=first)
    assert (gone.blobs, gone.blob_bytes) == (0, 0)
    assert blobs.exists(second.playwright_zip)
    assert committed(deletion.delete_trace, trace=second).blobs == 1
    assert not blobs.exists(second.playwright_zip)


def test_a_project_goes_and_the_other_one_stays(
    project: Project, tmp_path: Path, committed: Committing
) -> None:
    other = projects.create_project(by=BY, team=project.team, slug="web", name="Web", repo="")
    mine, theirs = zipped(project, tmp_path), zipped(other, tmp_path)
    gone = committed(deletion.delete_project, project=project)
    assert (gone.traces, gone.blobs) == (1, 0)
    assert list(Trace.objects.all()) == [theirs]
    assert blobs.exists(mine.playwright_zip)
    details = AuditEntry.objects.get(action="project.deleted", target="shop").details
    assert details["rows"]["trace_app.Project"] == 1


def test_a_team_goes_with_its_roles_and_says_so_in_the_log(
    project: Project, tmp_path: Path, committed: Committing, caplog: pytest.LogCaptureFixture
) -> None:
    trace = zipped(project, tmp_path)
    person = User.objects.create_user("olivia")
    teams.set_role(by=BY, team=project.team, user=person, role=Role.OWNER)
    other = make_project("web", "other")
    with caplog.at_level(logging.INFO, "trace_app.actions.deletion"):
        committed(deletion.delete_team, team=project.team)
    assert list(Team.objects.all()) == [other.team]
    assert Group.objects.count() == 3
    assert User.objects.filter(pk=person.pk).exists()
    assert not blobs.exists(trace.playwright_zip)
    line = caplog.messages[-1]
    assert line.startswith("team.deleted acme by ci: ")
    assert "'traces': 1" in line


def test_what_a_killed_deletion_left_is_swept(project: Project, tmp_path: Path) -> None:
    trace = zipped(project, tmp_path)
    kept = trace.playwright_zip
    assert remove_unused([kept]) == 0
    # The rows' transaction has committed, and the process ended before the files went.
    trace.delete()
    assert blobs.exists(kept)
    assert deletion.sweep_blobs() == 1
    assert not blobs.exists(kept)
    assert deletion.sweep_blobs() == 0


def test_what_a_killed_upload_left_is_swept_after_a_day(
    project: Project, tmp_path: Path, settings: Settings
) -> None:
    # A store of its own: in the suite's one lie the files of another database, too.
    settings.STORAGES = settings.STORAGES | {"blobs": file_storage(tmp_path / "blobs")}
    trace = zipped(project, tmp_path)
    content = b"a file whose upload was killed before its row was written"
    left = sha256_hex(content)
    blobs.put(left, held(content))
    now = blobs.written(left)

    def swept(after: timedelta) -> int:
        """Every part of the store has had its hour by then."""
        hours = (now + after + timedelta(hours=hour) for hour in range(256))
        return sum(map(deletion.sweep_files, hours))

    # The part's hour before: the file is not a day old then.
    in_time = now - timedelta(hours=(int(now.timestamp()) // 3600 - int(left[:2], 16)) % 256)
    assert deletion.sweep_files(in_time) == 0
    assert blobs.exists(left)
    assert swept(timedelta(days=2)) == 1
    assert not blobs.exists(left)
    assert blobs.exists(trace.playwright_zip)


def test_half_a_file_is_not_taken_for_the_content() -> None:
    content = b"a picture" * 1000
    sha256 = sha256_hex(content)
    blobs.put(sha256, held(content))
    blobs.delete(sha256)
    # What a process leaves that is killed while it writes.
    storages["blobs"].save(f"{sha256[:2]}/{sha256[2:4]}/{sha256}", ContentFile(content[:500]))
    blobs.put(sha256, held(content))
    assert blobs.open_blob(sha256).read() == content
    blobs.delete(sha256)


@pytest.mark.django_db(transaction=True)
def test_a_file_stays_while_an_upload_counts_on_it(tmp_path: Path) -> None:
    project = make_project()
    trace = zipped(project, tmp_path)
    kept = trace.playwright_zip
    trace.delete()
    removed: list[int] = []

    def remove() -> None:
        removed.append(remove_unused([kept]))
        connection.close()

    remover = threading.Thread(target=remove)
    with transaction.atomic():
        hold()
        remover.start()
        wait_for("the removal to wait", waiting_for_the_lock, seconds=20)
        assert blobs.exists(kept)
        zipped(project, tmp_path, b"again")
    remover.join(timeout=20)
    assert removed == [0]
    assert blobs.exists(kept)


def test_many_files_go_a_few_at_a_time(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number:064x}" for number in range(50)]
    Blob.objects.bulk_create(Blob(sha256=name, size=1) for name in names)
    left: list[int] = []
    alone = blob_use._alone

    def counted() -> None:
        alone()
        left.append(Blob.objects.filter(sha256__in=names).count())

    monkeypatch.setattr(blob_use, "_alone", counted)
    assert remove_unused(names) == 50
    # Uploads get their turn in between: the lock is another one each time.
    assert left == [50, 30, 10]


def waiting_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone() is not None


def test_disk_use_counts_a_shared_file_once(project: Project, tmp_path: Path) -> None:
    other = projects.create_project(by=BY, team=project.team, slug="web", name="Web", repo="")
    trace = zipped(project, tmp_path)
    zipped(other, tmp_path)
    size = Blob.objects.get(sha256=trace.playwright_zip).size
    chunks = sum(len(bytes(chunk.body)) for chunk in EventChunk.objects.filter(trace=trace))
    assert (project_use(project).blobs, project_use(project).chunks) == (size, chunks)
    use = team_use(project.team)
    assert (use.traces, use.blobs, use.chunks) == (2, size, 2 * chunks)
    assert use.total == size + 2 * chunks
    assert team_use(make_project("blank", "empty").team).total == 0


@pytest.mark.parametrize("kind", ["project", "team"])
def test_the_name_must_be_typed(project: Project, client: Client, kind: str) -> None:
    owner = User.objects.create_user("olivia")
    teams.set_role(by=BY, team=project.team, user=owner, role=Role.OWNER)
    client.force_login(owner)
    name, slug = ("Shop", "shop") if kind == "project" else ("Acme", "acme")
    url = reverse(f"trace_app:{kind}_delete", args=[slug])
    assert f"Type <b>{name}</b> to confirm" in client.get(url).text
    wrong = client.post(url, {"name": name.lower()})
    assert wrong.status_code == 422
    assert f"Type {name} exactly" in wrong.text
    assert Project.objects.filter(slug="shop").exists()
    assert client.post(url, {"name": name}).status_code == 302
    assert not Project.objects.filter(slug="shop").exists()
    assert Team.objects.filter(slug="acme").exists() == (kind == "project")


def test_the_api_deletes_for_an_owner_and_for_no_key(
    project: Project, client: Client, tmp_path: Path
) -> None:
    trace = zipped(project, tmp_path)
    owner = User.objects.create_user("olivia")
    teams.set_role(by=BY, team=project.team, user=owner, role=Role.OWNER)
    key = projects.create_api_key(by=BY, team=project.team, name="x", scopes=["read", "operate"])
    url = reverse("trace_api:trace", args=[trace.short_id])
    answer = client.delete(url, headers={"Authorization": f"Bearer {key.secret}"})
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
    client.force_login(owner)
    assert client.delete(url).status_code == 204
    assert client.delete(url).status_code == 404
    assert AuditEntry.objects.get(action="trace.deleted").actor == owner
