"""Cuts the text of a step into words and values with their columns. Knows no verb."""

import json
import math
import re
from dataclasses import dataclass
from typing import Never

from debugger.domain.scenario.errors import ScenarioError, nearest

_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r"}
_UNESCAPES = {value: key for key, value in _ESCAPES.items()}
_SPACE = re.compile(r"[ \t]+")
_WORD = re.compile(r"[^ \t\"`]+")
_PLAIN_CODE = re.compile(r"[^`\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Token:
    """One word or value. `kind` is "word", "quoted" or "code"; `column` is 1-based."""

    kind: str
    value: str
    column: int


class Tokens:
    """A reader over the tokens of one line; every refusal knows its line and column."""

    def __init__(self, text: str, line: int, column: int) -> None:
        self.line = line
        self._end = column + len(text)
        self._tokens = _cut(text, line, column)
        self._at = 0

    def peek(self) -> Token | None:
        """The next token, left in place."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def next(self, what: str) -> Token:
        """Takes the next token; `what` is named when there is none."""
        token = self.peek()
        if token is None:
            raise ScenarioError(self.line, self._end, f"{what} is missing at the end of the line.")
        self._at += 1
        return token

    def accept(self, *words: str) -> str | None:
        """Takes the next token if it is one of these bare words."""
        token = self.peek()
        if token is None or token.kind != "word" or token.value not in words:
            return None
        self._at += 1
        return token.value

    def require(self, *words: str) -> str:
        """Takes one of these bare words or refuses, naming the nearest."""
        token = self.next(" or ".join(f"“{w}”" for w in words))
        if token.kind == "word" and token.value in words:
            return token.value
        wanted = " or ".join(f"“{w}”" for w in words)
        raise self.wrong(
            token, f"expected {wanted}, found “{token.value}”.", nearest(token.value, words)
        )

    def value(self, what: str) -> str:
        """Takes a "quoted" or `code` value."""
        token = self.next(what)
        if token.kind == "word":
            raise self.wrong(
                token, f'{what} must be in "quotes" or `backticks`, found “{token.value}”.'
            )
        return token.value

    def word_or_value(self, what: str) -> str:
        """Takes a value that may also stand bare (an address, a clone's name)."""
        return self.next(what).value

    def integer(self, what: str) -> int:
        """Takes a whole number ≥ 0 of at most nine digits."""
        token = self.next(what)
        if token.kind != "word" or not re.fullmatch(r"[0-9]{1,9}", token.value):
            raise self.wrong(token, f"{what} must be a whole number, found “{token.value}”.")
        return int(token.value)

    def literal(self, what: str) -> object:
        """Takes a JSON number, true, false, null, a "string", or `JSON` in backticks."""
        token = self.next(what)
        if token.kind == "quoted":
            return token.value
        try:
            return _json(token.value)
        except ValueError as error:
            if token.kind == "code":
                return token.value
            message = f'{what} must be a number, true, false, null or a "string".'
            raise self.wrong(token, message) from error

    def end(self) -> None:
        """Refuses anything left on the line."""
        token = self.peek()
        if token is not None:
            raise self.wrong(token, f"“{token.value}” is not understood here.")

    def wrong(self, token: Token, message: str, suggestion: str | None = None) -> ScenarioError:
        """The error at this token, to be raised."""
        return ScenarioError(self.line, token.column, message, suggestion)


def quote(value: str) -> str:
    """A value as `"…"` with escapes; reads back as the same value."""
    return '"' + "".join(f"\\{_UNESCAPES[c]}" if c in _UNESCAPES else c for c in value) + '"'


def code(value: str) -> str:
    """A value as `…` where it can stand so, else quoted."""
    return f"`{value}`" if _PLAIN_CODE.fullmatch(value) else quote(value)


def literal(value: object) -> str:
    """A JSON value as it is written in a scenario; reads back as the same value."""
    if isinstance(value, str):
        return quote(value)
    text = json.dumps(value, ensure_ascii=True, allow_nan=False)
    if isinstance(value, dict | list):
        return "`" + text.replace("`", "\\u0060") + "`"
    return text


def _json(text: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _refuse_constant(name: str) -> Never:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _cut(text: str, line: int, column: int) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        token, at = _one(text, at, line, column)
        tokens.append(token)
    return tokens


def _one(text: str, at: int, line: int, column: int) -> tuple[Token, int]:
    if text[at] == '"':
        return _quoted(text, at, line, column)
    if text[at] == "`":
        close = text.find("`", at + 1)
        if close < 0:
            raise ScenarioError(line, column + at, "the ` is not closed.")
        return Token("code", text[at + 1 : close], column + at), close + 1
    word = _WORD.match(text, at)
    if word is None:
        raise ScenarioError(line, column + at, "this character is not understood.")
    return Token("word", word.group(), column + at), word.end()


def _quoted(text: str, at: int, line: int, column: int) -> tuple[Token, int]:
    value: list[str] = []
    i = at + 1
    while i < len(text):
        if text[i] == '"':
            return Token("quoted", "".join(value), column + at), i + 1
        if text[i] == "\\":
            escaped = text[i + 1 : i + 2]
            if escaped not in _ESCAPES:
                message = 'after \\ only ", \\, n, t and r are known.'
                raise ScenarioError(line, column + i, message)
            value.append(_ESCAPES[escaped])
            i += 2
            continue
        value.append(text[i])
        i += 1
    raise ScenarioError(line, column + at, 'the " is not closed.')
