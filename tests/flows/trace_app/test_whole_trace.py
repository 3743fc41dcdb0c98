"""A trace of many chunks goes out whole: as a bundle and as NDJSON, the same bytes either way."""

import zipfile
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.harness.long_run import write_long_run
from tests.harness.record import BY, make_project
from trace_app.actions.ingest import ingest_bundle
from trace_app.domain.events import encode_ndjson
from trace_app.domain.states import TraceColdError
from trace_app.models import EventChunk, Trace
from trace_app.queries.events import events, lines
from trace_app.queries.whole_trace import every_event, every_line
from trace_app.storage.exports import export_bundle


@pytest.fixture
def trace(db: None, tmp_path: Path) -> Trace:
    path = write_long_run(tmp_path / "run.zip", steps=3_000, fails_at=7)
    return ingest_bundle(by=BY, project=make_project(), path=path)


def test_a_bundle_and_a_stream_hold_every_event_in_order(trace: Trace) -> None:
    assert EventChunk.objects.filter(trace=trace).count() > 16
    body = encode_ndjson(events(trace))
    assert encode_ndjson(every_event(trace)) == body
    assert list(every_line(trace)) == list(lines(trace))
    with export_bundle(trace) as file, zipfile.ZipFile(file) as bundle:
        assert bundle.read("events.ndjson") == body


def test_what_is_rewritten_meanwhile_is_read_as_it_was(trace: Trace) -> None:
    whole = list(events(trace))
    with CaptureQueriesContext(connection) as asked:
        reading = every_event(trace)
        begun = [next(reading)]
        EventChunk.objects.filter(trace=trace).delete()
        assert [*begun, *reading] == whole
    assert not any(query["sql"].startswith("SELECT") for query in asked), "read by one cursor"


def test_of_a_cold_trace_nothing_is_read(trace: Trace) -> None:
    trace.tier = "cold"
    with pytest.raises(TraceColdError):
        every_line(trace)
