"""What changed between two moments of one trace."""

from typing import Any

from trace_app.domain.delta import Cursor, delta
from trace_app.domain.events import Event


def event(seq: int, kind: str, ref: int | None = None, **data: Any) -> Event:
    return Event(seq=seq, ts=seq * 10.0, kind=kind, step=1, ref=ref, data=data)  # type: ignore[arg-type]


def at(seq: int) -> Cursor:
    return Cursor(seq * 10.0, seq)


def storage(seq: int, cart: str, aria: str) -> Event:
    return event(seq, "storage.state", url="/", local={"cart": cart}, aria=aria)


RECORD = [
    event(1, "clone.state", clone="stripe", state={"amount": 0}),
    storage(2, "0", "heading Cart\ntext Total 0"),
    event(3, "network.request", method="GET", url="http://app/early"),
    event(4, "console.message", text="early"),
    event(5, "network.response", ref=3, status=200),
    event(6, "network.request", method="POST", url="http://app/pay"),
    event(7, "console.message", text="paying"),
    event(8, "network.response", ref=6, status=404),
    event(9, "clone.state", clone="stripe", state={"amount": 9000}),
    storage(10, "2", "heading Cart\ntext Total 900"),
    event(11, "console.message", text="late"),
]


def test_what_lies_between_and_what_the_states_became() -> None:
    found = delta(RECORD, at(4), at(10))
    assert [(row.path, row.status) for row in found.network] == [("/early", 200), ("/pay", 404)]
    assert [event.data["text"] for event in found.console] == ["paying"]
    [clone] = found.clones
    assert [(change.path, a, b) for change, a, b in clone.rows] == [("amount", "0", "9000")]
    assert found.storage is not None
    assert [change.path for change, _, _ in found.storage.rows] == ["local.cart"]
    assert found.page == (("removed", "text Total 0"), ("added", "text Total 900"))


def test_the_order_of_the_cursors_does_not_matter() -> None:
    assert delta(RECORD, at(10), at(4)) == delta(RECORD, at(4), at(10))


def test_one_moment_is_no_change_and_the_first_cursor_is_not_included() -> None:
    assert delta(RECORD, at(7), at(7)).empty
    assert [one.seq for one in delta(RECORD, at(7), at(11)).console] == [11]


def test_what_was_not_known_at_both_is_not_called_unchanged() -> None:
    found = delta([event(3, "console.message", text="x")], at(1), at(2))
    assert found.storage is None
    assert not found.page_known
    assert found.clones == ()


def test_without_page_text_the_address_and_title_are_compared() -> None:
    shots = [
        event(1, "dom.snapshot", url="http://app/a", title="A"),
        event(2, "dom.snapshot", url="http://app/b", title="A"),
    ]
    assert delta(shots, at(1), at(2)).page == (("removed", "page /a"), ("added", "page /b"))


def test_a_failure_takes_in_what_was_kept_when_its_step_closed() -> None:
    failure = event(8, "assertion", text="paid", ok=False)
    record = [*RECORD[:7], failure, *RECORD[8:]]
    assert all(not clone.rows for clone in delta(record, at(4), at(8)).clones)
    closing = Cursor(80.0, 8, closes=1)
    found = delta(record, at(4), closing)
    assert [change.path for clone in found.clones for change, _, _ in clone.rows] == ["amount"]
    assert found.page == (("removed", "text Total 0"), ("added", "text Total 900"))
    assert [one.seq for one in found.console] == [7], "what was said later is no part of it"
    assert delta(record, closing, at(4)) == found


def test_the_pages_words_at_the_cursors_count_before_those_kept_at_the_ends_of_steps() -> None:
    words = {3: ["Cart", "Total 0"], 12: ["Cart", "Paid"]}
    record = [*RECORD, event(3, "dom.snapshot"), event(12, "dom.snapshot")]
    found = delta(record, at(4), at(12), lambda shot: words.get(shot.seq))
    assert found.page == (("removed", "Total 0"), ("added", "Paid"))
    unread = delta(record, at(4), at(12), lambda _shot: None)
    assert unread.page == (("removed", "text Total 0"), ("added", "text Total 900"))
