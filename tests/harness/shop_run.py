"""A runner's bundle made from a Playwright fixture: steps, assertions, clones and storage added.

It has what our own runner records, without running anything; for tests of readers and pages.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

from trace_app.domain.archive import Archive
from trace_app.domain.bundle import RunInfo, RunnerRef, RunStep, ScenarioRef
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.events import Event
from trace_app.domain.playwright import package_drafts, read_package
from trace_app.domain.sequence import Draft, assign_steps, number

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "playwright"
TITLES = (
    "Open the shop",
    "Choose two items",
    "Open the cart",
    "Apply coupon TENX",
    "Go to checkout",
    "Enter address and card",
    "Click Pay now",
    "Charge is 900",
)
# How many of the recorded calls belong to each step, in order.
CALLS = (2, 4, 1, 2, 1, 3, 3)
MESSAGE = "webhook payment_intent.succeeded answered 404"


def write_shop_run(path: Path, *, fails: bool = True, sha: str = "a1b2c3d4" * 5) -> Path:
    """Writes the bundle to `path` and returns it; a failing run fails at step 7 of 8."""
    zip_path = FIXTURES / ("py-fail.trace.zip" if fails else "py-pass.trace.zip")
    with zip_path.open("rb") as file:
        package = read_package(Archive(file))
    recorded = package_drafts(package, calls="actions")
    calls = sorted((call.start_ms, call.end_ms or call.start_ms) for call in package.calls)
    drafts = [*recorded, *_own(_windows(calls), fails=fails)]
    origin = min(draft.wall_ms for draft in drafts)
    events = assign_steps(number(drafts, origin))
    with path.open("wb") as out:
        write_bundle(
            out, run=_run(events, fails=fails, sha=sha), events=events, playwright=zip_path
        )
    return path


def bundle_bytes(folder: Path, *, fails: bool = True) -> BytesIO:
    """The same, in memory."""
    return BytesIO(write_shop_run(folder / "run.zip", fails=fails).read_bytes())


def _windows(calls: list[tuple[float, float]]) -> list[tuple[float, float]]:
    windows, at = [], 0
    for count in CALLS:
        group = calls[at : at + count] or calls[-1:]
        windows.append((group[0][0] - 1, max(end for _, end in group) + 1))
        at += count
    # A step ends before the next one begins.
    return [
        (start, min(end, windows[no + 1][0] - 0.5) if no + 1 < len(windows) else end)
        for no, (start, end) in enumerate(windows)
    ]


def _own(windows: list[tuple[float, float]], *, fails: bool) -> list[Draft]:
    started = {"started_at": "2026-11-22T10:00:00Z", "sha": "a1b2c3d", "level": "L2"}
    drafts = [Draft(wall_ms=windows[0][0] - 5, lane="a", kind="run.start", data=started)]
    drafts.append(_clone(windows[0][0] - 4, 0, fails=fails))
    for step, (start, end) in enumerate(windows, start=1):
        broken = fails and step == len(windows)
        drafts += _step(step, start, end, broken=broken)
        drafts.append(_clone(end + 0.1, step, fails=fails))
        drafts.append(_storage(end + 0.2, step))
    drafts += _payment(windows[-1], fails=fails)
    status = {"status": "failed" if fails else "passed", "failing_step": 7 if fails else None}
    drafts.append(Draft(wall_ms=windows[-1][1] + 5, lane="z", kind="run.end", data=status))
    return drafts


def _step(step: int, start: float, end: float, *, broken: bool) -> list[Draft]:
    key, title = f"step:{step}", TITLES[step - 1]
    opened = {"title": title, "text": title, "line": 10 + 2 * step}
    closed: dict[str, Any] = {"status": "failed" if broken else "passed"}
    if broken:
        closed["error"] = {"message": MESSAGE}
    return [
        Draft(wall_ms=start, lane="a", kind="step.start", step=step, key=key, data=opened),
        Draft(
            wall_ms=end,
            lane="y",
            kind="step.end",
            step=step,
            ref_key=key,
            dur=end - start,
            level="error" if broken else None,
            data=closed,
        ),
    ]


def _payment(window: tuple[float, float], *, fails: bool) -> list[Draft]:
    at = window[0] + 60
    status = 404 if fails else 200
    hook = {"clone": "stripe", "event": "payment_intent.succeeded", "status": status}
    expected = {
        "kind": "webhook",
        "text": "expect webhook stripe `payment_intent.succeeded` delivered",
        "line": 25,
        "ok": not fails,
        "expected": "delivered",
        "actual": f"answered {status}",
        "message": MESSAGE if fails else "",
    }
    request = {"clone": "stripe", "method": "POST", "path": "/v1/payment_intents", "status": 200}
    level: Any = "error" if fails else None
    return [
        Draft(wall_ms=at, lane="agent", kind="clone.request", step=7, data=request),
        Draft(
            wall_ms=at + 20,
            lane="agent",
            kind="clone.webhook",
            step=7,
            level=level,
            data={**hook, "url": "http://app/api/stripe/webhook", "attempt": 1},
        ),
        Draft(
            wall_ms=window[1] - 1, lane="x", kind="assertion", step=7, level=level, data=expected
        ),
    ]


def _clone(at: float, step: int, *, fails: bool) -> Draft:
    paid, amount = step >= len(CALLS), 9000 if fails else 900
    intents = [{"id": "pi_0001", "amount": amount, "currency": "usd", "status": "succeeded"}]
    deliveries = [{"event": "payment_intent.succeeded", "status": 404 if fails else 200}]
    state = {
        "customers": [{"id": "cus_0001", "email": "ada@example.test"}] if step >= 6 else [],
        "coupons": [{"id": "TENX", "percent_off": 90, "times_redeemed": int(step >= 4)}],
        "payment_intents": intents if paid else [],
        "webhook_endpoints": [{"id": "we_0001", "url": "/api/stripe/webhook", "enabled": True}],
        "webhook_deliveries": deliveries if paid else [],
    }
    data = {"clone": "stripe", "state": state, "boundary": "after"}
    return Draft(wall_ms=at, lane="yy", kind="clone.state", step=step, data=data)


def _storage(at: float, step: int) -> Draft:
    cookie = {"name": "session", "value": "‹masked:3›", "domain": "app", "path": "/"}
    data = {
        "url": "http://app/checkout" if step >= 5 else "http://app/",
        "cookies": [{**cookie, "httpOnly": True}],
        "local": {"cart": f'{{"count":{min(step, 2)}}}'} if step >= 2 else {},
        "session": {},
    }
    return Draft(wall_ms=at, lane="yz", kind="storage.state", step=step, data=data)


def _run(events: list[Event], *, fails: bool, sha: str) -> RunInfo:
    last = 7 if fails else 8
    steps = [
        RunStep(
            no=no,
            text=title,
            title=title,
            status="failed" if fails and no == last else "passed" if no <= last else "skipped",
            error=MESSAGE if fails and no == last else None,
        )
        for no, title in enumerate(TITLES, start=1)
    ]
    return RunInfo(
        status="failed" if fails else "passed",
        scenario=ScenarioRef(
            id="01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80",
            slug="checkout-stripe",
            title="Checkout with Stripe",
            path=".molar/scenarios/checkout-stripe.molar.md",
        ),
        sha=sha,
        branch="pr/4521" if fails else "main",
        pr=4521 if fails else None,
        source="pr" if fails else "schedule",
        duration_ms=max(event.ts for event in events),
        failing_step=last if fails else None,
        runner=RunnerRef(name="trace-runner", version="1", level="L2"),
        steps=steps,
    )
