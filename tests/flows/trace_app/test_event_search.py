"""The Events tab's query box, matched on the server with bounded work."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.harness.shop_run import write_shop_run
from trace_app.actions import projects, teams
from trace_app.actions.ingest import ingest_bundle
from trace_app.actions.processing import process
from trace_app.domain.event_query import parse_query
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.models import Trace
from trace_app.queries.event_search import search

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


def panel(client: Client, trace: Trace, **query: str) -> str:
    user = User.objects.create_user("vera")
    teams.set_role(by=SEED, team=trace.project.team, user=user, role=Role.VIEWER)
    client.force_login(user)
    answer = client.get(f"/traces/{trace.short_id}/panels/events", query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_failed_webhook_is_found_from_any_step(client: Client, trace: Trace) -> None:
    html = panel(client, trace, step="2", q="agent:404 step:7 clone:stripe payment_intent")
    assert 1 <= len(re.findall("data-row-seq", html)) <= 2
    assert "clone.webhook" in html
    assert "404" in html
    assert "data-follows" not in html


def test_a_word_that_means_nothing_is_told_and_escaped(client: Client, trace: Trace) -> None:
    html = panel(client, trace, q='nett:"><script>1 level:error')
    assert "nett: is no field" in html
    assert "<script>" not in html


def test_nothing_found_says_what_to_try(client: Client, trace: Trace) -> None:
    assert "Nothing found" in panel(client, trace, q="no-such-word-anywhere")


def test_a_long_trace_is_searched_in_turns_and_none_is_lost(trace: Trace) -> None:
    query = parse_query("level:error")
    whole = search(trace, query, None, limit=1000)
    assert whole.next_from is None
    seqs: list[int] = []
    start: int | None = 0
    turns = 0
    while start is not None:
        found = search(trace, query, None, seq_from=start, limit=2, read_at_most=10)
        seqs += [event.seq for event in found.events]
        start = found.next_from
        turns += 1
    assert seqs == [event.seq for event in whole.events]
    assert turns > 2
