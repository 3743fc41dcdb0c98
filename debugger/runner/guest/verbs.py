"""Performs the action of a step, one small function per verb.

Whether the result is right is said by expectations.
"""

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from playwright.async_api import BrowserContext, Locator, Page
from playwright.async_api import Error as PlaywrightError

from . import globs
from .application import URL
from .calls import CallError
from .clone_set import CloneSet
from .storage import BULLETS, accessible_text
from .targets import locate

Json = dict[str, Any]
CLOSING_MS = 500


class ActionError(Exception):
    """The action could not be performed; the message is for people."""


@dataclass(slots=True)
class Stage:
    """What an action can act on. `extra` is what the action adds to its event."""

    context: BrowserContext
    clones: CloneSet
    root: Path
    blobs: Path
    timeout_ms: float
    extra: Json = field(default_factory=dict)

    @property
    def page(self) -> Page:
        """The page the user looks at, the one opened last; PlaywrightError when all are closed."""
        if not self.context.pages:
            raise PlaywrightError("no page is open any more")
        return self.context.pages[-1]

    def target(self, action: Json) -> Locator:
        """The action's target on that page."""
        return locate(self.page, action["target"])


async def perform(action: Json, stage: Stage) -> None:
    """Do it. ActionError when it cannot be done before the timeout."""
    stage.extra = {}
    try:
        await _VERBS[action["verb"]](action, stage)
    except (PlaywrightError, CallError, OSError) as error:
        raise ActionError(str(error)) from error


async def shown_value(action: Json, stage: Stage) -> str | None:
    """The action's value as it may be recorded: what goes into a password field is hidden."""
    value: str | None = action.get("value")
    if action["verb"] != "fill" or value is None:
        return value
    try:
        kind = await stage.target(action).get_attribute("type", timeout=200)
    except PlaywrightError:
        return value
    return BULLETS if kind == "password" else value


async def _navigate(action: Json, stage: Stage) -> None:
    await stage.page.goto(urljoin(f"{URL}/", action["value"]), timeout=stage.timeout_ms)


async def _click(action: Json, stage: Stage) -> None:
    page = stage.page
    try:
        await locate(page, action["target"]).click(timeout=stage.timeout_ms)
    except PlaywrightError as error:
        # A click may close its own page before Playwright has heard that it is done.
        if "has been closed" not in str(error) or not await _is_closed(page):
            raise


async def _is_closed(page: Page) -> bool:
    """Whether the page closes within a moment, and the browser goes on with another one."""
    if not page.is_closed():
        with contextlib.suppress(PlaywrightError):
            await page.wait_for_event("close", timeout=CLOSING_MS)
    return page.is_closed() and bool(page.context.pages)


async def _hover(action: Json, stage: Stage) -> None:
    await stage.target(action).hover(timeout=stage.timeout_ms)


async def _fill(action: Json, stage: Stage) -> None:
    await stage.target(action).fill(action["value"], timeout=stage.timeout_ms)


async def _select(action: Json, stage: Stage) -> None:
    await stage.target(action).select_option(action["value"], timeout=stage.timeout_ms)


async def _upload(action: Json, stage: Stage) -> None:
    await stage.target(action).set_input_files(
        stage.root / action["value"], timeout=stage.timeout_ms
    )


async def _press(action: Json, stage: Stage) -> None:
    if action.get("target"):
        await stage.target(action).press(action["value"], timeout=stage.timeout_ms)
    else:
        await stage.page.keyboard.press(action["value"])


async def _wait(action: Json, stage: Stage) -> None:
    options = action.get("options", {})
    if action.get("target"):
        await stage.target(action).wait_for(timeout=stage.timeout_ms)
    elif "url" in options:
        await _wait_url(options["url"], stage)
    else:
        await asyncio.sleep(options["ms"] / 1000)


async def _wait_url(pattern: str, stage: Stage) -> None:
    deadline = time.monotonic() + stage.timeout_ms / 1000
    while not globs.matches(pattern, stage.page.url):
        if time.monotonic() > deadline:
            raise ActionError(f"the address stayed {stage.page.url}, wanted {pattern}")
        await asyncio.sleep(0.02)


async def _snapshot(action: Json, stage: Stage) -> None:
    stage.extra = {"aria": await accessible_text(stage.page)}


async def _screenshot(action: Json, stage: Stage) -> None:
    picture = await stage.page.screenshot(timeout=stage.timeout_ms)
    digest = hashlib.sha256(picture).hexdigest()
    (stage.blobs / digest).write_bytes(picture)
    blob = {"$blob": f"sha256:{digest}", "type": "image/png", "size": len(picture)}
    stage.extra = {"image": blob}


async def _inject_error(action: Json, stage: Stage) -> None:
    options = dict(action["options"])
    await asyncio.to_thread(stage.clones.inject, options.pop("clone"), options)


async def _advance_clock(action: Json, stage: Stage) -> None:
    options = action["options"]
    await asyncio.to_thread(stage.clones.advance, options.get("clone"), int(options["seconds"]))


async def _request(action: Json, stage: Stage) -> None:
    options, body = action["options"], action.get("value")
    headers = {"Content-Type": "application/json"} if _is_json(body) else {}
    answer = await stage.context.request.fetch(
        urljoin(f"{URL}/", options["path"]),
        method=options["method"],
        data=body,
        headers=headers,
        timeout=stage.timeout_ms,
        max_redirects=0,
    )
    stage.extra = {"status": answer.status}


async def _expect(action: Json, stage: Stage) -> None:
    """Nothing to do: the expectation is judged like any other."""


def _is_json(body: str | None) -> bool:
    try:
        return body is not None and isinstance(json.loads(body), dict | list)
    except ValueError:
        return False


_VERBS: Final[dict[str, Callable[[Json, Stage], Awaitable[None]]]] = {
    "navigate": _navigate,
    "click": _click,
    "hover": _hover,
    "fill": _fill,
    "select": _select,
    "upload": _upload,
    "press": _press,
    "wait": _wait,
    "snapshot": _snapshot,
    "screenshot": _screenshot,
    "inject_error": _inject_error,
    "advance_clock": _advance_clock,
    "request": _request,
    "expect": _expect,
    "assert": _expect,
}
