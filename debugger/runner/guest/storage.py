"""Browser storage at a step boundary.

Reading it, masking it for the record, and putting it back.
"""

import contextlib
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, Route
from playwright.async_api import Error as PlaywrightError

Json = dict[str, Any]
MASK = "‹masked›"
BULLETS = "••••••"
_READ = """() => {
  const read = (area) => { try { return {...window[area]} } catch { return {} } };
  const secrets = [...document.querySelectorAll('input[type=password]')].map((i) => i.value);
  return {origin: location.origin, session: read('sessionStorage'),
          local: read('localStorage'), secrets: secrets.filter(Boolean)};
}"""
_NOTHING: Json = {"origin": "null", "session": {}, "local": {}, "secrets": []}
_WRITE = "(entries) => Object.assign(sessionStorage, entries)"


async def capture(context: BrowserContext) -> Json:
    """{"url", "cookies", "origins": [{"origin", "local", "session"}], "aria"} of the newest page.

    Unmasked but for passwords typed into the page. A page that is closed or crashed gives what is
    left of it.
    """
    state: Json = {"cookies": [], "origins": []}
    with contextlib.suppress(PlaywrightError):
        state = dict(await context.storage_state())
    origins = {
        entry["origin"]: {
            "origin": entry["origin"],
            "local": {item["name"]: item["value"] for item in entry.get("localStorage", [])},
            "session": {},
        }
        for entry in state["origins"]
    }
    page = context.pages[-1] if context.pages else None
    seen = await _read(page) if page else _NOTHING
    if seen["origin"] != "null" and (seen["session"] or seen["local"]):
        origins[seen["origin"]] = {key: seen[key] for key in ("origin", "local", "session")}
    return {
        "url": page.url if page else "about:blank",
        "cookies": state["cookies"],
        "origins": [origins[name] for name in sorted(origins)],
        "aria": await _text(page, seen["secrets"]) if page else "",
    }


async def accessible_text(page: Page) -> str:
    """The page as its accessibility tree reads, passwords hidden; "" without a page to read."""
    return await _text(page, (await _read(page))["secrets"])


async def _read(page: Page) -> Json:
    try:
        seen: Json = await page.evaluate(_READ)
    except PlaywrightError:
        return _NOTHING
    return seen


async def _text(page: Page, secrets: list[str]) -> str:
    try:
        text = await page.locator("body").aria_snapshot(timeout=2000)
    except PlaywrightError:
        return ""
    for secret in secrets:
        text = text.replace(secret, BULLETS)
    return text


def masked(state: Json) -> Json:
    """The form that goes into the record.

    Cookie values hidden, storage of the page's own origin.
    """
    parts = urlsplit(state["url"])
    origin = f"{parts.scheme}://{parts.netloc}"
    own: Json = next((entry for entry in state["origins"] if entry["origin"] == origin), {})
    return {
        "url": state["url"],
        "cookies": [{**cookie, "value": MASK} for cookie in state["cookies"]],
        "local": own.get("local", {}),
        "session": own.get("session", {}),
        "aria": state["aria"],
    }


def context_state(state: Json) -> Json:
    """Cookies and local storage in the form a new browser context takes."""
    return {
        "cookies": state.get("cookies", []),
        "origins": [
            {
                "origin": entry["origin"],
                "localStorage": [{"name": k, "value": v} for k, v in entry["local"].items()],
            }
            for entry in state.get("origins", [])
        ],
    }


async def reopen(page: Page, state: Json) -> None:
    """Put session storage back and open the recorded address."""
    for entry in state.get("origins", []):
        if entry["session"]:
            await _write_session(page, entry["origin"], entry["session"])
    if urlsplit(state.get("url", "")).scheme in ("http", "https"):
        await page.goto(state["url"], wait_until="load")


async def _write_session(page: Page, origin: str, entries: Json) -> None:
    """Session storage belongs to an origin and a tab.

    Write it on an empty page of that origin, which the application never sees.
    """
    address = f"{origin}/"

    async def empty(route: Route) -> None:
        await route.fulfill(status=200, content_type="text/html", body="<!doctype html>")

    await page.route(address, empty)
    await page.goto(address)
    await page.evaluate(_WRITE, entries)
    await page.unroute(address, empty)
