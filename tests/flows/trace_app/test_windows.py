"""Events of a long run are handed out in pages, and only the chunks needed are read."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.harness.long_log import long_log, running
from tests.harness.record import BY, make_project
from trace_app.actions import teams
from trace_app.actions.append import append
from trace_app.domain.chunks import unpack_lines
from trace_app.domain.events import Event, decode_stored, encode_ndjson
from trace_app.domain.roles import Role
from trace_app.domain.time_range import TimeRange
from trace_app.models import Trace
from trace_app.queries import event_window
from trace_app.queries.event_chunks import Window
from trace_app.queries.event_window import Rows, event_marks, event_rows
from trace_app.queries.events import events, first_events, lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def trace() -> Trace:
    return long_log(make_project(), steps=150, per_step=10, failing=90)


@pytest.fixture
def reader(client: Client, trace: Trace) -> Client:
    user = User.objects.create_user("vera")
    teams.set_role(by=BY, team=trace.project.team, user=user, role=Role.VIEWER)
    client.force_login(user)
    return client


def test_threads_share_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_window, "_read", lambda trace: Rows(trace.title, []))
    traces = [Trace(title=str(no), processed=timezone.now()) for no in range(24)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(event_window._rows, traces * 400))
    finally:
        sys.setswitchinterval(interval)
        kept = list(event_window._KEPT)
        event_window._KEPT.clear()
    assert [str(rows.index) for rows in found] == [trace.title for trace in traces] * 400
    assert len(kept) == event_window._MOST_KEPT


def test_rows_come_by_number_and_around_an_event(trace: Trace) -> None:
    found = event_rows(trace, ribbon="", held=None, row=0, at=None, count=3)
    assert found["total"] == trace.event_count == 1 + 150 * 12
    assert [row[0] for row in found["rows"]] == [1, 2, 3]
    assert found["rows"][1][2:] == ["step.start", 1, "", "Import order 1"]
    around = event_rows(trace, ribbon="", held=None, row=0, at=900, count=5)
    assert [row[0] for row in around["rows"]] == [898, 899, 900, 901, 902]
    assert around["first"] == 897
    between = event_rows(trace, ribbon="", held=None, row=0, near=999.9, count=4)
    times = [row[1] for row in between["rows"]]
    assert times[1] <= 999.9 < times[2]
    last = event_rows(trace, ribbon="", held=None, row=10**9, at=None, count=5)
    assert last["rows"][-1][0] == trace.last_seq


def test_rows_keep_to_the_ribbon_and_the_range(trace: Trace) -> None:
    held = TimeRange(200.0, 300.0)
    found = event_rows(trace, ribbon="console", held=held, row=0, at=None, count=60)
    assert found["total"] == 10
    assert {row[2] for row in found["rows"]} == {"app.log"}
    # An event that the filter leaves out leads to the last one before it.
    near = event_rows(trace, ribbon="console", held=held, row=0, at=2, count=4)
    assert near["first"] == 0


def test_every_event_has_its_row_though_times_do_not_rise_with_numbers() -> None:
    trace = running(make_project())
    said = {"stream": "stdout", "text": "x"}
    held = [
        Event(seq=3 * no, ts=float(no * 7 % 10), kind="app.log", data=said) for no in range(1, 41)
    ]
    append(by=BY, trace=trace, body=encode_ndjson(held))
    for event in held:
        (row,) = event_rows(trace, ribbon="", held=None, row=0, at=event.seq, count=1)["rows"]
        assert row[0] == event.seq
        around = TimeRange(event.ts, event.ts)
        of_lane = event_rows(trace, ribbon=event.ribbon, held=around, row=0, count=200)
        same = [one.seq for one in held if (one.ribbon, one.ts) == (event.ribbon, event.ts)]
        assert [row[0] for row in of_lane["rows"]] == same
    (before,) = event_rows(trace, ribbon="", held=None, row=0, at=4, count=1)["rows"]
    assert before[1] <= held[1].ts


@pytest.mark.parametrize(
    ("window", "holds"),
    [
        ({}, lambda one: True),
        ({"ts_from": 2050.0, "ts_to": 9050.0}, lambda one: 2050 <= one.ts <= 9050),
        (
            {"ribbon": "console", "ts_from": 2050.0, "ts_to": 9050.0},
            lambda one: one.ribbon == "console" and 2050 <= one.ts <= 9050,
        ),
        ({"seq_from": 300, "seq_to": 1500}, lambda one: 300 <= one.seq <= 1500),
        (
            {"ribbon": "console", "step": 70},
            lambda one: one.ribbon == "console" and one.step == 70,
        ),
        (
            {"kinds": ("step.end",), "seq_from": 100},
            lambda one: one.kind == "step.end" and one.seq >= 100,
        ),
        ({"ribbon": "console", "kinds": ("step.end",)}, lambda one: False),
    ],
)
def test_lines_are_those_of_the_window_and_no_others(
    trace: Trace, window: Window, holds: Callable[[Event], bool]
) -> None:
    """Chunks within the window are passed on unread; those at its edges must not be."""
    wanted = [event for event in events(trace) if holds(event)]
    assert decode_stored(b"\n".join(lines(trace, **window))) == wanted
    assert list(events(trace, **window)) == wanted
    for some in (1, 7, 256, 5000):
        assert first_events(trace, some, **window) == wanted[:some]


def test_a_page_reads_the_chunks_that_hold_it_and_no_others(
    reader: Client, trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bytes] = []

    def noted(body: bytes) -> bytes:
        opened.append(body)
        return unpack_lines(body)

    monkeypatch.setattr("trace_app.queries.event_chunks.unpack_lines", noted)
    assert trace.chunks.count() >= 8
    seqs: list[int] = []
    begin = 1
    while begin:
        opened.clear()
        answer = reader.get(f"/v1/traces/{trace.short_id}/events?limit=100&seq_from={begin}")
        seqs += [event["seq"] for event in answer.json()["events"]]
        begin = answer.json()["next"]
        assert len(opened) <= 4
    assert seqs == list(range(1, trace.last_seq + 1))


def test_marks_say_when_a_stretch_holds_too_many(
    trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = event_marks(trace, TimeRange(8900.0, 8999.9))
    assert len(found["rows"]) == 12
    assert found["rows"][-1][3:] == [90, 2]
    assert found["more"] is False
    monkeypatch.setattr("trace_app.queries.event_window.MOST_MARKS", 5)
    assert event_marks(trace, TimeRange(8900.0, 8999.9))["more"] is True


@pytest.mark.parametrize("query", ["row=x&count=x", "at=99999999999999999", "count=9999", "from=x"])
def test_rows_take_any_query(reader: Client, trace: Trace, query: str) -> None:
    answer = reader.get(f"/traces/{trace.short_id}/rows.json?{query}")
    assert answer.status_code == 200
    assert len(answer.json()["rows"]) <= 200


def test_a_window_reads_few_rows_of_the_database(
    reader: Client, trace: Trace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    reader.get(f"/traces/{trace.short_id}/rows.json?row=0")
    with django_assert_max_num_queries(6):
        reader.get(f"/traces/{trace.short_id}/rows.json?row=600")
    assert reader.get(f"/traces/{trace.short_id}/marks.json").status_code == 400
