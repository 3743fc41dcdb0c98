"""Density bins: every event is counted, at any length, in a bounded size."""

import json

import pytest

from trace_app.domain.events import RIBBONS, Event
from trace_app.domain.lines import Lines, lines_of
from trace_app.domain.ribbons import BINS, MAX_TICKS, Density, decode_lane, density, for_page


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


def test_every_ribbon_counts_its_own_events_and_keeps_the_highest_level_of_a_bin() -> None:
    kinds = ("video.frame", "dom.snapshot", "network.request", "app.log", "agent.action")
    levels = ("debug", "info", "warning", "error", None)
    held = [
        Event(seq=1 + no, ts=no % 40, kind=kinds[no % 5], level=levels[no // 5 % 5], data={})  # type: ignore[arg-type]
        for no in range(1000)
    ]
    held += [Event(seq=2000, ts=7, kind="video.frame", level="error", data={})]
    bins = Density()
    bins.add(Lines.of(held))
    ranks = {None: 0, "debug": 0, "info": 1, "warning": 2, "error": 3}
    for ribbon in RIBBONS:
        for ts in range(40):
            own = [ranks[one.level] for one in held if (one.ribbon, one.ts) == (ribbon, ts)]
            found = bins.counts[ribbon][ts], bins.levels[ribbon][ts]
            assert found == (len(own), max(own, default=0)), (ribbon, ts)


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


def test_a_page_carries_bins_as_fine_as_they_are_drawn() -> None:
    lane = "ABBBBBBBBBBBBA" + "PQR" + "3" * 40 + "w"
    ticks = [
        {"seq": 7, "ts": 100.5, "ribbon": "network", "step": 3},
        {"seq": 78, "ts": 102.5, "ribbon": "agent", "step": None},
    ]
    shown = for_page({"lanes": {"console": lane}, "ticks": ticks, "span_ms": 2048})
    # P is the highest count without an error, w to 3 are errors; Q and R are of a lower level.
    assert shown["lanes"]["console"] == "AB.c.A" + "FAB" + "1.15."
    assert shown["ticks"] == {"seq": "7,1z", "ts": "rx,k", "step": "3,-3", "ribbon": "24"}
    assert shown["span_ms"] == 2048


def test_bins_and_failures_of_a_page_stay_below_sixteen_kilobytes_at_any_length() -> None:
    every = (event(seq, seq * 1.7, "error" if seq % 97 == 0 else None) for seq in range(1, 200_001))
    assert len(json.dumps(for_page(density(lines_of(every)).to_json()))) < 16_000
