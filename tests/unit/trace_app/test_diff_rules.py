"""Finer rules of the diff engine: repeated rows, bookkeeping, long texts, templates."""

import time

import pytest

from tests.unit.trace_app.test_diff import Recorder
from trace_app.domain.diff import TraceView, diff_traces
from trace_app.domain.diff.volatile import template_path, template_text, template_url


def state(**parts: object) -> TraceView:
    run = Recorder().begin(1, "pay")
    run.add("clone.state", clone="vendor", state=parts)
    return run.end().view()


def test_what_a_vendor_notes_of_itself_is_minor() -> None:
    a = state(events=[{"amount": 1}], invoices=[{"amount": 1}])
    b = state(events=[{"amount": 2}], invoices=[{"amount": 2}])
    clones = diff_traces(a, b).dimensions["clones"]
    assert [(row.key, row.minor) for row in clones.rows] == [
        ("vendor: invoices[0].amount", False),
        ("vendor: events[0].amount", True),
    ]


def test_clocks_and_ids_in_a_state_do_not_count_but_numbers_do() -> None:
    a = state(orders=[{"id": "or_1a2b3c4d", "created": 1768467600, "total": 1768467600}])
    b = state(orders=[{"id": "or_9z8y7x6w", "created": 1768467611, "total": 1768467611}])
    (row,) = diff_traces(a, b).dimensions["clones"].rows
    assert row.key == "vendor: orders[0].total"


def test_of_long_texts_the_sentence_tells_the_difference() -> None:
    rest = " your code is waiting for you in the letter that we have sent to your address today"
    a, b = state(mails=[{"text": f"Dear Ada,{rest}"}]), state(mails=[{"text": f"Dear None,{rest}"}])
    assert "mails[0].text Dear Ada, your code → Dear None, your code" in diff_traces(a, b).sentence


def test_a_repeated_failure_is_one_regression() -> None:
    a, b = Recorder().begin(1, "pay"), Recorder().begin(1, "pay")
    for order in (1, 2, 3):
        a.call("POST", f"http://app/orders/{order}", 200)
        b.call("POST", f"http://app/orders/{order}", 500)
    (found,) = diff_traces(a.end().view(), b.end().view()).new_regressions
    assert found.detail == "POST /orders/{id} answers 500"


def test_other_hosts_are_other_requests() -> None:
    assert template_url("http://app:81/x?b=2&a=1") == "/x?a&b"
    assert template_url("https://api.example.com:8443/x") == "api.example.com/x"


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/orders/1042/pay", "/orders/{id}/pay"),
        ("/v1/payment_intents/pi_3Nq8xT2eZv", "/v1/payment_intents/{id}"),
        ("/static/app.js", "/static/app.js"),
        ("/api/stripe/webhook", "/api/stripe/webhook"),
        ("/b/01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80", "/b/{id}"),
        ("/payment_intents_succeeded", "/payment_intents_succeeded"),
    ],
)
def test_path_templates(path: str, template: str) -> None:
    assert template_path(path) == template


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("order 1042 not confirmed", "order 1042 not confirmed"),
        ("took 12.5 ms", "took {duration}"),
        ("at 2026-01-02T03:04:05.678Z", "at {time}"),
        ("http://127.0.0.1:49152/x", "http://127.0.0.1/x"),
        ("token ‹masked:3›", "token ‹masked›"),
        ("amount 9000", "amount 9000"),
    ],
)
def test_text_templates(text: str, template: str) -> None:
    assert template_text(text) == template


def test_a_cached_file_is_the_same_file() -> None:
    a, b = Recorder().begin(1, "one"), Recorder().begin(1, "one")
    a.call("GET", "http://app/page", 200)
    b.call("GET", "http://app/page", 304)
    assert diff_traces(a.end().view(), b.end().view()).identical


def test_thousands_of_unlike_requests_are_compared_in_a_moment() -> None:
    a, b = Recorder().begin(1, "one"), Recorder().begin(1, "one")
    for number in range(1000):
        a.call("GET", f"http://app/left/{number:x}-page", 200)
        b.call("GET", f"http://app/right/{number:x}-page", 200)
    began = time.monotonic()
    network = diff_traces(a.end().view(), b.end().view()).dimensions["network"]
    assert len(network.rows) == 2000
    assert time.monotonic() - began < 10
