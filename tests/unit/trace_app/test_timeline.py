"""Two runs on one axis: segments per pair of steps and where they differ."""

from tests.unit.trace_app.test_diff import checkout
from trace_app.domain.diff import TraceView, diff_traces
from trace_app.domain.diff.align import align
from trace_app.domain.diff.listing import listed
from trace_app.domain.diff.timeline import Run, Segment, marks, segments, times
from trace_app.domain.events import Event


def view(*titles: str) -> TraceView:
    """A run whose steps begin at 100, 200, …; numbers follow the order."""
    events: list[Event] = []
    for no, title in enumerate(titles, start=1):
        at = 100.0 * no
        begun, done = {"title": title}, {"status": "passed"}
        events.append(Event(seq=10 * no, ts=at, kind="step.start", step=no, data=begun))
        events.append(Event(seq=10 * no + 1, ts=at + 90, kind="step.end", step=no, data=done))
    return TraceView.from_events("x", events)


def run(count: int, duration: float) -> Run:
    return Run({number: 100.0 * number for number in range(1, count + 1)}, duration)


def test_steps_are_paired_by_their_words_and_last_until_the_next() -> None:
    found = segments(view("Open", "Pay"), view("Open", "Log in", "Pay"), run(2, 350), run(3, 500))
    assert found == [
        Segment("before the first step", None, None, (0, 100), (0, 100)),
        Segment("Open", 1, 1, (100, 200), (100, 200)),
        Segment("Log in", None, 2, None, (200, 300)),
        Segment("Pay", 2, 3, (200, 350), (300, 500)),
    ]


def test_runs_without_steps_are_one_segment() -> None:
    empty = TraceView.from_events("x", [])
    assert segments(empty, empty, Run({}, 70), Run({}, 90)) == [
        Segment("whole run", None, None, (0, 70), (0, 90))
    ]


def test_every_first_divergence_has_a_mark_with_both_times() -> None:
    a, b = checkout(fixed=False).view("a"), checkout(fixed=True, start_seq=1000).view("b")
    found = diff_traces(a, b)
    numbers = range(3000)
    shown = marks(listed(found, align(a, b).pairs), times(a, numbers), times(b, numbers))
    firsts = {mark.dimension: mark for mark in shown if mark.first}
    expected = {name for name, one in found.dimensions.items() if one.first is not None}
    assert set(firsts) == expected
    network = firsts["network"]
    assert network.lane == "network"
    assert network.seq_a is not None
    assert network.ts_a == network.seq_a, "this recorder's clock is its numbering"
    assert "404" in network.text
