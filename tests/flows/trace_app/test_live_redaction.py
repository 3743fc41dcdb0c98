"""Redaction of a live run: over batches, late, and nothing of it left in the open."""

import pytest
from django.db import connection

from tests.harness.record import BY, make_project
from trace_app.actions import live_redaction
from trace_app.actions.append import append, finish, open_trace
from trace_app.actions.processing import process
from trace_app.domain.bundle import ScenarioRef, TestRef
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.open_run import OpenRun
from trace_app.domain.states import TraceStatus
from trace_app.models import EventChunk, LiveRedaction, Project, Trace
from trace_app.queries.events import events

pytestmark = pytest.mark.django_db

SECRET = "correct-horse-7"


@pytest.fixture
def project() -> Project:
    return make_project()


def said(seq: int, text: str) -> Event:
    return Event(seq=seq, ts=seq, kind="app.log", data={"stream": "stdout", "text": text})


def typed(seq: int, value: str) -> Event:
    data = {"verb": "fill", "target": 'field "Password"', "value": value}
    return Event(seq=seq, ts=seq, kind="agent.action", data=data)


def sent(trace: Trace, *batch: Event) -> None:
    append(by=BY, trace=trace, body=encode_ndjson(batch))


def texts(trace: Trace) -> list[str]:
    return [str(event.data.get("text") or event.data.get("value")) for event in events(trace)]


def test_a_value_learned_late_goes_from_what_is_stored_and_stays_known(project: Project) -> None:
    trace = open_trace(by=BY, project=project, run=OpenRun(title="late"))
    sent(trace, said(1, f"got {SECRET}"), said(2, "nothing here"))
    assert texts(trace)[0] == f"got {SECRET}"
    sent(trace, typed(3, SECRET))
    assert texts(trace) == ["got ‹masked:1›", "nothing here", "‹masked:1›"]
    sent(trace, said(4, f"again {SECRET}"))
    assert texts(trace)[3] == "again ‹masked:1›"
    finish(by=BY, trace=trace, status=TraceStatus.PASSED)
    process(str(trace.pk))
    trace.refresh_from_db()
    report = trace.summary["redaction"]
    assert (report["values"], report["times"], report["late"]) == (1, 3, 1)
    assert [(one["place"], one["seqs"]) for one in report["where"]] == [
        ("agent", [3]),
        ("console", [1, 4]),
    ]


def test_what_was_learned_is_sealed_and_forgotten(project: Project) -> None:
    trace = open_trace(by=BY, project=project, run=OpenRun(title="sealed"))
    sent(trace, typed(1, SECRET))
    held = LiveRedaction.objects.get(trace=trace)
    assert SECRET.encode() not in bytes(held.sealed)
    assert SECRET not in rows("trace_app_trace", "trace_app_appendbatch", "trace_app_liveredaction")
    finish(by=BY, trace=trace, status=TraceStatus.PASSED)
    process(str(trace.pk))
    assert not LiveRedaction.objects.filter(trace=trace).exists()


def test_a_long_run_is_scrubbed_when_it_ends(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_redaction, "SCRUB_AT_ONCE", 0)
    trace = open_trace(by=BY, project=project, run=OpenRun(title="long"))
    sent(trace, said(1, f"got {SECRET}"))
    sent(trace, typed(2, SECRET))
    assert texts(trace)[0] == f"got {SECRET}"
    finish(by=BY, trace=trace, status=TraceStatus.FAILED)
    process(str(trace.pk))
    assert texts(trace) == ["got ‹masked:1›", "‹masked:1›"]
    trace.refresh_from_db()
    assert trace.summary["redaction"]["late"] == 1


def test_under_another_key_a_run_goes_on_with_new_numbers(
    project: Project, settings: pytest.FixtureRequest
) -> None:
    trace = open_trace(by=BY, project=project, run=OpenRun(title="rotated"))
    sent(trace, typed(1, SECRET))
    settings.SECRET_KEY = "another-" + "y" * 50  # type: ignore[attr-defined]
    sent(trace, typed(2, "battery-staple-9"))
    assert texts(trace) == ["‹masked:1›", "‹masked:2›"]


def test_untouched_lines_keep_their_bytes(project: Project) -> None:
    trace = open_trace(by=BY, project=project, run=OpenRun(title="bytes"))
    batch = [said(no, f"author {no} paid order 176400000000{no}") for no in range(1, 9)]
    sent(trace, *batch)
    assert list(events(trace)) == batch
    assert EventChunk.objects.filter(trace=trace).count() == 1
    assert not LiveRedaction.objects.filter(trace=trace).exists()


