"""Finds the Chromium that the browser tests drive."""

import os
import shutil

import pytest

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


def find_chromium() -> str | None:
    """Return the path of TRACE_CHROMIUM or of one on PATH; None means Playwright's own."""
    if named := os.environ.get("TRACE_CHROMIUM"):
        if not os.access(named, os.X_OK):
            pytest.fail(f"TRACE_CHROMIUM names {named}, which cannot be run.", pytrace=False)
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)
