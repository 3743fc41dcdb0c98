"""What a batch asks of the database: few ways there and back, and rows as the models know them."""

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.harness.record import BY, make_project
from trace_app.actions.append import append, open_trace
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.index import read_index
from trace_app.domain.open_run import OpenRun
from trace_app.models import AppendBatch, EventIndex, LiveRedaction, Project, Trace
from trace_app.queries.appending import held
from trace_app.queries.events import events

pytestmark = pytest.mark.django_db


@pytest.fixture
def trace() -> Trace:
    project: Project = make_project()
    return open_trace(by=BY, project=project, run=OpenRun(title="rows"))


def log(seq: int, text: str = "row", level: str | None = None) -> Event:
    return Event(seq=seq, ts=seq / 2, kind="app.log", level=level, data={"text": text})  # type: ignore[arg-type]


def test_a_batch_is_asked_for_and_written_by_one_statement_each(
    trace: Trace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    append(by=BY, trace=trace, body=encode_ndjson([log(1)]))
    # A savepoint and its end, the lock, what is held, the chunks by COPY, and all other rows.
    with django_assert_num_queries(6):
        append(by=BY, trace=trace, body=encode_ndjson([log(2), log(3)]))


def test_the_rows_are_what_the_batch_came_to(trace: Trace) -> None:
    begin = timezone.now()
    append(by=BY, trace=trace, body=encode_ndjson([log(3), log(5, level="error")]))
    append(by=BY, trace=trace, body=encode_ndjson([log(9, "password=s3cr3t-4711-aa")]))
    row = Trace.objects.get(pk=trace.pk)
    assert (row.last_seq, row.event_count, row.error_count, row.duration_ms) == (9, 3, 1, 4.5)
    assert row.last_batch is not None
    assert begin < row.last_batch < timezone.now()
    first, second = AppendBatch.objects.filter(trace=trace)
    assert (first.seq_first, first.seq_last, second.seq_first, second.seq_last) == (3, 5, 9, 9)
    assert list(read_index(bytes(first.columns)).seq) == [3, 5]
    assert first.digest != second.digest
    assert len(first.digest) == 64
    assert sum(1 for _ in events(trace)) == 3
    assert row.runner["redaction"]["values"] == 1
    assert LiveRedaction.objects.get(trace=trace).behind is False
    assert EventIndex.objects.get(trace=trace).density["ticks"][0]["seq"] == 5


def test_what_is_held_goes_on_from_the_batches_before(trace: Trace) -> None:
    before = held(trace)
    assert (before.sealed, before.behind, before.density) == (b"", False, {})
    assert set(before.first_no.values()) == {0}
    append(by=BY, trace=trace, body=encode_ndjson([log(no) for no in range(1, 301)]))
    after = held(trace)
    assert (after.first_no["console"], after.first_no["network"]) == (2, 0)
    assert after.density == EventIndex.objects.get(trace=trace).density
