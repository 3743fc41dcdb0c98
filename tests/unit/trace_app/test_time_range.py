"""The selected stretch of time, as an address brings it."""

import pytest

from trace_app.domain.time_range import TimeRange, parse_range


def test_both_ends_in_either_order() -> None:
    assert parse_range("10", "20.5") == parse_range("20.5", "10") == TimeRange(10, 20.5)
    assert str(TimeRange(840, 23_410)) == "840 ms to 23.41 s"


@pytest.mark.parametrize("text", ["", None, "x", "-1", "nan", "inf", "1" * 40])
def test_half_a_range_is_none(text: str | None) -> None:
    assert parse_range(text, "10") is None
    assert parse_range("10", text) is None


def test_what_lasts_is_in_the_range_with_any_part_of_it() -> None:
    held = TimeRange(10, 20)
    assert held.holds(10)
    assert held.holds(20)
    assert held.holds(5, 12)
    assert held.holds(5, 40)
    assert not held.holds(5, 9)
    assert not held.holds(21, 30)
