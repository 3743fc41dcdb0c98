"""Statements whose plan the server keeps: what it knows of them, and what they give."""

from datetime import UTC, datetime, timedelta

import pytest

from trace_app.models.prepared import fetch

PLANS = """
    SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE position(%s IN statement) > 0
"""


@pytest.mark.django_db
def test_a_statement_is_prepared_at_once_and_planned_once() -> None:
    for number in (1, 2, 3):
        assert fetch("SELECT count(*) > %s AS prepared_once FROM auth_user", [number]) == [(False,)]
    assert fetch(PLANS, ["AS " + "prepared_once"]) == [(3, 0)]


@pytest.mark.django_db
def test_moments_are_in_utc() -> None:
    moment = datetime(2026, 7, 1, 12, 30, 15, 250_000, tzinfo=UTC)
    [(given, counted)] = fetch("SELECT %s::timestamptz, now()", [moment])
    assert given == moment
    assert given.isoformat() == "2026-07-01T12:30:15.250000+00:00"
    assert counted.utcoffset() == timedelta(0)
