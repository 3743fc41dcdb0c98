"""Encrypted files do not outlive what asked for them, whoever is killed when."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.flows.trace_app.test_ingest import make_bundle
from tests.harness.record import BY, make_project
from trace_app.actions import ingest, sealed_files
from trace_app.actions.ingest import ingest_bundle
from trace_app.models import Project, Trace
from trace_app.project.environment import file_storage
from trace_app.queries.sending import before
from trace_app.storage import capsules, sealed, unread

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(tmp_path: Path, settings: Settings) -> Project:
    """A project, and a store of its own: in the suite's one lie files of another database, too."""
    settings.STORAGES = settings.STORAGES | {"capsules": file_storage(tmp_path / "capsules")}
    return make_project()


def names() -> set[str]:
    return {file.name for file in sealed.kept()}


def later(**time: int) -> datetime:
    return timezone.now() + timedelta(**time)


def test_files_without_a_row_go_after_a_day(project: Project, tmp_path: Path) -> None:
    path = make_bundle(tmp_path / "b.zip")
    trace = ingest_bundle(by=BY, project=project, path=path)
    gone = Trace()
    capsules.save(gone, {})
    unread.save(gone, path)
    storages["capsules"].save("README", ContentFile(b"not ours"))
    storages["capsules"].save("other.capsule", ContentFile(b"not ours"))
    assert sealed_files.sweep(later(hours=23)) == 0
    assert sealed_files.sweep(later(hours=25)) == 2
    assert names() == {f"{trace.pk}.capsule"}
    assert set(storages["capsules"].listdir("")[1]) > {"README", "other.capsule"}
    assert sealed_files.sweep(later(hours=25)) == 0


@pytest.mark.parametrize("tier", ["warm", "cold"])
def test_a_capsule_outlives_no_hot_trace(project: Project, tmp_path: Path, tier: str) -> None:
    trace = ingest_bundle(by=BY, project=project, path=make_bundle(tmp_path / "b.zip"))
    assert sealed_files.sweep(later(days=2)) == 0
    # The row has committed, and the process ended before the file went.
    Trace.objects.filter(pk=trace.pk).update(tier=tier)
    assert sealed_files.sweep(later(days=2)) == 1
    assert not capsules.has(trace)


def test_an_upload_is_kept_while_it_is_unread_in_every_tier(
    project: Project, tmp_path: Path
) -> None:
    path = make_bundle(tmp_path / "b.zip")
    trace = ingest_bundle(by=BY, project=project, path=path)
    unread.save(trace, path)
    trace.runner["unread"], trace.tier = 99, "cold"
    trace.save()
    assert sealed_files.sweep(later(days=2)) == 1
    assert names() == {f"{trace.pk}.unread"}
    del trace.runner["unread"]
    trace.save()
    assert sealed_files.sweep(later(days=2)) == 1
    assert names() == set()


def test_an_empty_store_has_nothing_to_sweep(project: Project) -> None:
    assert sealed_files.sweep(later(days=2)) == 0


def test_the_slower_of_two_equal_uploads_leaves_no_capsule(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_bundle(tmp_path / "b.zip")
    first = ingest_bundle(by=BY, project=project, path=path)
    # At first the quicker upload has not committed.
    _, rules = before(project, "")
    monkeypatch.setattr(ingest, "before", lambda *_: (None, rules))
    assert ingest_bundle(by=BY, project=project, path=path) == first
    assert names() == {f"{first.pk}.capsule"}
