"""A team's rules, compiled once: names, selectors, patterns, and the screen before all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from trace_app.domain.line_search import Pattern
from trace_app.domain.redaction.patterns import (
    RuleError,
    names_pattern,
    over_bytes,
    quoted,
    team_pattern,
)
from trace_app.domain.redaction.rules import (
    COOKIE_HEADERS,
    SECRET_HEADERS,
    SECRET_KEYS,
    BuiltIn,
    Rule,
    RuleKind,
    names_password,
    plain_name,
)
from trace_app.domain.redaction.selectors import Selector, parse_selectors
from trace_app.domain.redaction.shapes import BORDER, SCREENS

MAX_RULES: Final = 100
MAX_VALUE: Final = 500
# A backslash in a line of JSON may hide what a team's pattern would find.
_ESCAPE: Final = over_bytes(r"\\")
_NAME_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


@dataclass(frozen=True)
class RuleSet:
    """Which names are secret and what to look for; made by compile_rules."""

    on: frozenset[BuiltIn]
    headers: dict[str, str]
    keys: dict[str, str]
    selectors: tuple[tuple[str, Selector], ...]
    patterns: tuple[tuple[str, Pattern], ...]
    allowed: frozenset[str]
    screens: tuple[Pattern, ...]
    """Over the bytes of a line or a text: where none hits, no rule applies."""
    names: Pattern | None
    names_text: str

    def suspects(self, data: bytes) -> bool:
        """Whether a line or text has to be looked at."""
        return any(screen.search(data) is not None for screen in self.screens)

    def key_rule(self, name: str) -> str:
        """The rule that makes the value of this key a secret; "" for none."""
        return self.keys.get(plain_name(name), "")

    def header_rule(self, name: str) -> str:
        """The same for a header, cookies aside."""
        return self.headers.get(name.lower(), "")

    def is_cookie_header(self, name: str) -> bool:
        """Whether the header's value is cookies."""
        return BuiltIn.COOKIE in self.on and name.lower() in COOKIE_HEADERS

    def field_rule(self, target: str) -> str:
        """The rule that makes what is typed into this target a secret; "" for none."""
        if BuiltIn.PASSWORD in self.on and names_password(target):
            return BuiltIn.PASSWORD.value
        return next((name for name, one in self.selectors if one.meant_by(target)), "")

    def node_rule(self, tag: str, attributes: dict[str, object]) -> str:
        """The team's rule that names this element; "" for none."""
        return next((name for name, one in self.selectors if one.matches(tag, attributes)), "")


@lru_cache(maxsize=64)
def compile_rules(rules: tuple[Rule, ...] = (), *, alone: bool = False) -> RuleSet:
    """The built-in rules with a team's on top; `alone` leaves the built-in ones out.

    Raises RuleError for a rule that cannot be used.
    """
    by_kind: dict[RuleKind, list[Rule]] = {kind: [] for kind in RuleKind}
    for rule in rules:
        by_kind[rule.kind].append(rule)
    off = {rule.value for rule in by_kind[RuleKind.OFF]}
    on = frozenset() if alone else frozenset(one for one in BuiltIn if one.value not in off)
    spared = {plain_name(rule.value) for rule in by_kind[RuleKind.ALLOW_NAME]}
    keys = dict.fromkeys(SECRET_KEYS, BuiltIn.KEY.value) if BuiltIn.KEY in on else {}
    keys |= {plain_name(_name(rule)): rule.name for rule in by_kind[RuleKind.KEY]}
    headers = dict.fromkeys(SECRET_HEADERS, BuiltIn.HEADER.value) if BuiltIn.HEADER in on else {}
    headers |= {_name(rule): rule.name for rule in by_kind[RuleKind.HEADER]}
    keys = {name: rule for name, rule in keys.items() if name not in spared}
    headers = {name: rule for name, rule in headers.items() if plain_name(name) not in spared}
    selectors = tuple(
        (rule.name, one)
        for rule in by_kind[RuleKind.SELECTOR]
        for one in parse_selectors(rule.value)
    )
    patterns = tuple((rule.name, team_pattern(rule.value)) for rule in by_kind[RuleKind.PATTERN])
    names = frozenset(keys) | {plain_name(name) for name in headers}
    return RuleSet(
        on=on,
        headers=headers,
        keys=keys,
        selectors=selectors,
        patterns=patterns,
        allowed=frozenset(rule.value for rule in by_kind[RuleKind.ALLOW_VALUE]),
        screens=(
            _screen(on, names, [one for _, one in selectors]),
            *(one for _, one in patterns),
            *((_ESCAPE,) if patterns else ()),
        ),
        names=over_bytes(names_pattern(frozenset(keys))) if keys else None,
        names_text=names_pattern(frozenset(keys)),
    )


def check_rule(rule: Rule) -> None:
    """Raises RuleError, as a sentence for people, for a rule that cannot be used."""
    if not rule.value or len(rule.value) > MAX_VALUE:
        raise RuleError(f"Write what the rule looks for, at most {MAX_VALUE} characters.")
    if rule.kind is RuleKind.OFF and rule.value not in list(BuiltIn):
        raise RuleError(f"The built-in rules are {', '.join(BuiltIn)}.")
    compile_rules((rule,), alone=True)


def _name(rule: Rule) -> str:
    name = rule.value.lower()
    if not plain_name(name) or not set(name) <= _NAME_CHARACTERS:
        raise RuleError("A name has letters, digits, dashes, dots and underscores.")
    return name


def _screen(on: frozenset[BuiltIn], names: Iterable[str], selectors: Iterable[Selector]) -> Pattern:
    """One pattern that hits wherever any rule but a team's patterns could apply."""
    wanted = frozenset(names)
    if BuiltIn.COOKIE in on:
        wanted |= {"cookie", "cookies", "setcookie", "httponly", "domain"}
    parts = [SCREENS[one] for one in BuiltIn if one in on and one in SCREENS]
    if wanted:
        parts.append(f"{BORDER}{names_pattern(wanted)}(?:[^A-Za-z0-9]|$)")
    parts += [f"(?i:{quoted(one.word.encode())})" for one in selectors]
    # Without any rule: a pattern that nothing matches.
    return over_bytes("|".join(parts) or r"[^\x00-\xff]")
