"""Slices: the failing step and its neighbours, within the budget, errors last to go."""

from mender_handoff.domain.slices import cut, steps_around
from trace_app.domain.events import Event, parse_ndjson


def event(
    seq: int, step: int | None, kind: str = "network.request", level: str | None = None
) -> Event:
    return Event(seq=seq, ts=float(seq), kind=kind, step=step, level=level, data={"url": "x" * 90})  # type: ignore[arg-type]


def test_the_failing_step_and_its_neighbours_in_order() -> None:
    events = [event(seq, seq // 10) for seq in range(10, 100)]
    found = cut(5, events)
    assert [one.step for one in found] == [4, 5, 6]
    assert [(one.seq_first, one.seq_last) for one in found] == [(40, 49), (50, 59), (60, 69)]
    read = parse_ndjson("".join(one.ndjson for one in found).encode())
    assert [one.seq for one in read] == list(range(40, 70))


def test_the_first_step_has_no_step_before() -> None:
    assert steps_around(1) == (1, 2)


def test_a_step_beyond_the_budget_keeps_its_errors_and_its_end() -> None:
    events = [event(seq, 1, level="error" if seq == 3 else None) for seq in range(1, 100)]
    events.append(event(100, 1, kind="video.frame"))
    one = cut(1, events, budget=2000)[0]
    kept = [found.seq for found in parse_ndjson(one.ndjson.encode())]
    assert one.truncated
    assert 3 in kept
    assert 99 in kept
    assert 100 not in kept
    assert len(one.ndjson) <= 2000


def test_nothing_to_cut() -> None:
    assert cut(3, []) == []
