"""Finds secrets in free text: bodies, logs, sources, console lines. Bytes in, places out."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from trace_app.domain.line_search import Pattern
from trace_app.domain.redaction import shapes
from trace_app.domain.redaction.patterns import over_bytes, quoted
from trace_app.domain.redaction.rules import COOKIE_ATTRIBUTES, COOKIE_HEADERS, BuiltIn, is_card
from trace_app.domain.redaction.ruleset import RuleSet

_COOKIE_PAIR: Final = over_bytes(r"([^=;,\s]+)=([^;\s]+)")
_WORD: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_NO_CARD_AFTER: Final = _WORD | frozenset(b"./-")
_SCHEMED: Final = over_bytes(r"^([A-Za-z]+)[ ]+(\S{6,}.*)$")
_FIELD_ATTRIBUTES: Final = frozenset({"name", "id", "autocomplete"})
_VALUE_ATTRIBUTES: Final = frozenset({"value", "content"})


class Hit(NamedTuple):
    """A secret at data[start:end], the rule that says so, and the value where spelled otherwise."""

    start: int
    end: int
    rule: str
    value: str = ""


def secrets_in(rules: RuleSet, data: bytes, *, digits_are_ids: bool = False) -> list[Hit]:
    """Every secret that its shape or the words before it give away, in no order.

    `digits_are_ids` leaves card numbers alone.
    """
    if not rules.suspects(data):
        return []
    found: list[Hit] = []
    for built_in, search in _SEARCHES:
        if built_in in rules.on and not (built_in is BuiltIn.CARD and digits_are_ids):
            found.extend(search(data))
    found.extend(_named(rules, data))
    if rules.headers or BuiltIn.COOKIE in rules.on:
        found.extend(_header_lines(rules, data))
    for name, pattern in rules.patterns:
        for match in pattern.finditer(data):
            group = 1 if pattern.groups and match.end(1) > match.start(1) else 0
            found.append(Hit(match.start(group), match.end(group), name))
    return found


def cookie_values(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the values of a Cookie or Set-Cookie header stand; attributes are none."""
    for match in _COOKIE_PAIR.finditer(data):
        if match[1].decode(errors="replace").lower() not in COOKIE_ATTRIBUTES:
            yield match.start(2), match.end(2)


def _tokens(data: bytes) -> Iterator[Hit]:
    for match in shapes.TOKEN.finditer(data):
        yield Hit(match.start(1), match.end(1), BuiltIn.TOKEN)
    for match in shapes.BEARER.finditer(data):
        if any(48 <= byte <= 57 for byte in match[1]):
            yield Hit(match.start(1), match.end(1), BuiltIn.TOKEN)
    if b"PRIVATE KEY" in data:
        for match in shapes.PRIVATE_KEY.finditer(data):
            yield Hit(match.start(1), match.end(1), BuiltIn.TOKEN)


def _cards(data: bytes) -> Iterator[Hit]:
    at = 0
    while (match := shapes.CARD.search(data, at)) is not None:
        start, end = match.start(), match.end()
        length = _card_length(data, start, end)
        if length:
            yield Hit(start, start + length, BuiltIn.CARD)
            at = start + length
        else:
            gap = min((gap for gap in (data.find(b" ", start, end),) if gap >= 0), default=end)
            at = gap + 1 if gap < end else end


def _card_length(data: bytes, start: int, end: int) -> int:
    """How much of this run of digits, cut at spaces only, is a card number; 0 for none."""
    if start and data[start - 1] in _NO_CARD_AFTER:
        return 0
    run = data[start:end]
    cuts = [len(run), *(at for at in range(len(run) - 1, 12, -1) if run[at] == 32)]
    for cut in cuts:
        after = data[start + cut : start + cut + 2]
        follows = after[:1]
        part_of_more = bool(follows) and (follows[0] in _WORD or follows == b"-")
        fraction = follows == b"." and after[1:].isdigit()
        if not part_of_more and not fraction and is_card(run[:cut].decode()):
            return cut
    return 0


def _credentials(data: bytes) -> Iterator[Hit]:
    for match in shapes.URL.finditer(data):
        yield Hit(match.start(1), match.end(1), BuiltIn.URL)


def _typed(data: bytes) -> Iterator[Hit]:
    for match in shapes.TYPED.finditer(data):
        yield Hit(match.start(1), match.end(1), BuiltIn.PASSWORD)
    for tag in shapes.FIELD.finditer(data):
        for match in shapes.FIELD_VALUE.finditer(tag[0]):
            start = tag.start()
            yield Hit(start + match.start(1), start + match.end(1), BuiltIn.PASSWORD)


