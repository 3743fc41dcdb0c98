"""The names of scenarios that the list offers: kept with the first trace, gone with the last."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from tests.harness.record import BY, make_project, webhook_run
from trace_app.actions import deletion, projects
from trace_app.actions.append import append, finish, open_trace
from trace_app.actions.ingest import ingest_bundle
from trace_app.actions.processing import process
from trace_app.domain.bundle import RunInfo, ScenarioRef
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.open_run import OpenRun
from trace_app.domain.states import TraceStatus
from trace_app.models import Project, ScenarioName, Team, Trace
from trace_app.queries.list_choices import choices

SECRET = "correct-horse-7"


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


def scenarios(teams: list[Team]) -> list[str]:
    """What the list of someone who may see these teams offers."""
    return choices(User(pk=1), teams).scenarios


def sent(project: Project, folder: Path, slug: str, title: str = "") -> Trace:
    """A small run, which is digested and stored by one statement."""
    path = folder / f"{slug}{title}.zip"
    with path.open("wb") as out:
        run = RunInfo(status="failed", title=title, scenario=ScenarioRef(slug=slug))
        write_bundle(out, run=run, events=webhook_run())
    return ingest_bundle(by=BY, project=project, path=path)


def live(project: Project, slug: str) -> Trace:
    """A run that arrives in batches, the first of which types a password; a worker digests it."""
    trace = open_trace(by=BY, project=project, run=OpenRun(scenario=ScenarioRef(slug=slug)))
    typed = {"verb": "fill", "target": 'field "Password"', "value": SECRET}
    event = Event(seq=1, ts=1, kind="agent.action", data=typed)
    append(by=BY, trace=trace, body=encode_ndjson([event]))
    finish(by=BY, trace=trace, status=TraceStatus.PASSED)
    process(str(trace.pk))
    return trace


def test_a_name_is_kept_once_whichever_way_the_trace_came(project: Project, tmp_path: Path) -> None:
    assert scenarios([project.team]) == []
    sent(project, tmp_path, "refund")
    sent(project, tmp_path, "refund", "again")
    live(project, "checkout")
    live(project, "refund")
    sent(project, tmp_path, "")
    assert scenarios([project.team]) == ["checkout", "refund"]
    assert ScenarioName.objects.count() == 2


def test_another_teams_names_are_not_offered(project: Project, tmp_path: Path) -> None:
    sent(project, tmp_path, "refund")
    assert scenarios([]) == []
    beside = projects.create_project(by=BY, team=project.team, slug="web", name="Web", repo="")
    sent(beside, tmp_path, "refund", "beside")
    assert scenarios([project.team]) == ["refund"]


def test_a_name_goes_with_the_last_of_its_traces(project: Project, tmp_path: Path) -> None:
    first, second = sent(project, tmp_path, "refund"), sent(project, tmp_path, "refund", "again")
    sent(project, tmp_path, "checkout")
    deletion.delete_trace(by=BY, trace=first)
    assert scenarios([project.team]) == ["checkout", "refund"]
    deletion.delete_trace(by=BY, trace=second)
    assert scenarios([project.team]) == ["checkout"]
    deletion.delete_project(by=BY, project=project)
    assert not ScenarioName.objects.exists()


def test_a_value_that_is_masked_is_in_no_name(project: Project) -> None:
    trace = live(project, f"login-{SECRET}")
    trace.refresh_from_db()
    assert scenarios([project.team]) == [trace.scenario_slug]
    assert not [name for name in ScenarioName.objects.all() if SECRET in name.slug]
