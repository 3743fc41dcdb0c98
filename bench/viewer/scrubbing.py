"""Drags the playhead over a trace's ribbons and reads from Chromium's own record what it cost."""

import json
from collections import defaultdict
from itertools import pairwise
from typing import Any, Final

from playwright.sync_api import Browser, Page

_CATEGORIES: Final = ["devtools.timeline"]
_SCRIPT: Final = frozenset({"EventDispatch", "FireAnimationFrame", "FunctionCall", "TimerFire"})
_MOVES: Final = 240


def scrub(browser: Browser, page: Page) -> tuple[list[float], list[float]]:
    """(milliseconds between frames, milliseconds of script in each frame), while dragging."""
    canvas = page.locator("#lanes canvas")
    box = canvas.bounding_box()
    if box is None:
        raise RuntimeError("the ribbons are not shown")
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 20, y)
    page.mouse.down()
    browser.start_tracing(page=page, categories=_CATEGORIES)
    page.evaluate(_FRAMES)
    for move in range(_MOVES):
        share = 0.5 - 0.48 * ((move % 80) - 40) / 40
        page.mouse.move(box["x"] + box["width"] * share, y)
    frames: list[float] = page.evaluate("window.benchFrames")
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.mouse.up()
    return _gaps(frames), _script_per_frame(events)


_FRAMES: Final = """() => {
  const frames = (window.benchFrames = []);
  const tick = (now) => { frames.push(now); requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""


def _gaps(frames: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(frames)]


def _script_per_frame(events: list[dict[str, Any]]) -> list[float]:
    """Script of one renderer thread between one animation frame and the next; nested once."""
    by_thread: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        if event.get("ph") == "X" and event["name"] in _SCRIPT:
            by_thread[event["pid"], event["tid"]].append(event)
    busiest = max(by_thread.values(), key=len, default=[])
    frames, current, covered_to = [], 0.0, 0.0
    for event in sorted(busiest, key=lambda one: one["ts"]):
        end = event["ts"] + event.get("dur", 0)
        current += max(end - max(event["ts"], covered_to), 0) / 1000
        covered_to = max(covered_to, end)
        if event["name"] == "FireAnimationFrame":
            frames.append(current)
            current = 0.0
    return frames


def percentile95(values: list[float]) -> float:
    """The value that 95 % of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]
