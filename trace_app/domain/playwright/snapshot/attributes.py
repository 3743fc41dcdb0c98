"""Which attributes of a recorded element may be written again, and what they become."""

import re
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_:.-]*")
DROPPED: Final = frozenset(
    {
        "action",
        "archive",
        "autofocus",
        "code",
        "codebase",
        "content",
        "crossorigin",
        "data",
        "formaction",
        "formtarget",
        "http-equiv",
        "imagesizes",
        "imagesrcset",
        "integrity",
        "longdesc",
        "manifest",
        "method",
        "nonce",
        "ping",
        "profile",
        "referrerpolicy",
        "sizes",
        "srcdoc",
        "srcset",
        "target",
        "xml:base",
    }
)
LINKS: Final = frozenset({"href", "xlink:href", "src", "poster", "background"})
_RECORDED: Final = "__playwright_"


def plain(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes that mean nothing outside the element: no handlers, no addresses."""
    return {
        name: value
        for name, value in attributes.items()
        if _NAME.fullmatch(name)
        and not name.lower().startswith("on")
        and name.lower() not in DROPPED
        and name.lower() not in LINKS
        and not name.startswith(_RECORDED)
    }


def form_state(tag: str, recorded: dict[str, str]) -> dict[str, str]:
    """What the person saw in a control: its value, tick or choice. Passwords show bullets."""
    state: dict[str, str] = {}
    if tag == "input" and "__playwright_value_" in recorded:
        state["value"] = recorded["__playwright_value_"]
    if tag == "input" and recorded.get("type", "").lower() == "password":
        state["value"] = "•" * 8 if recorded.get("__playwright_value_") else ""
    if "__playwright_checked_" in recorded:
        state["checked"] = recorded["__playwright_checked_"]
    if "__playwright_selected_" in recorded:
        state["selected"] = recorded["__playwright_selected_"]
    return state


def with_state(attributes: dict[str, str], state: dict[str, str]) -> dict[str, str]:
    """The attributes with the state on top; an unticked box loses its `checked`."""
    merged = {**attributes, **state}
    for name in ("checked", "selected"):
        if state.get(name) == "false":
            merged.pop(name, None)
        elif name in state:
            merged[name] = ""
    return merged
