"""Calls as events: numbered steps with their actions and assertions, or actions alone."""

from collections.abc import Iterator
from typing import Any, Final

from trace_app.domain.playwright.model import Call, CallError, Package
from trace_app.domain.playwright.titles import expected_of, target_of, title_of
from trace_app.domain.sequence import Draft

_ACTIONS: Final = frozenset(
    {"goto", "click", "dblclick", "fill", "press", "type", "hover", "check", "uncheck", "tap"}
    | {"selectOption", "setInputFiles", "dragAndDrop", "focus", "dispatchEvent", "reload"}
    | {"goBack", "goForward", "fetch", "keyboardPress", "keyboardType", "mouseClick"}
    | {"waitForSelector", "waitForTimeout", "screenshot"}
)
_MAX_TEXT: Final = 16 * 1024


def call_drafts(package: Package, *, as_steps: bool) -> Iterator[Draft]:
    """Steps numbered by their start from 1, or actions only. Nesting is in `depth`."""
    depths: dict[str, int] = {}
    for number, call in enumerate(package.calls, start=1):
        depths[call.call_id] = depths.get(call.parent_id or "", -1) + 1
        step = number if as_steps else None
        if as_steps:
            yield from _step(call, number, depths[call.call_id])
        if call.method == "expect" and as_steps:
            yield _assertion(call, step)
        elif call.method in _ACTIONS or (not as_steps and call.method != "expect"):
            yield _action(call, step)


def _step(call: Call, number: int, depth: int) -> Iterator[Draft]:
    title = title_of(call)
    key = f"call:{call.call_id}"
    place: dict[str, Any] = {"lane": "agent", "member": call.place.member, "step": number}
    start: dict[str, Any] = {"title": title, "text": title, "call_id": call.call_id, "depth": depth}
    if call.stack:
        start["line"], start["file"] = call.stack[0].line, call.stack[0].file
    if call.parent_id:
        start["parent"] = call.parent_id
    # Lanes break ties of time: a start goes before all else of its millisecond.
    yield Draft(
        wall_ms=call.start_ms,
        kind="step.start",
        line=call.place.line,
        key=key,
        data=start,
        **place,
    )
    end: dict[str, Any] = {"status": "failed" if call.error else "passed"}
    if not call.finished:
        end["unfinished"] = True
    if call.error:
        end["error"] = _error(call.error)
    if call.attachments:
        end["attachments"] = [_attachment(one) for one in call.attachments[:100]]
    yield Draft(
        wall_ms=call.end_ms or call.start_ms,
        kind="step.end",
        line=call.place.line,
        ref_key=key,
        dur=(call.end_ms or call.start_ms) - call.start_ms,
        level="error" if call.error else (None if call.finished else "warning"),
        data=end,
        **place,
    )


def _action(call: Call, step: int | None) -> Draft:
    data: dict[str, Any] = {
        "verb": call.method,
        "target": target_of(call),
        "ok": call.error is None,
        "call_id": call.call_id,
        "title": title_of(call),
    }
    for name in ("value", "url", "text", "key"):
        value = call.params.get(name)
        if isinstance(value, str):
            data["value"] = value[:_MAX_TEXT]
            break
    if call.point:
        data["point"] = call.point
    if call.error:
        data["error"] = _error(call.error)
    if call.log and (call.error or not call.finished):
        data["log"] = call.log[-20:]
    return Draft(
        wall_ms=call.start_ms,
        lane="agent",
        kind="agent.action",
        member=call.place.member,
        line=call.place.line,
        step=step,
        dur=(call.end_ms or call.start_ms) - call.start_ms,
        level="error" if call.error else None,
        data=data,
    )


def _assertion(call: Call, step: int | None) -> Draft:
    return Draft(
        wall_ms=call.end_ms or call.start_ms,
        lane="agent",
        kind="assertion",
        member=call.place.member,
        line=call.place.line,
        step=step,
        level="error" if call.error else None,
        data={
            "kind": "text" if "text" in str(call.params.get("expression", "text")) else "value",
            "text": _expectation(call),
            "line": call.stack[0].line if call.stack else None,
            "ok": call.error is None,
            "expected": expected_of(call.params),
            "actual": _received(call),
            "message": call.error.message[:_MAX_TEXT] if call.error else "",
            "call_id": call.call_id,
        },
    )


def _expectation(call: Call) -> str:
    """The same words for every format and language: titles of expects differ between them."""
    expression = call.params.get("expression")
    if not isinstance(expression, str):
        return f"{title_of(call)} {target_of(call)}".strip()
    words = expression.replace(".", " ").replace("-", " ")
    negated = "not " if call.params.get("isNot") else ""
    expected = expected_of(call.params)
    wanted = "" if expected is None else f' "{expected}"'
    return f"expect {target_of(call)} {negated}{words}{wanted}"


def _received(call: Call) -> str | None:
    """What the page showed, from the error text or from the call's log."""
    lines = [*(call.error.message.splitlines() if call.error else []), *reversed(call.log)]
    for line in lines:
        for label in ("Received:", "Received string:", "Actual value:", "unexpected value"):
            if label in line:
                return line.split(label, 1)[1].strip().strip('"')[:2000]
    return None


def _error(error: CallError) -> dict[str, str]:
    text = f"{error.name}: {error.message}" if error.name not in ("", "Error") else error.message
    return {"message": text[:_MAX_TEXT], "stack": error.stack[:_MAX_TEXT]}


def _attachment(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": str(one.get("name") or ""),
        "$member": str(one.get("file") or ""),
        "type": str(one.get("contentType") or "application/octet-stream"),
    }
