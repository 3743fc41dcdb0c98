"""Density bins: every event is counted, at any length, in a bounded size."""

import json

import pytest

from trace_app.domain.events import RIBBONS, Event
from trace_app.domain.lines import Lines, lines_of
from trace_app.domain.ribbons import BINS, MAX_TICKS, Density, decode_lane, density


def event(seq: int, ts: float, level: str | None = None) -> Event:
    return Event(seq=seq, ts=ts, kind="app.log", level=level, step=1, data={})  # type: ignore[arg-type]


def test_the_span_doubles_until_everything_fits() -> None:
    bins = density(lines_of([event(1, 0), event(2, 5000), event(3, 100_000, "error")]))
    shown = bins.to_json()
    assert shown["span_ms"] == 131_072
    assert sum(bins.counts["console"]) == 3
    lane = decode_lane(shown["lanes"]["console"])
    assert len(lane) == BINS
    assert lane[int(100_000 * BINS / 131_072)] == (1, 3)
    assert shown["ticks"] == [{"seq": 3, "ts": 100_000, "ribbon": "console", "step": 1}]


def test_a_late_event_does_not_lose_earlier_ones() -> None:
    bins = density(lines_of(event(seq, seq / 10) for seq in range(1, 20_000)))
    bins.add(Lines.of([event(20_000, 10_000_000)]))
    assert sum(bins.counts["console"]) == 20_000


def test_the_size_is_bounded_and_more_failures_are_counted() -> None:
    bins = density(lines_of(event(seq, seq, "error") for seq in range(1, 100_001)))
    shown = bins.to_json()
    assert len(shown["ticks"]) == MAX_TICKS
    assert shown["more"] == 100_000 - MAX_TICKS
    assert len(json.dumps(shown["lanes"])) < 12_000


@pytest.mark.parametrize("count", [1, 7, 3000])
def test_stored_bins_can_be_continued(count: int) -> None:
    shown = density(lines_of(event(seq, seq) for seq in range(1, count))).to_json()
    assert Density.from_json(shown).to_json() == shown
    assert set(shown["lanes"]) == set(RIBBONS)
