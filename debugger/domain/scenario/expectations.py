"""Reads and writes expectations: what must hold on the page, the network, in a clone or a mail."""

from collections.abc import Callable, Mapping
from typing import Final, cast

from debugger.domain.scenario.errors import nearest
from debugger.domain.scenario.model import EXPECTATION_KINDS, Expectation, Target
from debugger.domain.scenario.targets import format_target, read_target
from debugger.domain.scenario.tokens import Tokens, code, literal, quote

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
Args = dict[str, object]
_WORDS: Final = tuple("no" if kind == "console" else kind for kind in EXPECTATION_KINDS)


def read_expectation(tokens: Tokens, text: str) -> Expectation:
    """Reads what stands after "expect". `text` is the whole line, kept for people."""
    negated = tokens.accept("not") is not None
    token = tokens.next("an expectation")
    reader = _READERS.get(token.value) if token.kind == "word" else None
    if reader is None:
        raise tokens.wrong(
            token,
            f"unknown expectation “{token.value}”. Valid: {', '.join(_WORDS)}.",
            nearest(token.value, _WORDS),
        )
    args = reader(tokens)
    tokens.end()
    kind = "console" if token.value == "no" else token.value
    return Expectation(kind, args, negated, tokens.line, text)


def format_expectation(expectation: Expectation) -> str:
    """The expectation as a scenario line, "expect" included; reads back as an equal one."""
    negation = "not " if expectation.negated else ""
    return f"expect {negation}{_WRITERS[expectation.kind](expectation.args)}"


def method(tokens: Tokens) -> str:
    """Takes an HTTP method in capitals."""
    return tokens.require(*METHODS)


def _text(tokens: Tokens) -> Args:
    value = tokens.value("the text")
    target = read_target(tokens) if tokens.accept("in") else None
    return {"value": value, "target": target}


def _value(tokens: Tokens) -> Args:
    target = read_target(tokens)
    tokens.require("equals")
    return {"target": target, "value": tokens.value("the value")}


def _url(tokens: Tokens) -> Args:
    return {"value": tokens.value("the address")}


def _network(tokens: Tokens) -> Args:
    verb = method(tokens)
    path = tokens.value("the path")
    tokens.require("status")
    return {"method": verb, "path": path, "status": tokens.integer("the status")}


def _webhook(tokens: Tokens) -> Args:
    clone = tokens.word_or_value("the clone's name")
    event = tokens.value("the event")
    tokens.require("delivered")
    return {"clone": clone, "event": event}


def _clone(tokens: Tokens) -> Args:
    clone = tokens.word_or_value("the clone's name")
    path = tokens.value("the path in the clone's state")
    op = tokens.require("equals")
    return {"clone": clone, "path": path, "op": op, "value": tokens.literal("the value")}


def _mail(tokens: Tokens) -> Args:
    tokens.require("to")
    to = tokens.word_or_value("the recipient")
    tokens.require("containing")
    return {"to": to, "contains": tokens.value("the text")}


def _console(tokens: Tokens) -> Args:
    tokens.require("console")
    tokens.require("errors")
    return {}


_READERS: Final[Mapping[str, Callable[[Tokens], Args]]] = {
    "text": _text,
    "value": _value,
    "url": _url,
    "network": _network,
    "webhook": _webhook,
    "clone": _clone,
    "mail": _mail,
    "no": _console,
}


def _name(value: object) -> str:
    text = str(value)
    return text if text.replace("-", "").replace("_", "").isalnum() else quote(text)


def _write_text(args: Mapping[str, object]) -> str:
    target = args.get("target")
    where = f" in {format_target(target)}" if isinstance(target, Target) else ""
    return f"text {quote(str(args['value']))}{where}"


def _write_value(args: Mapping[str, object]) -> str:
    target = format_target(cast("Target", args["target"]))
    return f"value {target} equals {quote(str(args['value']))}"


def _write_network(args: Mapping[str, object]) -> str:
    return f"network {args['method']} {code(str(args['path']))} status {args['status']}"


_WRITERS: Final[Mapping[str, Callable[[Mapping[str, object]], str]]] = {
    "text": _write_text,
    "value": _write_value,
    "url": lambda a: f"url {code(str(a['value']))}",
    "network": _write_network,
    "webhook": lambda a: f"webhook {_name(a['clone'])} {code(str(a['event']))} delivered",
    "clone": lambda a: (
        f"clone {_name(a['clone'])} {code(str(a['path']))} equals {literal(a['value'])}"
    ),
    "mail": lambda a: f"mail to {quote(str(a['to']))} containing {quote(str(a['contains']))}",
    "console": lambda a: "no console errors",
}
