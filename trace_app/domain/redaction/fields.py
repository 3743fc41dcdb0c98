"""Which fields of an object are secret: by their names, and because of what stands beside them."""

from collections.abc import Iterable
from enum import Enum, auto
from typing import Any, Final

from trace_app.domain.labels import target_text
from trace_app.domain.redaction.rules import BuiltIn, is_id_key
from trace_app.domain.redaction.ruleset import RuleSet

_TARGETS: Final = ("target", "selector", "locator")
FIELD_VALUES: Final = ("value", "__playwright_value_", "content")
_BESIDE: Final = frozenset((*FIELD_VALUES, "text", "key"))
_FIELD_NAMES: Final = ("name", "id", "autocomplete")


class Name(Enum):
    """What a name says of the text or number under it."""

    COOKIE = auto()
    HEADER = auto()
    KEY = auto()
    ID = auto()
    NOTHING = auto()


def meaning(rules: RuleSet, name: str) -> tuple[Name, str]:
    """What the name says, and the rule that makes its value a secret; "" for none."""
    if rules.is_cookie_header(name):
        return Name.COOKIE, BuiltIn.COOKIE
    if rule := rules.header_rule(name):
        return Name.HEADER, rule
    if rule := rules.key_rule(name):
        return Name.KEY, rule
    return (Name.ID if is_id_key(name) else Name.NOTHING), ""


def secret_fields(rules: RuleSet, item: dict[str, Any], key: str) -> dict[str, str]:
    """Fields of an object that are secret because of what stands beside them → the rule."""
    if _BESIDE.isdisjoint(item):
        return {}
    found = dict.fromkeys(texts(item, FIELD_VALUES), _form_field_rule(rules, item, key))
    targets = [target_text(item[name]) for name in _TARGETS if item.get(name)]
    rule = next(filter(None, map(rules.field_rule, targets)), "")
    # An assertion's text also stands beside a target; only a call's is what was typed.
    typed = ("value", "key") if item.get("target") else ("value", "key", "text")
    for name in texts(item, typed) if rule else ():
        # A key such as Enter or Tab is no secret, a single character is part of one.
        if name != "key" or len(item[name]) == 1:
            found[name] = rule
    return {name: rule for name, rule in found.items() if rule}


def _form_field_rule(rules: RuleSet, item: dict[str, Any], key: str) -> str:
    """The rule for the value of a cookie or of a form field, as snapshots hold them."""
    is_cookie = "httpOnly" in item or "domain" in item or key == "cookies"
    if is_cookie and "name" in item:
        return BuiltIn.COOKIE if BuiltIn.COOKIE in rules.on else ""
    if item.get("type") == "password" and BuiltIn.PASSWORD in rules.on:
        return BuiltIn.PASSWORD
    names = texts(item, _FIELD_NAMES)
    if any(is_named_header(rules, item[name]) for name in names):
        return ""
    return next(filter(None, (rules.key_rule(item[name]) for name in names)), "")


def is_named_header(rules: RuleSet, name: str) -> bool:
    """Whether the value under this name is a header that is masked as one."""
    return rules.is_cookie_header(name) or bool(rules.header_rule(name))


def texts(item: dict[str, Any], names: Iterable[str]) -> list[str]:
    """Those of the names under which the object has a text."""
    return [name for name in names if isinstance(item.get(name), str) and item[name]]
