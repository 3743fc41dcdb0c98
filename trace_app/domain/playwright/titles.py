"""How a call is called on the page: "Click button “Pay now”" instead of Frame.click."""

import json
import re
from typing import Any, Final

from trace_app.domain.playwright.model import Call

_VERBS: Final = {
    "goto": "Navigate to",
    "newPage": "Open page",
    "waitForTimeout": "Wait",
    "selectOption": "Select",
    "setInputFiles": "Upload to",
    "press": "Press",
    "keyboardPress": "Press",
    "dblclick": "Double click",
    "evaluateExpression": "Evaluate",
    "waitForSelector": "Wait for",
}
_ROLE: Final = re.compile(r'internal:role=([a-z]+)(?:\[name=(".*?(?<!\\)")[a-z]?\])?')
_QUOTED: Final = re.compile(r'internal:(label|text|attr|testid)=(?:\[[^=]+=)?(".*?(?<!\\)")')
_WORDS: Final = {"label": "field", "text": "text", "attr": "field", "testid": "test-id"}
_FUNCTION: Final = re.compile(r"[A-Za-z]+\.\w+")
_LIMIT: Final = 300


def describe_selector(selector: str) -> str:
    """A selector in the words of a scenario; what has no shorter form stays as it is."""
    if match := _ROLE.fullmatch(selector):
        return f"{match[1]} {_plain(match[2])}" if match[2] else match[1]
    if match := _QUOTED.match(selector):
        return f"{_WORDS[match[1]]} {_plain(match[2])}"
    return selector[:_LIMIT]


def target_of(call: Call) -> str:
    """What the call acted on; "" when it acted on nothing in a page."""
    selector = call.params.get("selector")
    if isinstance(selector, str):
        return describe_selector(selector)
    locator = call.params.get("locator") or call.params.get("url")
    return str(locator)[:_LIMIT] if isinstance(locator, str) else ""


def title_of(call: Call) -> str:
    """One line for the step list, at most 300 characters."""
    if call.from_runner and call.subtitle and not call.title.startswith("Expect"):
        return f"{call.title} {call.subtitle}"[:_LIMIT]
    if call.title:
        # Up to format 7 a title is the name of the function alone, the same for every click.
        target = target_of(call) if _FUNCTION.fullmatch(call.title) else ""
        named = call.title if call.method == "expect" else f"{call.title} {target}"
        return named.strip()[:_LIMIT]
    verb = _VERBS.get(call.method) or _spaced(call.method) or call.cls or "Call"
    target = target_of(call)
    if call.method == "goto":
        target = str(call.params.get("url") or "")
    return f"{verb} {target}".strip()[:_LIMIT]


def expected_of(params: dict[str, Any]) -> Any:
    """What an expect call waited for, as recorded by the library or by the runner."""
    wanted = params.get("expectedText")
    if isinstance(wanted, list) and wanted and isinstance(wanted[0], dict):
        texts = [
            one.get("string", one.get("regexSource")) for one in wanted if isinstance(one, dict)
        ]
        return texts[0] if len(texts) == 1 else texts
    return params.get("expected", params.get("expectedNumber"))


def _plain(quoted: str) -> str:
    try:
        return f'"{json.loads(quoted)}"'
    except ValueError:
        return quoted


def _spaced(method: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", method).lower()
    return words[:1].upper() + words[1:]
