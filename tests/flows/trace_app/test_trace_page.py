"""The trace page as the server makes it: what the first byte carries, and each tab without script."""

import json
import re
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.harness.shop_run import write_shop_run
from trace_app.actions import projects, teams
from trace_app.actions.ingest import ingest_bundle
from trace_app.actions.processing import process
from trace_app.domain.bundle import RunInfo
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.events import Event
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.models import Project, Trace
from trace_app.queries.clone_panel import clone_views, clone_views_against, storage_at
from trace_app.queries.moments import exact, frame_at, opening, snapshot_at
from trace_app.queries.trace_index import index_json
from trace_app.views.panels import PANELS

pytestmark = pytest.mark.django_db
SEED = System("test")


@pytest.fixture
def project() -> Project:
    team = teams.create_team(by=SEED, slug="acme", name="Acme")
    return projects.create_project(by=SEED, team=team, slug="shop", name="Shop", repo="/none")


@pytest.fixture
def trace(project: Project, tmp_path: Path) -> Trace:
    made = ingest_bundle(by=SEED, project=project, path=write_shop_run(tmp_path / "run.zip"))
    process(str(made.pk))
    made.refresh_from_db()
    return made


@pytest.fixture
def reader(client: Client, project: Project) -> Client:
    user = User.objects.create_user("vera")
    teams.set_role(by=SEED, team=project.team, user=user, role=Role.VIEWER)
    client.force_login(user)
    return client