_SEARCHES: Final[tuple[tuple[BuiltIn, Callable[[bytes], Iterator[Hit]]], ...]] = (
    (BuiltIn.TOKEN, _tokens),
    (BuiltIn.CARD, _cards),
    (BuiltIn.URL, _credentials),
    (BuiltIn.PASSWORD, _typed),
)


@lru_cache(maxsize=64)
def _assignments(names: str) -> tuple[Pattern, ...]:
    """name=value of addresses, forms and settings; "name": "value" of JSON and programs; forms."""
    name = rf"(?:[A-Za-z0-9_.-]*\[)?({names})\]?"
    return tuple(
        map(
            over_bytes,
            (
                rf"(?:^|[?&;\n]|export ){name}=([^&#\s\"'<>;\\]+)",
                rf"(?:^|[^A-Za-z0-9_-])\\*[\"']?({names})\\*[\"']?\s*[:=]\s*\"((?:[^\"\\\r\n]|\\[^\r\n])+)\"",
                rf"(?:^|[^A-Za-z0-9_-])[\"']?({names})[\"']?\s*[:=]\s*'([^'\\\r\n]+)'",
                rf"\\+\"({names})\\+\"\s*:\s*\\+\"([^\"\\]+)\\+\"",
                rf"\"({names})\\*\"\s*:\s*([0-9]+)",
                rf"name=\\*\"({names})\\*\"(?:;[^\r\n]*)?\r?\n(?:[^\r\n]+\r?\n)*\r?\n([^\r\n]+)",
            ),
        )
    )


@lru_cache(maxsize=64)
def _in_a_line(names: str) -> Pattern:
    """password=… amid the words of a log line."""
    return over_bytes(rf"[\s,(]({names})=([^\s&#\"'<>;\\,(){{}}\[\]$]{{4,}})(?:[\s&;,)\"']|$)")


def _named(rules: RuleSet, data: bytes) -> Iterator[Hit]:
    if rules.names is None or rules.names.search(data) is None:
        return
    for pattern in _assignments(rules.names_text):
        for match in pattern.finditer(data):
            rule = rules.key_rule(match[1].decode())
            if rule:
                yield Hit(match.start(2), match.end(2), rule)
    for match in _in_a_line(rules.names_text).finditer(data):
        rule = rules.key_rule(match[1].decode())
        # A bare word behind "=" in a program is a variable, not a value.
        if rule and not match[2].replace(b"_", b"").replace(b".", b"").isalpha():
            yield Hit(match.start(2), match.end(2), rule)
    for match in shapes.TAG.finditer(data):
        yield from _in_tag(rules, match[0], match.start())


def _in_tag(rules: RuleSet, tag: bytes, offset: int) -> Iterator[Hit]:
    """<input type="password" value="…">, <meta name="csrf-token" content="…">."""
    rule, values = "", []
    for match in shapes.ATTRIBUTE.finditer(tag):
        name, value = match[1].decode().lower(), match[2].decode(errors="replace")
        if name == "type" and value.lower() == "password" and BuiltIn.PASSWORD in rules.on:
            rule = BuiltIn.PASSWORD
        elif name in _FIELD_ATTRIBUTES:
            rule = rule or rules.key_rule(value)
        elif name in _VALUE_ATTRIBUTES and value:
            values.append((match.start(2), match.end(2)))
    if rule:
        for start, end in values:
            yield Hit(offset + start, offset + end, rule)


@lru_cache(maxsize=64)
def _header_pattern(names: tuple[str, ...]) -> Pattern:
    spelled = "|".join(quoted(name.encode()) for name in names)
    return over_bytes(shapes.HEADER.format(names=spelled))


def _header_lines(rules: RuleSet, data: bytes) -> Iterator[Hit]:
    """Headers as logs and curl commands write them; "Cookie: yes" and the like stay."""
    cookies = COOKIE_HEADERS if BuiltIn.COOKIE in rules.on else frozenset()
    for match in _header_pattern(tuple(sorted({*rules.headers, *cookies}))).finditer(data):
        name, begin = match[1].decode().lower(), match.start(2)
        if name in cookies:
            for start, end in cookie_values(match[2]):
                yield Hit(begin + start, begin + end, BuiltIn.COOKIE)
        elif (schemed := _SCHEMED.search(match[2])) is not None:
            yield Hit(begin + schemed.start(2), begin + schemed.end(2), rules.headers[name])
        elif b" " not in match[2].strip() and len(match[2]) >= 8 and name != "authorization":
            yield Hit(begin, match.end(2), rules.headers[name])
