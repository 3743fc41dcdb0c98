"""What a recorder says of its run is masked in every field that it fills in freely."""

from pathlib import Path

import pytest

from tests.harness.record import BY, make_project, webhook_run
from trace_app.actions.ingest import ingest_bundle
from trace_app.domain.bundle import RunInfo, RunnerRef, RunStep
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.events import Event
from trace_app.models import Project


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


def test_every_field_a_recorder_fills_in_is_masked(project: Project, tmp_path: Path) -> None:
    card = "4242 4242 4242 4242"
    run = RunInfo(
        status="failed",
        title="t",
        sha=card,
        check_id=card,
        runner=RunnerRef(name=card, version=card, level=card),
        steps=[RunStep(no=1, status=card), RunStep(no=2, status="not_run")],
        ran_blobs={card: card},
    )
    path = tmp_path / "b.zip"
    with path.open("wb") as out:
        write_bundle(out, run=run, events=webhook_run())
    trace = ingest_bundle(by=BY, project=project, path=path)
    assert (trace.code_sha, trace.check_id) == ("‹masked:1›", "‹masked:1›")
    assert [trace.runner[name] for name in ("name", "version", "level")] == ["‹masked:1›"] * 3
    statuses = list(trace.steps.order_by("number").values_list("status", flat=True))
    assert statuses == ["‹masked:1›"[:10], "not_run"]


def test_a_commits_name_and_a_steps_status_stay(project: Project, tmp_path: Path) -> None:
    # Its digits would be a card's; the status is the name of a learned value.
    sha = "4242424242424242" + "a" * 24
    run = RunInfo(status="failed", sha=sha, steps=[RunStep(no=1, status="unfinished")])
    typed = {"verb": "fill", "target": 'field "Password"', "value": "unfinished"}
    more = Event(seq=13, ts=8, kind="agent.action", data=typed)
    path = tmp_path / "b.zip"
    with path.open("wb") as out:
        write_bundle(out, run=run, events=[*webhook_run(), more])
    trace = ingest_bundle(by=BY, project=project, path=path)
    assert trace.code_sha == sha
    assert trace.steps.get(number=1).status == "unfinished"
