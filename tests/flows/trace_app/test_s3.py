"""Blobs and capsules in S3, by settings alone: kept, read by range, deleted. moto plays S3."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer

from tests.flows.trace_app.test_ingest import make_bundle
from tests.harness.record import BY, FAILED_ZIP, make_project
from trace_app.actions import deletion
from trace_app.actions.ingest import ingest_bundle, ingest_zip
from trace_app.models import Blob, Project, Trace
from trace_app.project import environment
from trace_app.storage import blobs, capsules, packages


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty bucket that the product's settings name."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "TRACE_S3_BUCKET": "record",
        "TRACE_S3_ENDPOINT": s3_server,
        "TRACE_S3_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = {
        **settings.STORAGES,
        "blobs": environment.file_storage(Path("blobs")),
        "capsules": environment.file_storage(Path("capsules")),
    }
    made = storages["blobs"].bucket  # type: ignore[attr-defined]
    made.create()
    # The same zip may have been opened in a directory by an earlier test.
    packages._archive.cache_clear()
    yield made
    packages._archive.cache_clear()
    made.objects.all().delete()
    made.delete()


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


def keys(bucket: Any) -> set[str]:
    return {item.key for item in bucket.objects.all()}


def test_a_member_is_read_by_its_range(bucket: Any, project: Project) -> None:
    trace = ingest_zip(by=BY, project=project, path=FAILED_ZIP)
    sha256 = trace.playwright_zip
    assert keys(bucket) == {f"trace/blobs/{sha256[:2]}/{sha256[2:4]}/{sha256}"}
    asked: list[str] = []
    client = storages["blobs"].connection.meta.client  # type: ignore[attr-defined]
    client.meta.events.register(
        "before-parameter-build.s3.GetObject", lambda params, **_: asked.append(params["Range"])
    )
    name = next(name for name in packages.member_names(sha256) if name.endswith(".jpeg"))
    picture = packages.read_member(sha256, name, 10**7)
    assert picture is not None
    assert picture.startswith(b"\xff\xd8")
    size = Blob.objects.get(pk=sha256).size
    spans = [range_.removeprefix("bytes=").split("-") for range_ in asked]
    assert 0 < sum(int(last) - int(first) + 1 for first, last in spans) < size
    with blobs.open_blob(sha256) as whole:
        assert whole.read(4) == b"PK\x03\x04"
        whole.seek(-2, 2)
        assert len(whole.read()) == 2
        assert whole.read() == b""
        whole.seek(0)
        assert len(whole.read()) == size
    with pytest.raises(FileNotFoundError):
        blobs.open_blob("0" * 64)


def test_the_capsule_lies_there_encrypted(bucket: Any, project: Project, tmp_path: Path) -> None:
    trace = ingest_bundle(by=BY, project=project, path=make_bundle(tmp_path / "b.zip"))
    key = f"trace/capsules/{trace.pk}.capsule"
    assert key in keys(bucket)
    assert b"before" not in bucket.Object(key).get()["Body"].read()
    assert capsules.load(trace) == {"version": 1, "before": {}}
    assert capsules.load(Trace(project=project)) is None


def test_a_deleted_trace_leaves_nothing_in_the_bucket(
    bucket: Any, project: Project, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    zipped = ingest_zip(by=BY, project=project, path=FAILED_ZIP)
    bundled = ingest_bundle(by=BY, project=project, path=make_bundle(tmp_path / "b.zip"))
    assert len(keys(bucket)) == 2
    with django_capture_on_commit_callbacks(execute=True):
        for trace in (zipped, bundled):
            deletion.delete_trace(by=BY, trace=trace)
    assert keys(bucket) == set()


def test_without_a_bucket_files_lie_in_directories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACE_S3_BUCKET", raising=False)
    made: dict[str, Any] = environment.file_storage(Path("/data/blobs"))
    assert made["BACKEND"] == "django.core.files.storage.FileSystemStorage"
    assert made["OPTIONS"]["location"] == Path("/data/blobs")
