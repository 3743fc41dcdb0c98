"""Opens a page in a browser that knows nothing yet and reads when its parts had been painted."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

WATCH: Final = (Path(__file__).parent / "watch.js").read_text()
SCREEN: Final[ViewportSize] = {"width": 1440, "height": 900}
PATIENCE_MS: Final = 60_000


@dataclass(frozen=True)
class Opened:
    """Milliseconds from the start of the navigation; `ribbons` is None on the other viewer."""

    first_byte: float
    list: float
    ribbons: float | None
    snapshot: float


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, the same for both viewers: the shell that runs drive comes first."""
    found = (shutil.which(name) for name in ("chromium-headless-shell", "chromium"))
    path = os.environ.get("TRACE_CHROMIUM") or next(filter(None, found), None)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@contextmanager
def cold_page(browser: Browser, cookies: list[Any]) -> Iterator[Page]:
    """A page of a context of its own: no cache, no service worker, only the session."""
    context = browser.new_context(viewport=SCREEN)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies(cookies)
    context.add_init_script(WATCH)
    yield context.new_page()
    context.close()


def open_cold(page: Page, url: str, *, ribbons: bool, snapshot: bool = True) -> Opened:
    """Open the address and wait until steps, ribbons and the first snapshot are painted."""
    page.goto(url, wait_until="commit")
    wanted = ["list"] + ["ribbons"] * ribbons + ["snapshot"] * snapshot
    page.wait_for_function(
        "names => names.every(name => window.benchSeen?.[name] > 0)", arg=wanted, polling=100
    )
    seen = page.evaluate("window.benchSeen")
    first_byte = page.evaluate("performance.getEntriesByType('navigation')[0].responseStart")
    shown = float(seen["snapshot"] or 0)
    return Opened(first_byte, float(seen["list"]), seen["ribbons"] if ribbons else None, shown)


def click_to_snapshot(page: Page, rows: str, number: int) -> float:
    """Milliseconds from pressing a row's mouse button until its snapshot had been painted."""
    row = page.locator(rows).nth(number)
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    if box is None:
        raise RuntimeError(f"row {number} of {rows} is not shown")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    # No rest: one viewer shows the snapshot of the row under the pointer, the other fetches it.
    page.mouse.down()
    page.mouse.up()
    page.wait_for_function("() => window.benchSeen.shown", polling=50)
    page.wait_for_timeout(700)
    return float(page.evaluate("benchSeen.shown - benchSeen.clicked"))
