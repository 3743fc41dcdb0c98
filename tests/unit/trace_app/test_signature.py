"""Failure signatures: the same failure of two runs is one hash, another failure is another."""

from dataclasses import dataclass

import pytest

from trace_app.domain.events import Event
from trace_app.domain.frames import top_application_frame
from trace_app.domain.paths import template_message, template_path
from trace_app.domain.signature import Signature, compute


@dataclass(frozen=True)
class Row:
    no: int
    title: str
    status: str


STEPS = [Row(1, "Open", "passed"), Row(2, 'click button "Pay now"', "failed")]


def step(seq: int) -> Event:
    return Event(seq=seq, ts=seq, kind="step.start", step=2, data={"title": "Pay"})


def failed_action(seq: int, message: str) -> Event:
    data = {
        "verb": "click",
        "target": 'button "Pay now"',
        "ok": False,
        "error": {"message": message},
    }
    return Event(seq=seq, ts=seq, kind="agent.action", step=2, level="error", data=data)


def failed_assertion(seq: int, kind: str, text: str, message: str = "not so") -> Event:
    data = {"kind": kind, "text": text, "ok": False, "message": message}
    return Event(seq=seq, ts=seq, kind="assertion", step=2, level="error", data=data)


def answered(seq: int, path: str, status: int, number: int = 2) -> list[Event]:
    request = {"method": "POST", "url": f"http://app{path}", "source": "browser"}
    return [
        Event(seq=seq, ts=seq, kind="network.request", step=number, data=request),
        Event(
            seq=seq + 1,
            ts=seq,
            kind="network.response",
            step=number,
            ref=seq,
            level="error" if status >= 400 else None,
            data={"status": status},
        ),
    ]


def signature(*events: Event) -> Signature:
    found = compute([step(1), *events], STEPS)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("events", "slug"),
    [
        ([failed_action(2, "TimeoutError: Timeout 5000ms exceeded.")], "timeout-click-pay-now"),
        (
            [
                *answered(2, "/api/stripe/webhook", 404),
                failed_assertion(9, "webhook", "webhook x delivered"),
            ],
            "webhook-404",
        ),
        (
            [*answered(2, "/search/42", 500), failed_assertion(9, "text", 'text "Mug"')],
            "server-error-search",
        ),
        (
            [failed_assertion(9, "mail", 'mail to a@b.co containing "Welcome"')],
            "mail-welcome-mismatch",
        ),
        (
            [failed_assertion(9, "clone", "clone stripe `payment_intents.-1.amount` equals 900")],
            "clone-payment-intents-n-amount-mismatch",
        ),
    ],
)
def test_slugs_are_readable(events: list[Event], slug: str) -> None:
    assert signature(*events).slug == slug


def test_ids_numbers_and_order_do_not_change_the_hash() -> None:
    one = signature(
        *answered(2, "/orders/41", 404), failed_assertion(9, "text", "text", "order 41")
    )
    two = signature(
        *answered(2, "/style.css", 404),
        *answered(4, "/orders/9731", 404),
        failed_assertion(19, "text", "text", "order 9731"),
    )
    assert one.hash == two.hash
    other = signature(
        *answered(2, "/baskets/41", 404), failed_assertion(9, "text", "text", "order 41")
    )
    assert other.hash != one.hash


@pytest.mark.parametrize(
    ("file", "same"),
    [
        ("/home/runner/work/shop/shop/e2e/pay.spec.js", True),
        ("/builds/acme-7/shop/e2e/pay.spec.js", True),
        ("C:\\agent\\_work\\3\\s\\e2e\\pay.spec.js", True),
        ("/home/ann/shop/smoke/pay.spec.js", False),
        ("/home/ann/shop/e2e/cart.spec.js", False),
    ],
)
def test_where_a_checkout_lies_does_not_change_the_hash(file: str, same: bool) -> None:
    def thrown(at: str) -> Signature:
        data = {
            "ok": False,
            "text": "text",
            "message": "no",
            "stack": f"Error: no\n    at {at}:2:7",
        }
        return signature(
            Event(
                seq=9, ts=9, kind="assertion", step=2, level="error", data={"kind": "text", **data}
            )
        )

    one, two = thrown("/home/ann/shop/e2e/pay.spec.js"), thrown(file)
    assert two.parts.frame is not None
    assert two.parts.frame.file == file
    assert (one.hash == two.hash) is same


def test_errors_of_other_steps_do_not_count() -> None:
    found = signature(
        *answered(100, "/later", 500, number=3),
        failed_action(5, "Timeout 5000ms exceeded"),
    )
    assert found.parts.network is None


def test_nothing_failed_gives_none() -> None:
    assert compute([step(1), *answered(2, "/ok", 200)], [Row(2, "Pay", "passed")]) is None


def test_frames_of_the_application_are_found() -> None:
    javascript = """Error: no
    at fetch (http://app/node_modules/x/index.js:1:1)
    at pay (http://app/static/app.3f9a2b1c.js:10:98)
    at main (http://app/static/app.js:1:1)"""
    python = """Traceback (most recent call last):
  File "/srv/app/shop/server.py", line 10, in handle
  File "/srv/app/shop/search.py", line 42, in find
  File "/usr/lib/python3.13/site-packages/flask/app.py", line 1, in x
KeyError: 'q\'"""
    one = top_application_frame(javascript)
    two = top_application_frame(python)
    assert one is not None
    assert (one.file, one.function, one.line) == ("/static/app.{hash}.js", "pay", 10)
    assert two is not None
    assert (two.file, two.function) == ("/srv/app/shop/search.py", "find")
    assert top_application_frame("no stack at all") is None


@pytest.mark.parametrize(
    ("url", "template"),
    [
        ("http://app/orders/1042?x=1", "/orders/{n}"),
        ("/v1/payment_intents/pi_3Nq8xT2eZvKYlo2C", "/v1/payment_intents/{id}"),
        ("/u/01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80", "/u/{uuid}"),
        ("/static/app.9e6b92f1.css", "/static/app.{hash}.css"),
        ("/api/stripe/webhook", "/api/stripe/webhook"),
        ("http://[bad", ""),
    ],
)
def test_path_templates(url: str, template: str) -> None:
    assert template_path(url) == template


def test_message_templates() -> None:
    text = "\x1b[31mError\x1b[0m: order 1042 at http://app/x?y=1 took 3.5 ms\nsecond line"
    assert template_message(text) == "Error: order {n} at {url} took {n} ms"


def test_the_answer_is_cited_not_the_delivery_it_is_part_of() -> None:
    sent = {"clone": "stripe", "url": "http://app/hook", "method": "POST", "status": 404}
    delivery = Event(seq=2, ts=2, kind="clone.webhook", step=2, level="error", data=sent)
    alone = signature(delivery, failed_assertion(9, "webhook", "webhook x delivered"))
    both = signature(
        delivery, *answered(3, "/hook", 404), failed_assertion(9, "webhook", "webhook x delivered")
    )
    assert alone.parts.network
    assert both.parts.network
    assert (alone.parts.network.seq, both.parts.network.seq) == (2, 4)
    assert alone.hash == both.hash
