"""Reads and writes the action of a step, one small reader per verb. Does not play anything."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from debugger.domain.scenario.errors import nearest
from debugger.domain.scenario.expectations import method
from debugger.domain.scenario.model import VERBS, Action
from debugger.domain.scenario.targets import format_target, read_target
from debugger.domain.scenario.tokens import Tokens, code, quote

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MAX_WAIT_MS: Final = 120_000


def read_action(verb: str, tokens: Tokens) -> Action:
    """Reads what stands after the verb (one of VERBS but assert and expect)."""
    action = _READERS[verb](tokens)
    tokens.end()
    return action


def read_verb(tokens: Tokens) -> str:
    """Takes the first word of a step or refuses with the nearest verb."""
    token = tokens.next("a verb")
    if token.kind == "word" and token.value in VERBS:
        return token.value
    raise tokens.wrong(
        token,
        f"unknown verb “{token.value}”. Valid: {', '.join(VERBS)}.",
        nearest(token.value, VERBS),
    )


def format_action(action: Action) -> str:
    """The action as a scenario line; reads back as an equal one."""
    return f"{action.verb}{_WRITERS[action.verb](action)}"


def _navigate(tokens: Tokens) -> Action:
    return Action("navigate", value=tokens.value("the address"))


def _click(tokens: Tokens) -> Action:
    return Action("click", target=read_target(tokens))


def _hover(tokens: Tokens) -> Action:
    return Action("hover", target=read_target(tokens))


def _with_value(verb: str, link: str, what: str) -> Callable[[Tokens], Action]:
    def read(tokens: Tokens) -> Action:
        target = read_target(tokens)
        tokens.require(link)
        return Action(verb, target=target, value=tokens.value(what))

    return read


def _press(tokens: Tokens) -> Action:
    key = tokens.value("the key")
    target = read_target(tokens) if tokens.accept("in") else None
    return Action("press", target=target, value=key)


def _wait(tokens: Tokens) -> Action:
    if not tokens.accept("for"):
        return Action("wait", options={"ms": _wait_ms(tokens)})
    if tokens.accept("url"):
        return Action("wait", options={"url": tokens.value("the address")})
    return Action("wait", target=read_target(tokens))


def _wait_ms(tokens: Tokens) -> int:
    token = tokens.peek()
    number = tokens.integer("the time (or “for …”)")
    unit = tokens.require("ms", "s")
    milliseconds = number * (1000 if unit == "s" else 1)
    if token is not None and milliseconds > _MAX_WAIT_MS:
        raise tokens.wrong(token, f"a wait is at most {_MAX_WAIT_MS // 1000} s.")
    return milliseconds


def _named(verb: str) -> Callable[[Tokens], Action]:
    def read(tokens: Tokens) -> Action:
        return Action(verb, value=tokens.value("the name") if tokens.peek() else None)

    return read


def _inject_error(tokens: Tokens) -> Action:
    clone = tokens.word_or_value("the clone's name")
    verb = method(tokens)
    path = tokens.value("the path")
    tokens.require("status")
    status = tokens.integer("the status")
    times = tokens.integer("the number of times") if tokens.accept("times") else 1
    options = {"clone": clone, "method": verb, "path": path, "status": status, "times": times}
    return Action("inject_error", options=options)


def _advance_clock(tokens: Tokens) -> Action:
    clone = None if tokens.accept("by") else tokens.word_or_value("the clone's name")
    if clone is not None:
        tokens.require("by")
    number = tokens.integer("the time")
    seconds = number * _SECONDS[tokens.require(*_SECONDS)]
    return Action("advance_clock", options={"clone": clone, "seconds": seconds})


def _request(tokens: Tokens) -> Action:
    options: dict[str, object] = {"method": method(tokens), "path": tokens.value("the path")}
    body = tokens.value("the body") if tokens.accept("with") else None
    return Action("request", value=body, options=options)


_READERS: Final[Mapping[str, Callable[[Tokens], Action]]] = {
    "navigate": _navigate,
    "fill": _with_value("fill", "with", "the text to fill in"),
    "click": _click,
    "hover": _hover,
    "select": _with_value("select", "option", "the option"),
    "upload": _with_value("upload", "with", "the file"),
    "press": _press,
    "wait": _wait,
    "snapshot": _named("snapshot"),
    "screenshot": _named("screenshot"),
    "inject_error": _inject_error,
    "advance_clock": _advance_clock,
    "request": _request,
}


def _target(action: Action, before: str = " ") -> str:
    return f"{before}{format_target(action.target)}" if action.target else ""


def _write_wait(action: Action) -> str:
    if action.target:
        return _target(action, " for ")
    if "url" in action.options:
        return f" for url {code(str(action.options['url']))}"
    return f" {action.options['ms']} ms"


def _write_inject(action: Action) -> str:
    o = action.options
    where = f"{_name(o['clone'])} {o['method']} {code(str(o['path']))}"
    return f" {where} status {o['status']} times {o['times']}"


def _write_clock(action: Action) -> str:
    clone = action.options["clone"]
    return f" {'' if clone is None else _name(clone) + ' '}by {action.options['seconds']} s"


def _write_request(action: Action) -> str:
    body = "" if action.value is None else f" with {quote(action.value)}"
    return f" {action.options['method']} {code(str(action.options['path']))}{body}"


def _name(value: object) -> str:
    text = str(value)
    plain = re.fullmatch(r"[A-Za-z0-9_-]+", text) and text != "by"
    return text if plain else quote(text)


def _value(action: Action, link: str) -> str:
    return "" if action.value is None else f"{link}{quote(action.value)}"


_WRITERS: Final[Mapping[str, Callable[[Action], str]]] = {
    "navigate": lambda a: f" {code(a.value or '')}",
    "fill": lambda a: f"{_target(a)}{_value(a, ' with ')}",
    "click": _target,
    "hover": _target,
    "select": lambda a: f"{_target(a)}{_value(a, ' option ')}",
    "upload": lambda a: f"{_target(a)}{_value(a, ' with ')}",
    "press": lambda a: f"{_value(a, ' ')}{_target(a, ' in ')}",
    "wait": _write_wait,
    "snapshot": lambda a: _value(a, " "),
    "screenshot": lambda a: _value(a, " "),
    "inject_error": _write_inject,
    "advance_clock": _write_clock,
    "request": _write_request,
}
