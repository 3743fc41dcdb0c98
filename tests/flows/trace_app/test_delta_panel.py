"""The Delta panel on a recorded run."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.harness.shop_run import write_shop_run
from trace_app.actions import projects, teams
from trace_app.actions.ingest import ingest_bundle
from trace_app.actions.processing import process
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.models import Trace
from trace_app.queries.events import events

pytestmark = pytest.mark.django_db
SEED = System("test")


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    team = teams.create_team(by=SEED, slug="acme", name="Acme")
    project = projects.create_project(by=SEED, team=team, slug="shop", name="Shop", repo="/none")
    made = ingest_bundle(by=SEED, project=project, path=write_shop_run(tmp_path / "run.zip"))
    process(str(made.pk))
    made.refresh_from_db()
    return made


@pytest.fixture
def reader(client: Client, trace: Trace) -> Client:
    user = User.objects.create_user("vera")
    teams.set_role(by=SEED, team=trace.project.team, user=user, role=Role.VIEWER)
    client.force_login(user)
    return client


def panel(reader: Client, trace: Trace, query: str) -> str:
    answer = reader.get(f"/traces/{trace.short_id}/panels/delta{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def last_state(trace: Trace) -> int:
    """The clones are looked at once the step has ended: the state stands behind its last event."""
    return max(event.seq for event in events(trace, kinds=["clone.state"]))


def test_from_the_step_before_to_the_failure(reader: Client, trace: Trace) -> None:
    steps = {step.number: step for step in trace.steps.all()}
    html = panel(reader, trace, f"?a={steps[6].seq_last}&b={last_state(trace)}")
    assert "/api/stripe/webhook" in html
    assert "404" in html
    assert "Stripe clone" in html
    assert "payment_intents[0]" in html
    assert f'value="{steps[6].seq_last}"' in html


@pytest.mark.parametrize("query", ["", "?a=1", "?a=x&b=2", "?a=1&b=99999999", "?a=1&b=" + "9" * 40])
def test_without_two_events_it_says_how_to_set_them(
    reader: Client, trace: Trace, query: str
) -> None:
    assert "Set two cursors" in panel(reader, trace, query)


def test_one_moment_has_no_delta(reader: Client, trace: Trace) -> None:
    seq = trace.failing_seq
    assert "Nothing changed between A and B" in panel(reader, trace, f"?a={seq}&b={seq}")
    page = reader.get(f"/traces/{trace.short_id}?tab=delta&a=1&b={seq}").content.decode()
    assert 'data-tab="delta"' in page
