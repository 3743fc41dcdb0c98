"""Finds what a scenario points at on the page. One way per kind of target."""

from collections.abc import Callable
from typing import Any, Final, Literal

from playwright.async_api import Locator, Page

Json = dict[str, Any]
_CONTROLS: Final = "input, select, textarea, [contenteditable]"
_ROLES: Final[tuple[Literal["combobox", "textbox", "listbox"], ...]] = (
    "combobox",
    "textbox",
    "listbox",
)


def locate(page: Page, target: Json) -> Locator:
    """Locator of a target {"kind", "value", "exact"}; it must match one element when used."""
    return _FINDERS[target["kind"]](page, target["value"], target)


def describe(target: Json | None) -> str:
    """The target as people say it; "" for none."""
    return f'{target["kind"]} "{target["value"]}"' if target else ""


def _exact(target: Json) -> bool:
    return bool(target.get("exact", True))


def _field(page: Page, value: str, target: Json) -> Locator:
    exact = _exact(target)
    # A label's text holds what is inside it, a select's options too: the accessible name does not.
    found = page.get_by_label(value, exact=exact).and_(page.locator(_CONTROLS))
    found = found.or_(page.get_by_placeholder(value, exact=exact))
    for role in _ROLES:
        found = found.or_(page.get_by_role(role, name=value, exact=exact))
    return found


_FINDERS: Final[dict[str, Callable[[Page, str, Json], Locator]]] = {
    "button": lambda page, value, target: page.get_by_role(
        "button", name=value, exact=_exact(target)
    ),
    "link": lambda page, value, target: page.get_by_role("link", name=value, exact=_exact(target)),
    "field": _field,
    "text": lambda page, value, target: page.get_by_text(value, exact=_exact(target)),
    "test-id": lambda page, value, target: page.get_by_test_id(value),
    "css": lambda page, value, target: page.locator(value),
}
