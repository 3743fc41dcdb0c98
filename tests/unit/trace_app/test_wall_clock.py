"""Times as text: what is one, in which zone, and what no database would give back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from trace_app.domain.filters import moment
from trace_app.domain.wall_clock import read_moment

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-11-22T12:00:00Z", "2026-11-22T13:00:00+01:00", "2026-11-22 12:00:00.000+00:00"]
)
def test_a_time_is_brought_into_utc(text: str) -> None:
    found = read_moment(text)
    assert found == NOON
    assert found.tzinfo is UTC


def test_a_time_without_a_zone_needs_one() -> None:
    assert read_moment("2026-11-22T12:00:00") is None
    assert read_moment("2026-11-22T12:00:00", assumed=UTC) == NOON
    east = timezone(timedelta(hours=2))
    assert read_moment("2026-11-22T14:00:00", assumed=east) == NOON


def test_the_first_and_the_last_moment() -> None:
    assert read_moment("0001-01-01T00:00:00Z") == datetime.min.replace(tzinfo=UTC)
    assert read_moment("9999-12-31T23:59:59.999999Z") == datetime.max.replace(tzinfo=UTC)
    for text in ("0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"):
        assert read_moment(text) is None
        assert moment(text) is None, "a filter in an address"


@pytest.mark.parametrize("text", ["", "now", "1e9", "-1", "2026-02-30T00:00:00Z", "2026-11-22T99Z"])
def test_what_is_no_time(text: str) -> None:
    assert read_moment(text, assumed=UTC) is None
