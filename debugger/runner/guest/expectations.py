"""Judges what must hold after an action.

Each expectation is asked again until it holds or time is up.
"""

import asyncio
import difflib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page, expect

from . import globs
from .calls import CallError
from .state_path import MISSING, look_up, same
from .targets import describe, locate
from .traffic import Traffic
from .verbs import Stage

Json = dict[str, Any]
PAUSE_SECONDS = 0.05
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether it held, and the two sides for people. `message` is empty when it held."""

    ok: bool
    expected: object
    actual: object
    message: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What expectations look at.

    Only what happened since `since` (wall ms) counts as caused by the step; `deadline` is monotonic
    seconds.
    """

    stage: Stage
    traffic: Traffic
    since: float
    deadline: float

    @property
    def remaining_ms(self) -> float:
        """Time left, never so little that nothing can be asked."""
        return max((self.deadline - time.monotonic()) * 1000, 150)


async def judge(expectation: Json, scene: Scene) -> Outcome:
    """The verdict on one expectation; never raises for a page or clone that misbehaves."""
    try:
        if expectation.get("negated"):
            # Before what the step set off has come, everything is absent.
            await scene.traffic.settle()
            await asyncio.to_thread(scene.stage.clones.settle)
        return await _JUDGES[expectation["kind"]](expectation, scene)
    except (PlaywrightError, CallError) as error:
        return Outcome(False, expectation.get("value"), None, str(error))


async def _text(expectation: Json, scene: Scene) -> Outcome:
    value, target = expectation["value"], expectation.get("target")

    async def ask(page: Page) -> Outcome:
        locator = locate(page, target) if target else page.locator("body")
        check = expect(locator)
        wait = check.not_to_contain_text if expectation.get("negated") else check.to_contain_text
        try:
            await wait(value, use_inner_text=True, timeout=scene.remaining_ms)
        except AssertionError:
            shown = await _inner_text(locator)
            actual = value if expectation.get("negated") else _closest(value, shown)
            message = _contrast(
                expectation, describe(target) or "the page", f'text "{value}"', actual
            )
            return Outcome(False, value, actual, message)
        return Outcome(True, value, None if expectation.get("negated") else value)

    return await _on_newest_page(scene, ask)


async def _value(expectation: Json, scene: Scene) -> Outcome:
    value, target = expectation["value"], expectation["target"]

    async def ask(page: Page) -> Outcome:
        locator = locate(page, target)
        check = expect(locator)
        wait = check.not_to_have_value if expectation.get("negated") else check.to_have_value
        try:
            await wait(value, timeout=scene.remaining_ms)
        except AssertionError:
            actual = await _input_value(locator)
            message = _contrast(expectation, describe(target), f'"{value}"', actual)
            return Outcome(False, value, actual, message)
        return Outcome(True, value, None if expectation.get("negated") else value)

    return await _on_newest_page(scene, ask)


async def _on_newest_page(scene: Scene, ask: Callable[[Page], Awaitable[Outcome]]) -> Outcome:
    """Ask about the page opened last, anew when another one becomes that while it is asked."""
    while True:
        page = scene.stage.page
        asking = asyncio.ensure_future(ask(page))
        while not asking.done():
            await asyncio.wait({asking}, timeout=PAUSE_SECONDS)
            if _newest(scene) is not page:
                asking.cancel()
                break
        try:
            return await asking
        except asyncio.CancelledError:
            continue
        except PlaywrightError:
            # A page that closes while it is asked leaves the one below it.
            if _newest(scene) in (page, None):
                raise


def _newest(scene: Scene) -> Page | None:
    pages = scene.stage.context.pages
    return pages[-1] if pages else None


async def _url(expectation: Json, scene: Scene) -> Outcome:
    async def probe() -> Outcome:
        url = scene.stage.page.url
        return Outcome(globs.matches(expectation["value"], url), expectation["value"], url)

    return await _poll(expectation, scene, "the address", probe)


async def _network(expectation: Json, scene: Scene) -> Outcome:
    method, path, status = (expectation[key] for key in ("method", "path", "status"))

    async def probe() -> Outcome:
        await asyncio.to_thread(scene.stage.clones.collect)
        found = [
            answer
            for answer in _exchanges(scene)
            if answer[0] == method and globs.matches(path, answer[1])
        ]
        statuses = [answer[2] for answer in found]
        actual = status if status in statuses else statuses[-1] if statuses else None
        return Outcome(status in statuses, status, actual)

    return await _poll(expectation, scene, f"{method} {path}", probe)


