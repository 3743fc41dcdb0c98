"""How durations, ages, sizes and events read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trace_app.domain import wording
from trace_app.domain.event_text import LIMIT, describe, short_url
from trace_app.domain.events import KINDS, Event

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ms", "text"),
    [(None, "–"), (0, "0 ms"), (840, "840 ms"), (4600, "4.6 s"), (125_000, "2 min 5 s")],
)
def test_durations(ms: float | None, text: str) -> None:
    assert wording.duration(ms) == text


@pytest.mark.parametrize(
    ("ms", "text"), [(840, "840 ms"), (23_410, "23.41 s"), (125_300, "2:05.3")]
)
def test_moments_read_as_in_the_browser(ms: float, text: str) -> None:
    assert wording.clock(ms) == text


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=22), "22 min"),
        (timedelta(hours=3, minutes=50), "3 h"),
        (timedelta(days=29), "29 d"),
        (timedelta(days=40), "2026-10-13"),
    ],
)
def test_ages_use_one_unit(gone: timedelta, text: str) -> None:
    assert wording.age(NOW - gone, NOW) == text
    told = text if text == "now" or text[:2] == "20" else f"{text} ago"
    assert wording.ago(NOW - gone, NOW) == told


def test_counts_and_sizes() -> None:
    assert wording.counted(1, "trace") == "1 trace"
    assert wording.counted(1204, "trace") == "1,204 traces"
    assert [wording.size(n) for n in (812, 51_234, 2_400_000, None, -1)] == [
        "812 B",
        "51 kB",
        "2.4 MB",
        "",
        "",
    ]


def test_an_error_is_shown_without_the_log_of_waiting() -> None:
    error = "Error: not so\n\nExpected: 1\nReceived: 2\n\nCall log:\n  - waiting"
    assert wording.without_call_log(error) == "Error: not so\nExpected: 1\nReceived: 2"
    assert wording.without_call_log("") == ""


def test_code_in_backticks_is_told_from_the_rest() -> None:
    said = "expect webhook stripe `paid` delivered, it`s late"
    assert wording.code_spans(said) == [
        (False, "expect webhook stripe "),
        (True, "paid"),
        (False, " delivered, it`s late"),
    ]
    assert wording.without_ticks(said) == "expect webhook stripe paid delivered, it`s late"
    assert wording.code_spans("expect `payment_in…") == [(False, "expect "), (True, "payment_in…")]
    assert wording.code_spans("") == []


def event(kind: str, **data: Any) -> Event:
    return Event(seq=1, ts=0.0, kind=kind, data=data)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_line_even_without_data(kind: str) -> None:
    assert describe(event(kind))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            event(
                "clone.webhook", clone="stripe", event="charge.ok", url="http://app/w", status=404
            ),
            "stripe charge.ok /w → 404",
        ),
        (
            event("network.request", method="POST", url="http://app/a?b=1", source="app"),
            "POST /a?b=1 (app)",
        ),
        (
            event("agent.action", verb="click", target={"kind": "button", "value": "Pay now"}),
            'click button "Pay now"',
        ),
        (event("agent.action", verb="goto", target="page", value="/"), "goto page /"),
        (event("network.failed", error={"message": "refused"}), "failed: refused"),
        (event("step.end", status="failed", error={"message": "no"}), "failed: no"),
        (
            event("assertion", text="text “a”", ok=False, message="is b"),
            "text “a” does not hold: is b",
        ),
    ],
)
def test_lines(given: Event, text: str) -> None:
    assert describe(given) == text


def test_a_line_is_one_line_and_bounded() -> None:
    line = describe(event("app.log", text="a\nb " * 400))
    assert "\n" not in line
    assert len(line) == LIMIT


def test_short_urls_keep_the_host_only_where_the_path_says_nothing() -> None:
    assert short_url("http://app/x?y=1") == "/x?y=1"
    assert short_url("http://app/") == "app/"
    assert short_url(None) == "/"
