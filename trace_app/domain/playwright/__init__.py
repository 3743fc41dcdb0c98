"""Playwright trace zips: read, numbered as events, and their DOM snapshots rendered scriptless."""

from trace_app.domain.playwright.drafts import package_drafts
from trace_app.domain.playwright.model import (
    IMPORTER_VERSION,
    NEWEST_FORMAT,
    NewerFormatError,
    Package,
    PlaywrightError,
)
from trace_app.domain.playwright.reader import is_playwright, read_package

__all__ = [
    "IMPORTER_VERSION",
    "NEWEST_FORMAT",
    "NewerFormatError",
    "Package",
    "PlaywrightError",
    "is_playwright",
    "package_drafts",
    "read_package",
]
