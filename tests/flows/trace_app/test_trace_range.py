"""A range selected on the ribbons narrows every tab, in the page and on its own."""

import re
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
from trace_app.domain.time_range import TimeRange
from trace_app.models import Trace
from trace_app.queries.events import events
from trace_app.queries.moments import steps_within

pytestmark = pytest.mark.django_db
SEED = System("test")
TIMES = re.compile(r'data-ts="([0-9.]+)"')


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


def panel(reader: Client, trace: Trace, name: str, query: str) -> str:
    answer = reader.get(f"/traces/{trace.short_id}/panels/{name}?{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def step_range(trace: Trace, first: int, last: int) -> TimeRange:
    steps = {step.number: step for step in trace.steps.all()}
    return TimeRange((steps[first].started_ms or 0) + 1, (steps[last].ended_ms or 0) - 1)


@pytest.mark.parametrize("name", ["events", "console"])
def test_lists_hold_what_lies_in_the_range(reader: Client, trace: Trace, name: str) -> None:
    held = step_range(trace, 4, 6)
    html = panel(reader, trace, name, f"step=7&from={held.start}&to={held.end}")
    times = [float(time) for time in TIMES.findall(html)]
    assert times
    assert all(held.start - 0.01 <= time <= held.end + 0.01 for time in times)
    assert "data-follows" not in html


def test_network_keeps_an_exchange_that_began_before(reader: Client, trace: Trace) -> None:
    answer = next(
        event for event in events(trace, kinds=["network.response"]) if (event.dur or 0) > 2
    )
    query = f"from={answer.ts - 1}&to={answer.ts + 1}"
    html = panel(reader, trace, "network", query)
    assert f'data-end-seq="{answer.seq}"' in html
    whole = panel(reader, trace, "network", "")
    assert html.count("net-item") < whole.count("net-item")


def test_states_are_those_around_the_range(reader: Client, trace: Trace) -> None:
    held = step_range(trace, 4, 6)
    assert steps_within(trace, held) == [4, 5, 6]
    query = f"step=7&from={held.start}&to={held.end}"
    html = panel(reader, trace, "clones", query)
    assert "After step 6" in html
    assert "before the range" in html
    named = panel(reader, trace, "clones", f"{query}&against=3")
    assert '<option value="3" selected>' in named
    # What is compared with, unless a step is named, is the one before the range.
    assert html.partition("</form>")[2] == named.partition("</form>")[2]
    other = panel(reader, trace, "clones", f"{query}&against=5")
    assert other.partition("</form>")[2] != named.partition("</form>")[2]
    assert "After step 6" in panel(reader, trace, "storage", query)


def test_the_overview_names_the_errors_of_the_range(reader: Client, trace: Trace) -> None:
    held = step_range(trace, 3, 4)
    html = panel(reader, trace, "overview", f"from={held.start}&to={held.end}")
    assert "Errors" not in html


def test_the_page_says_what_it_is_narrowed_to_and_how_to_undo_it(
    reader: Client, trace: Trace
) -> None:
    page = f"/traces/{trace.short_id}"
    html = reader.get(f"{page}?step=7&tab=events&from=1000&to=1500").content.decode()
    assert "1.00 s to 1.50 s" in html
    assert 'href="?step=7&amp;tab=events"' in html
    assert 'id="range" hidden' in reader.get(f"{page}?from=x&to=5").content.decode()
