"""What both failure trackers are sent: the same failed run of about 30 KB, in each one's form.

A run has twenty frames of stack with source lines, and some eighty things that happened before:
requests with their answers, console lines, clicks. Of a hundred runs every tenth fails elsewhere.
"""

import io
import json
import uuid
import zipfile
from typing import Any

from bench.bodies import lines
from trace_app.domain.bundle import RunInfo, RunStep
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.events import Event

_EVENTS = 96
_FRAMES = 20


def envelope(no: int) -> bytes:
    """The run as a Sentry envelope with one event."""
    event_id = uuid.UUID(int=(no << 64) + 0x4000_8000_0000_0000).hex
    payload = {
        "event_id": event_id,
        "timestamp": "2026-11-25T00:00:00Z",
        "platform": "python",
        "level": "error",
        "release": f"{no:040x}",
        "environment": "ci",
        "transaction": _test(no),
        "exception": {"values": [_exception(no)]},
        "breadcrumbs": {"values": [_crumb(event) for event in _before(no)]},
    }
    body = json.dumps(payload, separators=(",", ":")).encode()
    head = json.dumps({"event_id": event_id, "sent_at": "2026-11-25T00:00:00Z"}).encode()
    item = json.dumps({"type": "event", "length": len(body)}).encode()
    return b"\n".join([head, item, body, b""])


def bundle(no: int) -> bytes:
    """The run as a bundle of ours, its members stored and not deflated: bytes for bytes."""
    out, plain = io.BytesIO(), io.BytesIO()
    run = RunInfo(
        status="failed",
        title=_test(no),
        sha=f"{no:040x}",
        branch="main",
        steps=[RunStep(no=1, text="pay", status="failed")],
    )
    write_bundle(out, run=run, events=_events(no))
    with zipfile.ZipFile(out) as packed, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as target:
        for name in packed.namelist():
            target.writestr(name, packed.read(name))
    return plain.getvalue()


def _events(no: int) -> list[Event]:
    start = Event(
        seq=1, ts=0, kind="step.start", step=1, data={"title": "Pay", "text": "click Pay now"}
    )
    before = [
        Event(**{**event, "seq": seq, "ref": None, "step": 1})
        for seq, event in enumerate(_before(no), start=2)
    ]
    error = _exception(no)
    stack = "\n".join(
        f'  File "{frame["filename"]}", line {frame["lineno"]}, in {frame["function"]}\n'
        f"    {frame['context_line']}\n"
        + "\n".join((*frame["pre_context"], *frame["post_context"]))
        for frame in error["stacktrace"]["frames"]
    )
    last = len(before) + 2
    said = {"message": error["value"], "stack": f"Traceback (most recent call last):\n{stack}"}
    ended = {"status": "failed", "error": {"message": error["value"]}}
    return [
        start,
        *before,
        Event(seq=last, ts=200, kind="page.error", step=1, level="error", data=said),
        Event(seq=last + 1, ts=201, kind="step.end", step=1, ref=1, level="error", data=ended),
    ]


def _before(no: int) -> list[dict[str, Any]]:
    return [event for event in lines(_EVENTS, 1001 + no * 1000) if event["kind"] != "step.start"]


def _crumb(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "http" if event["kind"].startswith("network") else "default",
        "category": event["kind"],
        "timestamp": 1_795_564_800 + event["ts"] / 1000,
        "level": event.get("level", "info"),
        "data": event["data"],
    }


def _exception(no: int) -> dict[str, Any]:
    place = 1 + no % 10
    frames = [
        {
            "filename": f"shop/module_{place}_{depth}.py",
            "function": f"handle_{depth}",
            "module": f"shop.module_{place}_{depth}",
            "lineno": 20 + depth,
            "in_app": depth % 3 == 0,
            "context_line": f"return self.call_{depth}(request, cart=cart, coupon=coupon)",
            "pre_context": [f"    # what depth {depth} does, line {no}" for no in range(5)],
            "post_context": [f"    # what depth {depth} leaves, line {no}" for no in range(5)],
        }
        for depth in range(_FRAMES)
    ]
    value = f"expected 900 cents in cart of place {'abcdefghij'[place - 1]}, got {no}"
    return {"type": "AssertionError", "value": value, "stacktrace": {"frames": frames}}


def _test(no: int) -> str:
    return f"tests/test_checkout.py::test_place_{no % 10}"
