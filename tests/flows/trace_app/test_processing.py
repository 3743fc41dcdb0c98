"""What is computed after a run's end: the same from batches, from chunks, and of a long run."""

from typing import Any

import pytest

from tests.harness.record import BY, make_project, webhook_run
from trace_app.actions import processing
from trace_app.actions.append import append, finish, open_trace
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.open_run import OpenRun
from trace_app.domain.states import TraceStatus
from trace_app.models import AppendBatch, EventChunk, Trace
from trace_app.queries.events import at
from trace_app.queries.trace_index import index_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def live() -> Trace:
    """A failed run of nine events among 600 answers of the page, sent in three batches."""
    trace = open_trace(by=BY, project=make_project(), run=OpenRun(title="live"))
    noise = [
        Event(seq=seq, ts=seq / 4, kind="network.response", step=1, data={"status": 200})
        for seq in range(100, 700)
    ]
    run = webhook_run()
    for batch in (run[:5], run[5:], noise):
        append(by=BY, trace=trace, body=encode_ndjson(batch))
    return trace


def processed(trace: Trace) -> dict[str, Any]:
    Trace.objects.filter(pk=trace.pk).update(processed=None, process_attempts=0)
    assert processing.process(str(trace.pk))
    trace.refresh_from_db()
    assert trace.signature is not None
    notable = list(trace.notable_events.values_list("seq", "title"))
    bins = {**trace.index.density}
    return {**trace.summary, "notable": notable, "bins": bins, "index": index_json(trace)}


def test_batches_say_the_same_as_the_stored_events(live: Trace) -> None:
    finish(by=BY, trace=live, status=TraceStatus.FAILED)
    quick = processed(live)
    assert quick["counts"]["network"] == {"total": 602, "error": 1, "warning": 0}
    assert quick["signature"]["slug"] == "webhook-404"
    assert [seq for seq, _ in quick["notable"]] == [5, 6, 9]
    assert len(quick["index"]["seq"]) == 609
    AppendBatch.objects.filter(trace=live).update(columns=b"")
    assert processed(live) == quick


def test_a_very_long_run_gets_its_signature_from_what_can_matter(
    live: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(by=BY, trace=live, status=TraceStatus.FAILED)
    whole = processed(live)
    monkeypatch.setattr(processing, "EVERY_EVENT", 20)
    assert processed(live)["signature"] == whole["signature"]


def test_only_the_chunks_of_what_is_asked_are_read(live: Trace) -> None:
    held = EventChunk.objects.filter(trace=live, ribbon="network", seq_first__lt=650)
    held.exclude(seq_first__lte=300, seq_last__gte=300).delete()
    assert [event.seq for event in at(live, [8, 300, 1])] == [1, 300]


def test_a_running_traces_index_grows_with_its_batches(live: Trace) -> None:
    assert len(index_json(live)["seq"]) == 609
    append(by=BY, trace=live, body=encode_ndjson([Event(seq=900, ts=9, kind="app.log", data={})]))
    assert len(index_json(live)["seq"]) == 610