def page(reader: Client, trace: Trace, query: str = "") -> str:
    answer = reader.get(f"/traces/{trace.short_id}{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def embedded(html: str, name: str) -> Any:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', html, re.S)
    assert found
    return json.loads(found[1])


def test_the_page_carries_steps_ribbons_and_the_moment(reader: Client, trace: Trace) -> None:
    html = page(reader, trace)
    steps, density = embedded(html, "steps"), embedded(html, "density")
    assert [step[0] for step in steps] == list(range(1, 9))
    assert steps[6][-1] == trace.failing_seq
    assert set(density["lanes"]) == {"video", "dom", "network", "console", "agent"}
    # Differences in base 36.
    ticks = list(accumulate(int(each, 36) for each in density["ticks"]["seq"].split(",")))
    assert trace.failing_seq is not None
    assert trace.failing_seq in ticks
    assert f"step 7 · seq {trace.failing_seq}" in re.sub(r"\s+", " ", html)
    assert html.count("<iframe") == 1
    assert " style=" not in html
    assert "<script>" not in html
    assert " onclick" not in html
    assert len(html) < 60_000


@pytest.mark.parametrize("query", ["?step=x", "?step=99", "?step=-1", "?step=" + "9" * 40])
def test_a_step_that_is_none_opens_at_the_failure(reader: Client, trace: Trace, query: str) -> None:
    assert 'data-open-step="7"' in page(reader, trace, query)


def test_an_address_can_ask_for_nonsense(reader: Client, trace: Trace) -> None:
    html = page(reader, trace, "?tab=nope&mode=nope&ribbon=nope&from=x&against=y")
    assert 'data-tab="overview"' in html
    assert 'data-mode="dom"' in html


@pytest.mark.parametrize("name", PANELS)
def test_every_tab_stands_alone_and_in_the_page(reader: Client, trace: Trace, name: str) -> None:
    alone = reader.get(f"/traces/{trace.short_id}/panels/{name}?step=7")
    assert alone.status_code == 200
    assert "<html" not in alone.content.decode()
    page(reader, trace, f"?tab={name}&step=3")


def test_unknown_panels_are_not_found(reader: Client, trace: Trace) -> None:
    assert reader.get(f"/traces/{trace.short_id}/panels/nope").status_code == 404


def test_the_overview_names_the_parts_of_the_signature(reader: Client, trace: Trace) -> None:
    html = page(reader, trace)
    assert "webhook-404" in html
    assert "1 trace in 24 h" in html
    assert "/api/stripe/webhook → 404" in html
    assert html.count('class="cite"') >= 3


def test_clones_show_the_state_and_its_change(trace: Trace) -> None:
    [view] = clone_views(trace, 7, 6)
    assert view.state["payment_intents"][0]["amount"] == 9000
    assert {change.path for change, _, _ in view.rows} >= {"payment_intents[0]"}
    [quiet] = clone_views(trace, 3, 2)
    assert quiet.rows == ()
    assert clone_views(trace, 0, 0)[0].step == 0


def test_a_failure_is_held_against_the_last_green_run(
    reader: Client, project: Project, trace: Trace, tmp_path: Path
) -> None:
    assert "against last green" not in page(reader, trace)
    green = ingest_bundle(
        by=SEED, project=project, path=write_shop_run(tmp_path / "green.zip", fails=False)
    )
    Trace.objects.filter(pk=green.pk).update(created=trace.created - timedelta(hours=1))
    [view] = clone_views_against(trace, green, 7) or []
    rows = {change.path: (before, after) for change, before, after in view.rows}
    assert rows["payment_intents[0].amount"] == ("900", "9000")
    html = page(reader, trace)
    assert "against last green" in html
    assert "Compare with last green" in html


def test_storage_shows_the_step_and_its_change(trace: Trace) -> None:
    early, late = storage_at(trace, 1), storage_at(trace, 2)
    assert early is not None
    assert late is not None
    assert early["local"] == {}
    assert late["local"] == {"cart": '{"count":2}'}
    assert [change.path for change, _, _ in late["rows"]] == ["local.cart"]


@pytest.mark.parametrize("odd", [None, 7, "x", [1, "x", {}], {"a": 1}])
def test_storage_in_another_form_is_shown_as_none(
    reader: Client, project: Project, tmp_path: Path, odd: object
) -> None:
    kept: dict[str, Any] = {"cookies": odd, "local": odd, "session": odd}
    held = [Event(seq=n, ts=n, kind="storage.state", step=1, data=kept) for n in (1, 2)]
    with (tmp_path / "odd.zip").open("wb") as out:
        write_bundle(out, run=RunInfo(status="failed"), events=held)
    odd_one = ingest_bundle(by=SEED, project=project, path=tmp_path / "odd.zip")
    for name in ("storage", "events"):
        assert reader.get(f"/traces/{odd_one.short_id}/panels/{name}").status_code == 200


def test_the_moment_is_the_failure_and_its_pictures(trace: Trace) -> None:
    moment = exact(trace, opening(trace, None))
    assert (moment.number, moment.seq) == (7, trace.failing_seq)
    picture, shot = frame_at(trace, moment), snapshot_at(trace, moment)
    assert picture is not None
    assert picture.ts <= moment.ts
    assert shot is not None
    assert shot.data["main"]
    unrun = opening(trace, "8")
    assert (unrun.number, unrun.seq) == (8, None)


def test_the_index_lists_every_event_once(trace: Trace) -> None:
    index = index_json(trace)
    seqs, total = [], 0
    for difference in index["seq"]:
        total += difference
        seqs.append(total)
    assert sorted(seqs) == list(range(1, trace.event_count + 1))
    assert len(index["level"]) == len(index["kind"]) == len(index["ts"]) == trace.event_count
    assert index["level"].count("2") == trace.error_count
    assert str(trace.failing_seq) in index["titles"]
    assert any("Pay now" in label for _, _, label, _ in index["snapshots"])
    assert any(length < 0 for _, length in index["dur"])


def test_the_number_of_queries_is_bounded(
    reader: Client, trace: Trace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page(reader, trace)
    with django_assert_max_num_queries(24):
        page(reader, trace)
    with django_assert_max_num_queries(8):
        reader.get(f"/traces/{trace.short_id}/panels/network")


def test_a_running_trace_asks_again_until_it_ends(reader: Client, trace: Trace) -> None:
    Trace.objects.filter(pk=trace.pk).update(status="running")
    html = page(reader, trace)
    assert f'hx-get="/traces/{trace.short_id}/live"' in html
    assert "hx-get" in reader.get(f"/traces/{trace.short_id}/live").content.decode()
    assert "hx-get" in reader.get(f"/traces/{trace.short_id}/row").content.decode()
    Trace.objects.filter(pk=trace.pk).update(status="failed")
    assert reader.get(f"/traces/{trace.short_id}/live").headers["HX-Refresh"] == "true"


def test_an_empty_trace_has_a_page(reader: Client, project: Project) -> None:
    trace = Trace.objects.create(
        project=project, title="", status="queued", source="manual", origin="append"
    )
    html = page(reader, trace)
    assert "No step has begun yet" in html
    assert "No DOM snapshot was captured here" in html
    for name in PANELS:
        page(reader, trace, f"?tab={name}")
    assert index_json(trace)["seq"] == []


def test_the_short_link_leads_to_the_trace(reader: Client, trace: Trace) -> None:
    answer = reader.get(f"/r/{trace.short_id}")
    assert answer.headers["Location"] == f"/traces/{trace.short_id}"
    assert page(reader, trace)
    assert reader.get(f"/traces/{trace.pk}").status_code == 200
