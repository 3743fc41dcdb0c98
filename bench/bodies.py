"""What is sent: runs as NDJSON, the same on every machine, with secrets to mask in them."""

from collections.abc import Iterator
from typing import Any

import msgspec

_PATHS = ("items", "orders", "cart", "sessions", "prices", "shipping/quotes")
_WORDS = (
    "mug",
    "teapot",
    "saucer",
    "spoon",
    "kettle",
    "filter",
    "grinder",
    "scale",
    "timer",
    "towel",
)


def ndjson(count: int, first: int = 1) -> bytes:
    """`count` events from seq `first` on, one per millisecond, 217 bytes each on average.

    Of a hundred, ninety are requests with their answers, six are console lines, two belong to
    the agent, and two are a frame and a snapshot; one carries a session cookie and a bearer
    token that have to be masked, one in a thousand is an error.
    """
    return msgspec.json.Encoder().encode_lines(lines(count, first))


def lines(count: int, first: int = 1) -> Iterator[dict[str, Any]]:
    """The same as objects."""
    for seq in range(first, first + count):
        yield _line(seq)


def _line(seq: int) -> dict[str, Any]:
    step = 1 + seq // 10_000
    head: dict[str, Any] = {"seq": seq, "ts": seq + (seq % 7) / 10, "step": step}
    if seq == 1:
        return {"seq": 1, "ts": 0, "kind": "run.start", "data": {"started_at": _START}}
    place = seq % 100
    if place == 50:
        return _step(head, step, seq)
    if place in (13, 37, 53, 71, 83, 97):
        text = f"rendered {_WORDS[seq % 10]} list in {seq % 40} ms, {seq % 90} of {seq} rows kept"
        data = {"text": text, "url": "http://app/static/shop.js", "line": seq % 700, "column": 12}
        return head | {"kind": "console.message", "level": "info", "data": data}
    if place in (20, 60):
        kind = "video.frame" if place == 20 else "dom.snapshot"
        data = {"$blob": f"sha256:{_hex(seq, 64)}", "type": "image/jpeg", "size": 40_000 + seq % 9}
        return head | {"kind": kind, "data": data}
    return _network(head, seq)


def _step(head: dict[str, Any], step: int, seq: int) -> dict[str, Any]:
    if seq % 10_000 == 50:
        return head | {"kind": "step.start", "data": {"title": f"Step {step}", "text": "click"}}
    if seq % 10_000 == 9_950:
        return head | {"kind": "step.end", "ref": seq - 9_900, "data": {"status": "passed"}}
    target = {"kind": "button", "value": f"Add {_WORDS[seq % 10]} to the cart of customer {seq}"}
    return head | {"kind": "agent.action", "dur": 31.5, "data": {"verb": "click", "target": target}}


def _network(head: dict[str, Any], seq: int) -> dict[str, Any]:
    if seq % 2 == 0:
        query = f"page={seq % 40}&sort=name&filter=in-stock&tenant=acme"
        url = f"http://app/api/{_PATHS[seq % 6]}/{seq}?{query}"
        data: dict[str, Any] = {
            "method": "GET",
            "url": url,
            "source": "browser",
            "resource_type": "fetch",
        }
        if seq % 100 == 2:
            token = _hex(1 + seq // 20_000, 32)
            data["headers"] = [
                ["Cookie", f"sessionid={token}"],
                ["Authorization", f"Bearer {token}"],
            ]
        return head | {"kind": "network.request", "data": data}
    failed = seq % 1000 == 7
    data = {
        "status": 500 if failed else 200,
        "mime": "application/json",
        "size": 200 + seq % 9000,
        "server": "gunicorn",
        "cache": "no-store, max-age=0",
        "id": _hex(seq, 16),
    }
    level = {"level": "error"} if failed else {}
    return head | {"kind": "network.response", "ref": seq - 1, "dur": 3.5, "data": data} | level


_GOLDEN = 0x9E3779B97F4A7C15
_START = "2026-01-01T00:00:00Z"


def _hex(seed: int, length: int) -> str:
    """Digits without a pattern that a compressor finds, always the same for a seed."""
    words = (((seed + no) * _GOLDEN) % 2**64 for no in range(-(-length // 16)))
    return "".join(f"{word ^ (word >> 29):016x}" for word in words)[:length]
