"""Moving a trace between tiers beside uploads and people: what is long holds no lock."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.flows.trace_app.test_deletion import zipped
from tests.flows.trace_app.test_tiers import aged, cold, record
from tests.harness.record import BY, make_project
from trace_app.actions import blob_use, tiers
from trace_app.actions.traces import pin
from trace_app.models import EventChunk, Trace
from trace_app.storage import archives, blobs

type Now = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def warm(db: None, tmp_path: Path, now: Now) -> Trace:
    trace = aged(zipped(make_project(), tmp_path), 1)
    now(lambda: tiers.cool(trace.pk))
    return trace


@pytest.fixture
def now(django_capture_on_commit_callbacks: Any) -> Now:
    """Call something and run what it left for after the commit."""

    def call(function: Callable[[], Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return function()

    return call


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happened in which order: files kept, the lock taken."""
    happened: list[str] = []
    hold, put_file = blob_use.hold, blobs.put_file

    def held() -> None:
        happened.append("lock")
        hold()

    def put(path: Path) -> str:
        happened.append("file")
        return put_file(path)

    monkeypatch.setattr(blob_use, "hold", held)
    monkeypatch.setattr(blobs, "put_file", put)
    return happened


def test_files_are_written_before_the_lock(warm: Trace, now: Now, order: list[str]) -> None:
    before = record(warm)
    assert now(lambda: tiers.freeze(warm.pk))
    assert order == ["file", "lock"]
    order.clear()
    assert now(lambda: tiers.thaw(str(warm.pk)))
    assert order.count("lock") == 1
    assert order[-1] == "lock"
    assert record(Trace.objects.get(pk=warm.pk)) == before


def change_chunk(trace: Trace) -> None:
    chunk = EventChunk.objects.filter(trace=trace).order_by("pk").first()
    assert chunk is not None
    chunk.save()


def make_cold(trace: Trace) -> None:
    Trace.objects.filter(pk=trace.pk).update(tier="cold")


@pytest.mark.parametrize("meanwhile", [lambda t: pin(by=BY, trace=t), change_chunk, make_cold])
def test_what_changed_meanwhile_is_not_frozen(
    warm: Trace, now: Now, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Trace], None]
) -> None:
    written: list[str] = []
    put_file = blobs.put_file

    def put(path: Path) -> str:
        written.append(put_file(path))
        meanwhile(warm)
        return written[-1]

    used = set(warm.trace_blobs.values_list("blob_id", flat=True))
    monkeypatch.setattr(blobs, "put_file", put)
    assert now(lambda: tiers.freeze(warm.pk)) is None
    assert not blobs.exists(written[0])
    assert EventChunk.objects.filter(trace=warm).exists()
    assert set(warm.trace_blobs.values_list("blob_id", flat=True)) == used
    assert all(map(blobs.exists, used))


def test_an_archive_that_went_before_the_lock_replaces_nothing(
    warm: Trace, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = blob_use.hold
    put_file, written = blobs.put_file, []

    def put(path: Path) -> str:
        written.append(put_file(path))
        return written[-1]

    def held() -> None:
        blobs.delete(written[0])
        hold()

    monkeypatch.setattr(blobs, "put_file", put)
    monkeypatch.setattr(blob_use, "hold", held)
    assert now(lambda: tiers.freeze(warm.pk)) is None
    warm.refresh_from_db()
    assert warm.tier == "warm"
    assert EventChunk.objects.filter(trace=warm).exists()


def test_files_that_went_before_the_lock_are_brought_again(
    warm: Trace, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = record(warm)
    cold(warm, now)
    hold = blob_use.hold
    with archives.open_archive(warm.trace_blobs.get().blob_id, warm) as reader:
        names = {entry.sha256 for entry in reader.contents.blobs}

    def held() -> None:
        for sha256 in names:
            blobs.delete(sha256)
        hold()

    monkeypatch.setattr(blob_use, "hold", held)
    assert now(lambda: tiers.thaw(str(warm.pk)))
    assert names
    assert all(map(blobs.exists, names))
    assert record(Trace.objects.get(pk=warm.pk)) == before
