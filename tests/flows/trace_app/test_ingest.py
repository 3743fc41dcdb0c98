"""Storing finished runs: zips and bundles, whole or not at all, once."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.harness.record import BY, FAILED_ZIP, make_project, webhook_run
from trace_app.actions import at_once
from trace_app.actions.ingest import IngestError, ingest_bundle, ingest_zip
from trace_app.actions.processing import process
from trace_app.domain import signature as signatures
from trace_app.domain.bundle import RunInfo, RunStep, ScenarioRef, Source, Status
from trace_app.domain.bundle_writing import write_bundle
from trace_app.models import Blob, CloneState, EventChunk, Project, Signature, Step, Trace
from trace_app.queries.events import events, get_event, trace_view
from trace_app.queries.green import last_green
from trace_app.storage import blobs, capsules, packages


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


def make_bundle(path: Path) -> Path:
    run = RunInfo(
        status="failed",
        scenario=ScenarioRef(slug="checkout", title="Checkout"),
        sha="a1b2c3d",
        branch="pr/4521",
        pr=4521,
        source="pr",
        failing_step=1,
        steps=[
            RunStep(no=1, text="click", status="failed"),
            RunStep(no=2, text="see", status="skipped"),
        ],
    )
    with path.open("wb") as out:
        capsule: dict[str, Any] = {"version": 1, "before": {}}
        write_bundle(out, run=run, events=webhook_run(), capsule=capsule)
    return path


def test_a_small_bundle_is_readable_and_digested_at_once(project: Project, tmp_path: Path) -> None:
    trace = ingest_bundle(by=BY, project=project, path=make_bundle(tmp_path / "b.zip"))
    assert [event.seq for event in events(trace)] == [1, 2, 3, 4, 5, 6, 7, 9, 12]
    view = trace_view(trace)
    assert [(step.no, step.status) for step in view.steps] == [(1, "failed"), (2, "skipped")]
    state = CloneState.objects.get(trace=trace, clone="stripe", step=1)
    assert state.state == {"payment_intents": [{"amount": 9000}]}
    assert capsules.load(trace) == {"version": 1, "before": {}}

    trace.refresh_from_db()
    assert trace.processed is not None
    assert trace.signature is not None
    assert trace.signature.slug == "webhook-404"
    assert trace.failing_seq == 6
    assert trace.summary["failing_step"] == 1
    assert trace.summary["availability"]["video"] == "not_captured"
    assert trace.index.density["ticks"][0]["seq"] == 5
    assert trace.search is not None


def test_processing_twice_changes_nothing(project: Project, tmp_path: Path) -> None:
    trace = ingest_bundle(by=BY, project=project, path=make_bundle(tmp_path / "b.zip"))
    assert not process(str(trace.pk))
    before = digested(trace)
    Trace.objects.filter(pk=trace.pk).update(processed=None)
    assert process(str(trace.pk))
    assert digested(trace) == before
    assert Signature.objects.count() == 1


def digested(trace: Trace) -> dict[str, Any]:
    made = ("summary", "signature_id", "manifest", "search", "failing_step", "failing_seq")
    rest = ("error_line", "error_count", "index__columns", "index__density")
    return dict(Trace.objects.filter(pk=trace.pk).values(*made, *rest).get())


def test_a_larger_one_waits_for_a_worker(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_once, "SMALL", 8)
    trace = ingest_bundle(by=BY, project=project, path=make_bundle(tmp_path / "b.zip"))
    assert trace.processed is None
    assert process(str(trace.pk))
    larger = digested(trace)
    trace.delete()
    monkeypatch.undo()
    trace = ingest_bundle(by=BY, project=project, path=make_bundle(tmp_path / "b.zip"))
    kept = {**digested(trace), "search": larger["search"]}
    assert kept == larger


def test_what_breaks_the_digest_refuses_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a mistake of ours")

    with monkeypatch.context() as patch:
        patch.setattr(signatures, "compute", broken)
        trace = ingest_bundle(by=BY, project=project, path=make_bundle(tmp_path / "b.zip"))
    assert trace.processed is None
    assert process(str(trace.pk))
    assert digested(trace)["summary"]["signature"]["slug"] == "webhook-404"


def test_the_same_bytes_are_one_trace(project: Project) -> None:
    one = ingest_zip(by=BY, project=project, path=FAILED_ZIP)
    two = ingest_zip(by=BY, project=project, path=FAILED_ZIP)
    assert one.pk == two.pk
    assert Trace.objects.count() == 1


def test_the_capsule_is_not_in_the_record(project: Project, tmp_path: Path, var_dir: Path) -> None:
    path = tmp_path / "b.zip"
    secret = {
        "version": 1,
        "before": {"1": {"browser": {"cookies": [{"value": "planted-capsule"}]}}},
    }
    with path.open("wb") as out:
        write_bundle(out, run=RunInfo(status="passed"), events=webhook_run(), capsule=secret)
    trace = ingest_bundle(by=BY, project=project, path=path)
    assert capsules.load(trace) == secret
    for file in var_dir.rglob("*"):
        if file.is_file():
            assert b"planted-capsule" not in file.read_bytes(), file


PLANTED = ("4242424242424242", "hunter2", "sk_test_51SECRETtoken")


@pytest.mark.parametrize("name", ["py-fail", "js-checkout-fails-on-webhook", "py-1.39.0-fail"])
def test_planted_secrets_are_nowhere_in_the_record(project: Project, name: str) -> None:
    source = FAILED_ZIP.with_name(f"{name}.trace.zip")
    original = zipfile.ZipFile(source)
    held = b"".join(original.read(member) for member in original.namelist())
    assert all(secret.encode() in held for secret in PLANTED[:2]), "the fixture lost its secrets"

    trace = ingest_zip(by=BY, project=project, path=source)
    process(str(trace.pk))
    text = json.dumps([event.to_json() for event in events(trace)])
    stored = zipfile.ZipFile(io.BytesIO(blobs.open_blob(trace.playwright_zip).read()))
    members = b"".join(stored.read(member) for member in stored.namelist())
    with connection.cursor() as cursor:
        rows = [
            str(cursor.execute(f"SELECT t::text FROM {table} t").fetchall())
            for table in ("trace_app_trace", "trace_app_step", "trace_app_notableevent")
        ]
    for secret in PLANTED:
        assert secret not in text
        assert secret.encode() not in members
        assert not any(secret in row for row in rows)
    assert len(stored.namelist()) == len(original.namelist())


def test_a_stored_zip_still_shows_its_pages(project: Project) -> None:
    trace = ingest_zip(by=BY, project=project, path=FAILED_ZIP)
    shot = next(event for event in events(trace, kinds=("dom.snapshot",)) if event.data["main"])
    shown = packages.renderer(trace.playwright_zip).render(shot.data["call_id"], shot.data["phase"])
    assert shown is not None
    assert "<html" in shown.html


def test_windows_read_what_they_name(project: Project) -> None:
    trace = ingest_zip(by=BY, project=project, path=FAILED_ZIP)
    whole = list(events(trace))
    assert [event.seq for event in whole] == list(range(1, len(whole) + 1))
    window = list(events(trace, ribbon="network", ts_from=1000, ts_to=2000))
    assert window == [e for e in whole if e.ribbon == "network" and 1000 <= e.ts <= 2000]
    assert list(events(trace, kinds=("console.message",))) == [
        e for e in whole if e.kind == "console.message"
    ]
    assert get_event(trace, 5) == whole[4]
    assert get_event(trace, 10**9) is None


def test_the_last_green_run_is_of_the_same_scenario(project: Project, tmp_path: Path) -> None:
    def run(number: int, slug: str, status: Status, source: Source) -> Trace:
        path = tmp_path / f"{number}.zip"
        info = RunInfo(
            status=status, scenario=ScenarioRef(slug=slug), source=source, title=str(number)
        )
        with path.open("wb") as out:
            write_bundle(out, run=info, events=webhook_run())
        return ingest_bundle(by=BY, project=project, path=path)

    green = run(1, "checkout", "passed", "schedule")
    run(2, "login", "passed", "schedule")
    run(3, "checkout", "passed", "replay")
    red = run(4, "checkout", "failed", "pr")
    found = last_green(red)
    assert found is not None
    assert found.pk == green.pk


def test_the_last_green_run_of_the_own_branch_comes_before_newer_ones(
    project: Project, tmp_path: Path
) -> None:
    def run(branch: str, status: Status) -> Trace:
        path = tmp_path / "run.zip"
        info = RunInfo(status=status, scenario=ScenarioRef(slug="pay"), branch=branch, title="Pay")
        with path.open("wb") as out:
            write_bundle(out, run=info, events=webhook_run())
        return ingest_bundle(by=BY, project=project, path=path)

    own, default, _other = (run(one, "passed") for one in ("own", project.default_branch, "other"))
    for branch, nearest in (("own", own), ("another", default)):
        assert last_green(run(branch, "failed")) == nearest


def broken(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


RUN = json.dumps({"status": "failed"}).encode()
MANIFEST = b'{"version":1}'


@pytest.mark.parametrize(
    ("members", "code", "member", "line"),
    [
        ({"a.txt": b"x"}, "not_a_trace", "", 0),
        ({"../run.json": RUN}, "unsafe_name", "../run.json", 0),
        ({"run.json": b"{"}, "bad_json", "run.json", 0),
        ({"run.json": b'{"status":"maybe"}'}, "bad_json", "run.json", 0),
        ({"run.json": RUN, "extra.bin": b""}, "unknown_member", "extra.bin", 0),
        (
            {"run.json": RUN, "manifest.json": b'{"version":2}'},
            "unknown_version",
            "manifest.json",
            0,
        ),
        (
            {"run.json": RUN, "manifest.json": MANIFEST, "events.ndjson": b"{}\n"},
            "bad_field",
            "events.ndjson",
            1,
        ),
        ({"run.json": RUN, "playwright.zip": b"no"}, "not_a_zip", "playwright.zip", 0),
        (
            {"run.json": RUN, "playwright.zip": zipped({"trace.trace": b"{"})},
            "not_json",
            "playwright.zip/trace.trace",
            1,
        ),
        (
            {"run.json": RUN, "playwright.zip": zipped({"../x": b""})},
            "unsafe_name",
            "playwright.zip/../x",
            0,
        ),
        (
            {
                "run.json": RUN,
                "blobs/" + "0" * 64: b"x",
                "manifest.json": MANIFEST,
                "events.ndjson": b'{"seq":1,"ts":0,"kind":"app.log","data":{}}',
            },
            "wrong_hash",
            "blobs/" + "0" * 64,
            0,
        ),
        ({"trace.trace": b"{"}, "not_json", "trace.trace", 1),
        (
            {"trace.trace": b'{"type":"context-options","version":2}'},
            "older_format",
            "trace.trace",
            1,
        ),
    ],
)
def test_a_refused_upload_names_its_place_and_leaves_nothing(
    project: Project, tmp_path: Path, members: dict[str, bytes], code: str, member: str, line: int
) -> None:
    path = broken(tmp_path / "x.zip", members)
    with pytest.raises(IngestError) as refused:
        ingest_bundle(by=BY, project=project, path=path)
    assert (refused.value.code, refused.value.member, refused.value.line) == (code, member, line)
    assert 400 <= refused.value.status < 500
    assert not Trace.objects.exists()
    assert not EventChunk.objects.exists()
    assert not Blob.objects.exists()


def test_a_test_without_a_browser_is_still_a_trace(project: Project, tmp_path: Path) -> None:
    run = {
        "status": "failed",
        "test": {"id": "tests/test_pay.py::test_total"},
        "error": {
            "message": "AssertionError: 9000 != 900",
            "stack": 'File "tests/test_pay.py", line 3, in test_total',
        },
        "output": {"stdout": "charging 9000\n", "stderr": ""},
    }
    path = broken(tmp_path / "x.zip", {"run.json": json.dumps(run).encode()})
    trace = ingest_bundle(by=BY, project=project, path=path, source="manual")
    process(str(trace.pk))
    trace.refresh_from_db()
    assert [event.kind for event in events(trace)] == ["run.start", "app.log", "app.log", "run.end"]
    assert trace.title == "tests/test_pay.py::test_total"
    assert trace.signature is not None
    assert not Step.objects.filter(trace=trace).exists()


def test_capture_can_be_switched_off(project: Project, tmp_path: Path) -> None:
    project.trace_capture = False
    project.save()
    path = make_bundle(tmp_path / "b.zip")
    with pytest.raises(IngestError) as refused:
        ingest_bundle(by=BY, project=project, path=path)
    assert (refused.value.code, refused.value.status) == ("trace_capture_off", 409)
    assert ingest_bundle(by=BY, project=project, path=path, source="replay").source == "replay"
