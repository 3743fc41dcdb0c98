"""A few recorded pages beside Playwright's own viewer; `make compare-snapshots` takes more."""

from statistics import median

from playwright.sync_api import Browser

from bench.viewer.fidelity import TARGET, compare
from tests.harness.record import FAILED_ZIP


def test_our_snapshots_look_like_playwrights(chromium: Browser) -> None:
    compared = list(compare(chromium, FAILED_ZIP, 5))
    assert len(compared) == 5
    assert median(one.percent for one in compared) <= TARGET, compared
    assert max(one.percent for one in compared) <= 2, compared
