"""Requests and their answers become rows on one time scale."""

from trace_app.domain.events import Event
from trace_app.domain.network_rows import rows


def test_a_request_and_its_answer_are_one_row() -> None:
    request = Event(
        seq=211,
        ts=100.0,
        kind="network.request",
        step=7,
        data={"method": "POST", "url": "http://app/hook", "source": "clone:stripe"},
    )
    answer = Event(
        seq=214,
        ts=130.8,
        kind="network.response",
        step=7,
        ref=211,
        dur=30.8,
        level="error",
        data={"status": 404, "mime": "text/html; charset=utf-8", "size": 9},
    )
    [row] = rows([request, answer])
    assert (row.seq, row.end_seq, row.status, row.failed) == (211, 214, 404, True)
    assert (row.path, row.host, row.source, row.mime) == (
        "/hook",
        "app",
        "clone:stripe",
        "text/html",
    )
    assert (row.start, row.end) == (100.0, 130.8)


def test_a_request_without_an_answer_has_no_status_and_is_no_failure() -> None:
    request = Event(seq=1, ts=5.0, kind="network.request", data={"url": "http://app/"})
    [row] = rows([request])
    assert (row.status, row.end_seq, row.failed, row.dur) == (None, None, False, 0.0)


def test_a_broken_connection_keeps_its_reason() -> None:
    events = [
        Event(seq=1, ts=5.0, kind="network.request", data={"url": "http://app/"}),
        Event(seq=2, ts=9.0, kind="network.failed", ref=1, level="error", data={"error": "reset"}),
    ]
    [row] = rows(events)
    assert (row.status, row.error, row.failed) == (None, "reset", True)


def test_an_answer_whose_request_is_outside_the_window_is_left_out() -> None:
    assert rows([Event(seq=2, ts=9.0, kind="network.response", ref=1, data={})]) == []