def test_what_a_run_says_of_itself_is_masked(project: Project) -> None:
    run = OpenRun(title="pay with 4242 4242 4242 4242", branch="main", author="ann")
    trace = open_trace(by=BY, project=project, run=run)
    assert (trace.title, trace.branch, trace.author) == ("pay with ‹masked:1›", "main", "ann")


def test_the_numbers_of_the_opening_go_on(project: Project) -> None:
    trace = open_trace(by=BY, project=project, run=OpenRun(title="pay with 4242 4242 4242 4242"))
    sent(trace, typed(1, SECRET), said(2, "card 4242 4242 4242 4242"))
    assert texts(trace) == ["‹masked:2›", "card ‹masked:1›"]


def test_a_value_learned_late_goes_from_the_row_and_is_counted(project: Project) -> None:
    node = TestRef(id=f"test_login[{SECRET}]")
    scenario = ScenarioRef(slug="login", path=f"{SECRET}.molar.md")
    run = OpenRun(test=node, scenario=scenario, branch=f"try-{SECRET}", author="ann", sha="a1b2c3d")
    trace = open_trace(by=BY, project=project, run=run)
    assert SECRET in rows("trace_app_trace")
    sent(trace, typed(1, SECRET))
    assert SECRET not in rows("trace_app_trace"), "at once, not when the run ends"
    finish(by=BY, trace=trace, status=TraceStatus.PASSED)
    process(str(trace.pk))
    trace.refresh_from_db()
    assert (trace.title, trace.test_id) == ("login", "test_login[‹masked:1›]")
    assert (trace.branch, trace.scenario_path) == ("try-‹masked:1›", "‹masked:1›.molar.md")
    assert (trace.author, trace.code_sha) == ("ann", "a1b2c3d")
    report = trace.summary["redaction"]
    assert (report["values"], report["late"]) == (1, 3)
    assert [one["place"] for one in report["where"]] == ["agent", "run"]
    assert SECRET not in rows("trace_app_trace", "trace_app_step", "trace_app_eventindex")


def test_of_a_run_that_had_learned_before_the_row_is_masked_in_the_end(project: Project) -> None:
    trace = open_trace(by=BY, project=project, run=OpenRun(title="run"))
    sent(trace, typed(1, SECRET))
    Trace.objects.filter(pk=trace.pk).update(test_id=f"test_login[{SECRET}]")
    finish(by=BY, trace=trace, status=TraceStatus.PASSED)
    process(str(trace.pk))
    trace.refresh_from_db()
    assert trace.test_id == "test_login[‹masked:1›]"


def test_a_rule_made_during_a_run_masks_the_next_batch(project: Project) -> None:
    trace = open_trace(by=BY, project=project, run=OpenRun(title="rule"))
    sent(trace, said(1, "order ticket-4711"))
    made = project.team.redaction_rules.create(kind="pattern", value="ticket-[0-9]+")
    sent(trace, said(2, "order ticket-4712"))
    made.delete()
    sent(trace, said(3, "order ticket-4713"))
    assert texts(trace) == ["order ticket-4711", "order ‹masked:1›", "order ticket-4713"]


def test_a_name_made_secret_during_a_run_is_so_in_the_next_batch(project: Project) -> None:
    trace = open_trace(by=BY, project=project, run=OpenRun(title="name"))
    sent(trace, said(1, "pin=4711-a"))
    project.team.redaction_rules.create(kind="key", value="pin")
    sent(trace, said(2, "pin=4712-b"), said(3, "pin=4711-a"))
    assert texts(trace) == ["pin=‹masked:2›", "pin=‹masked:1›", "pin=‹masked:2›"]


def test_every_chunk_of_a_long_run_is_scrubbed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_redaction, "SCRUB_AT_ONCE", 0)
    monkeypatch.setattr(live_redaction, "_TOGETHER", 2)
    trace = open_trace(by=BY, project=project, run=OpenRun(title="chunks"))
    told = {700: f"got {SECRET}", 2900: f"and {SECRET}"}
    sent(trace, *(said(no, told.get(no, f"row {no}")) for no in range(1, 3001)))
    sent(trace, typed(3001, SECRET))
    finish(by=BY, trace=trace, status=TraceStatus.FAILED)
    process(str(trace.pk))
    found = texts(trace)
    assert (found[699], found[2899], found[1]) == ("got ‹masked:1›", "and ‹masked:1›", "row 2")
    assert SECRET not in "".join(found)


def rows(*tables: str) -> str:
    with connection.cursor() as cursor:
        return "".join(
            str(cursor.execute(f"SELECT t::text FROM {table} t").fetchall()) for table in tables
        )
