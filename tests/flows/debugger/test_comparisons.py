"""A comparison is read once while both traces are as they were, and never shown without the right."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from debugger.queries import comparisons
from debugger.queries.comparisons import compare
from tests.flows.debugger.broken_shop import SEED, BrokenShop
from tests.harness.record import make_project
from tests.harness.talkative import talkative
from trace_app.actions.append import append, open_trace
from trace_app.actions.deletion import delete_trace
from trace_app.actions.processing import process
from trace_app.domain.diff import TraceView
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.open_run import OpenRun
from trace_app.domain.roles import Role
from trace_app.domain.states import TraceColdError
from trace_app.models import EventChunk, Trace
from trace_app.queries.events import trace_view

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(tmp_path: Path) -> BrokenShop:
    made = BrokenShop(tmp_path)
    for trace in (made.green, made.failed):
        process(str(trace.pk))
        trace.refresh_from_db()
    return made


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    comparisons._kept.clear()
    yield
    comparisons._kept.clear()


def signed_in(shop: BrokenShop, role: Role | None) -> Client:
    client = Client()
    client.force_login(shop.person(role))
    return client


def test_both_traces_are_read_once(shop: BrokenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def reading(trace: Trace) -> TraceView:
        read.append(trace.short_id)
        return trace_view(trace)

    monkeypatch.setattr(comparisons, "trace_view", reading)
    client = signed_in(shop, Role.VIEWER)
    a, b = shop.green.short_id, shop.failed.short_id
    page, api = (reverse(name, args=[a, b]) for name in ("debugger:diff", "debugger_api:diff"))
    first = client.get(page).content
    assert read == [a, b]
    assert client.get(page).content.count(b"first divergence") == first.count(b"first divergence")
    assert client.get(api).json()["a"] == a
    assert read == [a, b]
    client.get(reverse("debugger:diff", args=[b, a]))
    assert read == [a, b, b, a], "which one is on the left matters"


def test_a_record_processed_again_is_read_again(shop: BrokenShop) -> None:
    first = compare(shop.green, shop.failed)
    assert compare(shop.green, shop.failed) is first
    EventChunk.objects.filter(trace=shop.failed, ribbon="network").delete()
    assert compare(shop.green, shop.failed) is first, "nothing else can change a stored event"
    later = (shop.failed.processed or shop.failed.created) + timedelta(seconds=1)
    Trace.objects.filter(pk=shop.failed.pk).update(processed=later)
    shop.failed.refresh_from_db()
    found = compare(shop.green, shop.failed)
    assert found is not first
    assert found.diff != first.diff


def test_a_run_that_goes_on_is_never_kept() -> None:
    project = make_project()
    done = talkative(project, steps=1)
    live = open_trace(by=SEED, project=project, run=OpenRun(title="A talkative run"))
    begun = Event(seq=1, ts=0, kind="run.start", data={"started_at": "2026-11-22T10:00:00Z"})
    append(by=SEED, trace=live, body=encode_ndjson([begun]))
    live.refresh_from_db()
    before = compare(done, live)
    data = {"title": "Open the abx page"}
    step = Event(seq=2, ts=1, kind="step.start", step=1, data=data)
    append(by=SEED, trace=live, body=encode_ndjson([step]))
    live.refresh_from_db()
    assert compare(done, live) is not before
    assert comparisons._kept == {}


def test_what_is_kept_opens_to_nobody_else(shop: BrokenShop) -> None:
    url = reverse("debugger:diff", args=[shop.green.short_id, shop.failed.short_id])
    assert signed_in(shop, Role.VIEWER).get(url).status_code == 200
    assert signed_in(shop, None).get(url).status_code == 404
    shop.failed.tier = "cold"
    with pytest.raises(TraceColdError):
        compare(shop.green, shop.failed)
    shop.failed.tier = "hot"
    delete_trace(by=SEED, trace=shop.failed)
    assert signed_in(shop, Role.VIEWER).get(url).status_code == 404


def test_the_ones_asked_for_longest_ago_make_room(
    shop: BrokenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparisons, "_MOST_ROWS", 1)
    first = compare(shop.green, shop.failed)
    compare(shop.failed, shop.green)
    assert len(comparisons._kept) == 1
    assert compare(shop.green, shop.failed) is not first


def test_every_difference_is_reached_page_by_page_without_script(shop: BrokenShop) -> None:
    project = shop.green.project
    a = talkative(project, steps=9)
    b = talkative(project, steps=9, per_step=90)
    client = signed_in(shop, Role.VIEWER)
    url = reverse("debugger:diff", args=[a.short_id, b.short_id])
    seen: list[str] = []
    html = client.get(url).content.decode()
    assert "1 to 400</b> of 810" in html
    assert "400 of 810 differences on this page" in html
    assert "page=2" in html
    assert "Earlier differences" not in html
    for number in (1, 2, 3):
        html = client.get(url, {"page": number}).content.decode()
        rows = html.partition('id="console"')[2]
        seen += [line.partition("</ins>")[0] for line in rows.split("<ins>")[1:]]
    assert "Later differences" not in html
    assert len(seen) == len(set(seen)) == 810