async def _webhook(expectation: Json, scene: Scene) -> Outcome:
    clone, event = expectation["clone"], expectation["event"]

    async def probe() -> Outcome:
        await asyncio.to_thread(scene.stage.clones.collect)
        tries = [
            delivery
            for delivery in scene.stage.clones.deliveries
            if delivery["at"] >= scene.since
            and (delivery.get("clone"), delivery.get("event")) == (clone, event)
        ]
        delivered = any(200 <= (delivery.get("status") or 0) < 300 for delivery in tries)
        return Outcome(delivered, "delivered", _delivery(tries[-1]) if tries else "never sent")

    return await _poll(expectation, scene, f"webhook {clone} {event}", probe)


async def _clone(expectation: Json, scene: Scene) -> Outcome:
    name, path, value = expectation["clone"], expectation["path"], expectation["value"]

    async def probe() -> Outcome:
        state = await asyncio.to_thread(scene.stage.clones.state, name)
        actual = look_up(state, path)
        shown = None if actual is MISSING else actual
        return Outcome(actual is not MISSING and same(actual, value), value, shown)

    return await _poll(expectation, scene, f"clone {name} {path}", probe)


async def _mail(expectation: Json, scene: Scene) -> Outcome:
    to, contains = expectation["to"], expectation["contains"]

    async def probe() -> Outcome:
        messages = (await asyncio.to_thread(scene.stage.clones.state, "email")).get("messages", [])
        texts = [_mail_text(message) for message in messages if to in message.get("to", [])]
        if any(contains in text for text in texts):
            return Outcome(True, contains, contains)
        return Outcome(False, contains, _closest(contains, texts[-1]) if texts else None)

    return await _poll(expectation, scene, f"mail to {to}", probe)


async def _console(expectation: Json, scene: Scene) -> Outcome:
    await scene.traffic.settle()

    async def probe() -> Outcome:
        texts = [trouble.text for trouble in scene.traffic.troubles if trouble.at >= scene.since]
        return Outcome(not texts, [], [text[:_SHOWN] for text in texts])

    # An error that was printed does not go away: asking again helps only when one is wanted.
    if not expectation.get("negated"):
        outcome = await probe()
        actual = "; ".join(str(text) for text in _listed(outcome.actual))
        return Outcome(outcome.ok, [], outcome.actual, "" if outcome.ok else f"console: {actual}")
    return await _poll(expectation, scene, "the console", probe)


async def _poll(
    expectation: Json, scene: Scene, what: str, probe: Callable[[], Awaitable[Outcome]]
) -> Outcome:
    """Ask until it holds (or, negated, no longer holds) or the deadline has passed."""
    negated = bool(expectation.get("negated"))
    while True:
        outcome = await probe()
        if outcome.ok != negated:
            return Outcome(True, outcome.expected, outcome.actual)
        if time.monotonic() >= scene.deadline:
            message = _contrast(expectation, what, _shown(outcome.expected), outcome.actual)
            return Outcome(False, outcome.expected, outcome.actual, message)
        await asyncio.sleep(PAUSE_SECONDS)


def _contrast(expectation: Json, what: str, expected: str, actual: object) -> str:
    if expectation.get("negated"):
        return f"{what}: expected not to be {expected}"
    got = "nothing" if actual is None else _shown(actual)
    return f"{what}: expected {expected}, got {got}"


def _shown(value: object) -> str:
    return f'"{value[:_SHOWN]}"' if isinstance(value, str) else str(value)


def _exchanges(scene: Scene) -> list[tuple[str, str, int]]:
    """(method, url, status) of what the browser and the clones sent since the step began."""
    seen = [(a.at, a.method, a.url, a.status) for a in scene.traffic.answers]
    seen += [
        (d["at"], "POST", str(d.get("url", "")), d.get("status") or 0)
        for d in scene.stage.clones.deliveries
    ]
    return [(method, url, status) for at, method, url, status in seen if at >= scene.since]


def _delivery(delivery: Json) -> str:
    status = delivery.get("status") or "no answer"
    return f"{status} from {urlsplit(delivery.get('url', '')).path}"


def _mail_text(message: Json) -> str:
    return "\n".join(str(message.get(part) or "") for part in ("subject", "text", "html"))


def _closest(wanted: str, text: str) -> str | None:
    """The line people would compare with: the most similar one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = difflib.get_close_matches(wanted, lines, n=1, cutoff=0.4)
    return found[0][:_SHOWN] if found else None


async def _inner_text(locator: Locator) -> str:
    try:
        return await locator.inner_text(timeout=200)
    except PlaywrightError:
        return ""


async def _input_value(locator: Locator) -> str | None:
    try:
        return await locator.input_value(timeout=200)
    except PlaywrightError:
        return None


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


_JUDGES: Final[dict[str, Callable[[Json, Scene], Awaitable[Outcome]]]] = {
    "text": _text,
    "value": _value,
    "url": _url,
    "network": _network,
    "webhook": _webhook,
    "clone": _clone,
    "mail": _mail,
    "console": _console,
}
