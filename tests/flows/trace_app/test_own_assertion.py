"""A test whose own assertion fails, in no step of its browser: the page still leads to it."""

import json
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.harness.record import BY, PLAYWRIGHT, make_project
from trace_app.actions.ingest import ingest_bundle
from trace_app.actions.processing import process
from trace_app.actions.teams import set_role
from trace_app.domain.roles import Role
from trace_app.models import Trace
from trace_app.queries.events import get_event
from trace_app.queries.moments import exact, frame_at, opening, snapshot_at

SAID = "AssertionError: assert '9000' == '900'"
RUN = {
    "status": "failed",
    "test": {"id": "test_shop.py::test_pay[chromium]"},
    "duration_ms": 5000,
    "error": {"message": f"{SAID}\n  - 900", "stack": 'File "test_shop.py", line 3'},
}


def ingested(path: Path, run: dict[str, object], zipped: bytes = b"") -> Trace:
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("run.json", json.dumps(run))
        if zipped:
            out.writestr("playwright.zip", zipped)
    trace = ingest_bundle(by=BY, project=make_project(), path=path)
    process(str(trace.pk))
    return Trace.objects.get(pk=trace.pk)


@pytest.fixture
def passing(db: None) -> bytes:
    return (PLAYWRIGHT / "py-pass.trace.zip").read_bytes()


def shown(client: Client, trace: Trace) -> str:
    person = User.objects.create_user("vera")
    set_role(by=BY, team=trace.project.team, user=person, role=Role.VIEWER)
    client.force_login(person)
    return client.get(f"/traces/{trace.short_id}").content.decode()


def test_the_page_opens_at_the_assertion(client: Client, passing: bytes, tmp_path: Path) -> None:
    trace = ingested(tmp_path / "run.zip", RUN, passing)
    assert (trace.failing_step, trace.error_line) == (None, SAID)
    said = get_event(trace, trace.failing_seq or 0)
    assert said is not None
    assert said.data["text"].startswith(SAID)
    moment = exact(trace, opening(trace, None))
    last = trace.steps.last()
    assert last is not None
    assert (moment.number, moment.seq, moment.ts) == (last.number, said.seq, said.ts)
    assert frame_at(trace, moment)
    assert snapshot_at(trace, moment)
    summary = trace.summary
    assert (summary["failing_step"], summary["failing_seq"]) == (None, said.seq)
    assert summary["error"] == SAID
    page = shown(client, trace)
    assert "Nothing failed here" not in page
    assert f'data-seq="{said.seq}">seq:{said.seq}</a></li></ol>' in page
    assert opening(trace, "1").number == 1


def test_also_where_there_are_no_steps(client: Client, db: None, tmp_path: Path) -> None:
    trace = ingested(tmp_path / "run.zip", RUN)
    moment = exact(trace, opening(trace, None))
    assert (moment.step, moment.seq, moment.ts) == (None, trace.failing_seq, 5000)
    assert "Nothing failed here" not in shown(client, trace)


def test_a_run_that_ended_badly_without_a_word_is_not_said_to_be_fine(
    client: Client, passing: bytes, tmp_path: Path
) -> None:
    trace = ingested(tmp_path / "run.zip", {"status": "aborted"}, passing)
    page = shown(client, trace)
    assert "Nothing failed here" not in page
    assert "ended as aborted" in page


def test_a_recording_without_requests_says_that_there_were_none(db: None, tmp_path: Path) -> None:
    """Playwright records network and console always: an empty lane is no missing one."""
    quiet = (
        b'{"version":8,"type":"context-options","browserName":"chromium","options":{},'
        b'"platform":"linux","wallTime":1,"monotonicTime":1,"sdkLanguage":"python"}'
    )
    path = tmp_path / "quiet.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("trace.trace", quiet)
    recorded = ingested(tmp_path / "run.zip", {"status": "passed"}, path.read_bytes())
    held = recorded.summary["availability"]
    assert (held["network"], held["console"], held["dom"]) == (
        "captured",
        "captured",
        "not_captured",
    )
