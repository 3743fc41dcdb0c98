"""The query box of the Events tab: how it is read, and what it finds."""

from typing import Any

import pytest

from trace_app.domain.event_query import MAX_TERMS, Term, matching, parse_query
from trace_app.domain.events import Event


def event(seq: int, kind: str, step: int = 7, **rest: Any) -> Event:
    built = {name: rest.pop(name) for name in ("ref", "level") if name in rest}
    return Event(seq=seq, ts=float(seq), kind=kind, step=step, data=rest, **built)  # type: ignore[arg-type]


RECORD = [
    event(1, "agent.action", step=6, verb="click", target='button "Pay now"'),
    event(2, "network.request", method="POST", url="http://app/api/webhook", source="clone:stripe"),
    event(3, "network.request", step=6, method="GET", url="http://app/cart", source="browser"),
    event(4, "network.response", ref=2, status=404, level="error", body={"text": "amt 9000"}),
    event(5, "network.response", step=6, ref=3, status=200),
    event(6, "clone.webhook", clone="stripe", event="payment_intent.succeeded", status=404),
    event(7, "console.message", type="error", text="404 (Not Found)", level="error"),
]


def found(text: str) -> list[int]:
    return [one.seq for one in matching(RECORD, parse_query(text))]


@pytest.mark.parametrize(
    ("text", "seqs"),
    [
        ("net:404 step:7 clone:stripe amt", [4]),
        ("net:404", [4]),
        ("404", [4, 6, 7]),
        ("net: con:", [2, 3, 4, 5, 7]),
        ("console:404", [7]),
        ("console:404 net:amt", [4, 7]),
        ("step:6", [1, 3, 5]),
        ("step:6-7 kind:network.re", [2, 3, 4, 5]),
        ("step:7- status:4xx", [4, 6]),
        ("clone:stripe", [2, 4, 6]),
        ("level:error -net:", [7]),
        ("-step:7", [1, 3, 5]),
        ("seq:2-4", [2, 3, 4]),
        ('"pay now"', [1]),
        ("PAY", [1, 6]),
        ("http://app/cart", [3, 5]),
        ("nothing-like-this", []),
    ],
)
def test_what_is_found(text: str, seqs: list[int]) -> None:
    assert found(text) == seqs


def test_words_that_mean_nothing_are_told_and_left_out() -> None:
    query = parse_query("nett:404 step:x level:loud status:9 kind:zz amt")
    assert query.terms == (Term("", "amt"),)
    assert len(query.problems) == 5
    assert "nett: is no field" in query.problems[0]


def test_the_box_is_bounded() -> None:
    query = parse_query(" ".join(["word"] * 40) + "x" * 1000)
    assert len(query.terms) == MAX_TERMS
    assert query.problems


def test_what_the_store_can_narrow_by() -> None:
    query = parse_query("net:404 con: seq:20- step:3-5 step:9")
    assert query.lanes == {"network", "console"}
    assert query.seq_from == 20
    assert query.steps == ((3, 5), (9, 9))
    assert not parse_query("   ")
    assert not parse_query('""')
