"""The admin API under ``/_clone/`` that every clone has. The vendor's API is elsewhere."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from .base import Clone, SnapshotError
from .faults import Fault, FaultError
from .wire import Request, Response, canonical

MAX_WAIT_MS = 30_000


class _BadCall(ValueError):
    """The admin call is wrong; the message says how. Answered with 400."""


def answer_admin(clone: Clone, request: Request) -> Response:
    """Answer one call of the admin API; never raises for bad input."""
    action = _ROUTES.get((request.method, request.path.removeprefix("/_clone/")))
    if action is None:
        return Response(404, {"error": "not_found", "message": "no such call in the admin API"})
    try:
        return action(clone, request)
    except (_BadCall, SnapshotError, FaultError) as error:
        return Response(400, {"error": "bad_request", "message": str(error)})


def _health(clone: Clone, request: Request) -> Response:
    return Response(200, {"ok": True, "kind": clone.kind, "pending": clone.pending()})


def _snapshot(clone: Clone, request: Request) -> Response:
    _settle(clone, request)
    return Response(200, clone.snapshot())


def _restore(clone: Clone, request: Request) -> Response:
    clone.restore(_body(request))
    return Response(200, {"ok": True, "schema": clone.schema})


def _state(clone: Clone, request: Request) -> Response:
    _settle(clone, request)
    with clone.lock:
        return Response(200, canonical(clone.public_state()))


def _clock(clone: Clone, request: Request) -> Response:
    return Response(200, {"now": clone.now})


def _set_clock(clone: Clone, request: Request) -> Response:
    body = _body(request)
    if not isinstance(body, dict):
        raise _BadCall("give an object with now or advance, in seconds")
    now, advance = body.get("now"), body.get("advance")
    with clone.lock:
        target = clone.now + advance if isinstance(advance, int) else now
        if not isinstance(target, int) or target < 0:
            raise _BadCall("now or advance must be whole seconds")
        clone.set_clock(target)
    return Response(200, {"now": target})


def _faults(clone: Clone, request: Request) -> Response:
    return Response(200, {"faults": clone.faults.to_json()})


def _set_faults(clone: Clone, request: Request) -> Response:
    body = _body(request)
    listed = body.get("faults") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise _BadCall("give an object with a list named faults")
    clone.faults.replace([Fault.from_json(item) for item in listed])
    return _faults(clone, request)


def _add_fault(clone: Clone, request: Request) -> Response:
    clone.faults.add(Fault.from_json(_body(request)))
    return _faults(clone, request)


def _clear_faults(clone: Clone, request: Request) -> Response:
    clone.faults.replace([])
    return _faults(clone, request)


def _journal(clone: Clone, request: Request) -> Response:
    after, wait_ms = _number(request, "after"), _number(request, "wait")
    entries = clone.journal.after(after, wait_ms=min(wait_ms, MAX_WAIT_MS))
    following = entries[-1].n if entries else after
    listed = [entry.to_json() for entry in entries]
    return Response(200, {"entries": listed, "next": following, "pending": clone.pending()})


def _settle(clone: Clone, request: Request) -> None:
    clone.wait_idle(min(_number(request, "settle"), MAX_WAIT_MS))


def _number(request: Request, name: str) -> int:
    values = parse_qs(request.query).get(name, ["0"])
    if not values[-1].isdigit():
        raise _BadCall(f"{name} must be a whole number")
    return int(values[-1])


def _body(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except ValueError as error:
        raise _BadCall(f"the body is not JSON: {error}") from error


_ROUTES: dict[tuple[str, str], Callable[[Clone, Request], Response]] = {
    ("GET", "health"): _health,
    ("GET", "snapshot"): _snapshot,
    ("PUT", "snapshot"): _restore,
    ("GET", "state"): _state,
    ("GET", "clock"): _clock,
    ("PUT", "clock"): _set_clock,
    ("GET", "faults"): _faults,
    ("PUT", "faults"): _set_faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "journal"): _journal,
}
