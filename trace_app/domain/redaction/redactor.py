"""Masks events, decoded JSON and text with one token per value; learns values on the way.

Two passes: what `learn` sees is masked wherever `mask` meets it afterwards, also before the place
that gave it away.
"""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from trace_app.domain.events import Event
from trace_app.domain.playwright.values import from_base64
from trace_app.domain.redaction.fields import FIELD_VALUES, Name, meaning, secret_fields, texts
from trace_app.domain.redaction.report import Report
from trace_app.domain.redaction.rules import BuiltIn, is_id_key
from trace_app.domain.redaction.ruleset import RuleSet, compile_rules
from trace_app.domain.redaction.spread import Learned
from trace_app.domain.redaction.text import Hit, cookie_values, secrets_in

TOKEN: Final = re.compile(r"‹masked:[0-9]+›")
# Shorter than any value a rule on free text finds.
_SHORTEST: Final = 5
# How long a text may be and how many there may be for it to be known as clean.
_REMEMBERED: Final = 300
_MAX_CLEAN: Final = 50_000
# How many different cookie headers are taken apart only once.
_MAX_COOKIES: Final = 200


class Redactor:
    """One per trace: the same value gets the same token in every event, member and blob."""

    def __init__(self, rules: RuleSet | None = None) -> None:
        self.rules = rules or compile_rules()
        self.report = Report()
        self.learned = Learned()
        self.numbers: dict[str, int] = {}
        self.on_meet: Callable[[str], None] | None = None
        """Called with each value masked, and with each token that masks one already."""
        self._learning = False
        self._clean: dict[str, int] = {}
        self._names: dict[str, tuple[Name, str]] = {}
        self._cookies: dict[str, list[Hit]] = {}

    # -- what is looked at ---------------------------------------------------------------------

    def suspects(self, data: bytes) -> bool:
        """Whether a line of JSON or a text holds anything to mask."""
        return self.rules.suspects(data) or self.learned.occurs(data)

    @contextmanager
    def at(self, place: str, seq: int | None = None) -> Iterator[None]:
        """What is masked inside counts for this place."""
        before = self.report.place, self.report.seq
        self.report.place, self.report.seq = place, seq
        try:
            yield
        finally:
            self.report.place, self.report.seq = before

    # -- learning ------------------------------------------------------------------------------

    @contextmanager
    def learning(self) -> Iterator[None]:
        """What is masked inside is learned, and not counted."""
        self._learning = True
        try:
            yield
        finally:
            self._learning = False

    def learn(self, value: Any) -> None:
        """Takes in every secret of decoded JSON."""
        with self.learning():
            self.mask(value)

    def learn_text(self, data: bytes) -> None:
        """Takes in every secret of a text."""
        with self.learning():
            self.mask_bytes(data)

    # -- masking -------------------------------------------------------------------------------

    def mask_event(self, event: Event) -> Event:
        """One event, looked at whole."""
        with self.at(event.ribbon, event.seq):
            return msgspec.structs.replace(event, data=self.mask(event.data))

    def mask(self, value: Any, key: str = "") -> Any:
        """A masked copy of decoded JSON; `key` is the name it stands under."""
        if isinstance(value, str):
            return self._mask_string(value, key)
        if isinstance(value, dict):
            return self._mask_dict(value, key)
        if isinstance(value, list):
            return self._mask_list(value, key)
        if key and isinstance(value, int) and not isinstance(value, bool):
            return self._mask_number(value, key)
        return value

    def mask_text(self, text: str, *, digits_are_ids: bool = False) -> str:
        """Free text: console lines, titles, addresses."""
        text = text.replace("\x00", "�")
        # Records repeat themselves: most texts were found clean before.
        checked = self._clean.get(text)
        known = checked is not None and (self._learning or checked == self.learned.count)
        if known or len(text) < _SHORTEST:
            return text
        data = text.encode(errors="replace")
        # No rule applies to a text that was known once; what was learned since may stand in it.
        is_clean = checked is not None and not self.learned.occurs(data)
        masked = data if is_clean else self.mask_bytes(data, digits_are_ids=digits_are_ids)
        if masked is not data:
            return masked.decode(errors="replace")
        self._remember(text, digits_are_ids=digits_are_ids)
        return text

    def mask_bytes(self, data: bytes, *, digits_are_ids: bool = False) -> bytes:
        """The same for bytes in any encoding; the very same object when nothing is masked."""
        return self.replaced(data, self.hits(data, digits_are_ids=digits_are_ids))

    def hits(self, data: bytes, *, digits_are_ids: bool = False) -> list[Hit]:
        """Where a rule or, outside `learning`, a learned value hits, in no order."""
        return [*secrets_in(self.rules, data, digits_are_ids=digits_are_ids), *self.known(data)]

    def known(self, data: bytes) -> list[Hit]:
        """Where a learned value stands; nowhere while learning."""
        return [
            Hit(start, end, self.learned.rule(value), value)
            for start, end, value in (() if self._learning else self.learned.find(data))
        ]

    def to_json(self) -> dict[str, Any]:
        """The report so far."""
        return self.report.to_json(values=len(self.numbers), not_spread=self.learned.dropped)

    # -- JSON ----------------------------------------------------------------------------------

    def _mask_string(self, text: str, key: str) -> str:
        name, rule = self._named(key)
        if name is Name.COOKIE:
            return self._mask_cookies(text)
        if name is Name.HEADER:
            return self._mask_header(text, rule)
        if name is Name.KEY:
            return self._token(rule, text)
        if key == "base64":
            return self._mask_base64(text)
        if text[:1] in ("{", "[") and len(text) > _SHORTEST:
            return self._mask_inner_json(text)
        return self.mask_text(text, digits_are_ids=name is Name.ID)

    def _named(self, key: str) -> tuple[Name, str]:
        """What a name says of its value, and by which rule: the same few come all the time."""
        known = self._names.get(key)
        if known is None:
            if len(self._names) >= _MAX_CLEAN:
                self._names.clear()
            known = self._names[key] = meaning(self.rules, key)
        return known

    def _mask_number(self, value: int, key: str) -> Any:
        if rule := self.rules.key_rule(key):
            return self._token(rule, str(value))
        if value < 10**12 or is_id_key(key):
            return value
        masked = self.mask_text(str(value))
        return value if masked == str(value) else masked

    def _mask_dict(self, item: dict[str, Any], key: str) -> dict[str, Any]:
        secret = secret_fields(self.rules, item, key)
        pair = item["name"] if texts(item, ("name",)) else ""
        masked: dict[str, Any] = {}
        for name, value in item.items():
            if name in secret:
                fresh = self._token(secret[name], value, typed=secret[name] != BuiltIn.COOKIE)
            elif name == "text" and item.get("encoding") == "base64":
                fresh = self.mask(value, "base64")
            else:
                # {name, value}: a header or a form field, by the name it has in the record.
                fresh = self.mask(value, pair if pair and name == "value" else name)
            masked[self.mask_text(name)] = fresh
        return masked

    def _mask_list(self, items: list[Any], key: str) -> list[Any]:
        if self._is_header(items):
            return [items[0], self._mask_string(items[1], items[0])]
        masked = [self.mask(item, key) for item in items]
        if self.rules.selectors and len(items) > 1 and isinstance(items[1], dict):
            rule = self.rules.node_rule(str(items[0]), items[1])
            if rule:
                self._mask_node(items, masked, rule)
        return masked

    def _is_header(self, items: list[Any]) -> bool:
        """["Cookie", "a=b"]: how events write a header."""
        if len(items) != 2 or not isinstance(items[0], str) or not isinstance(items[1], str):
            return False
        return self._named(items[0])[0] in (Name.COOKIE, Name.HEADER)

    def _mask_node(self, items: list[Any], masked: list[Any], rule: str) -> None:
        """An element that a team's selector names: its values, and the text inside it."""
        for field in FIELD_VALUES:
            if isinstance(items[1].get(field), str) and items[1][field]:
                masked[1][field] = self._token(rule, items[1][field], typed=True)
        pending = [(items, masked)]
        while pending:
            node, copy = pending.pop()
            for at in range(2, len(node)):
                if isinstance(node[at], str) and node[at].strip():
                    copy[at] = self._token(rule, node[at])
                elif isinstance(node[at], list):
                    pending.append((node[at], copy[at]))

    # -- strings with a form of their own ------------------------------------------------------

    def _mask_header(self, text: str, rule: str) -> str:
        scheme, space, rest = text.partition(" ")
        if space and scheme.isalpha():
            if scheme.lower() == "basic":
                self.learned.add(from_base64(rest).partition(":")[2], rule, typed=True)
            return f"{scheme} {self._token(rule, rest)}"
        return self._token(rule, text)

    def _mask_cookies(self, text: str) -> str:
        data = text.encode(errors="replace")
        hits = self._cookies.get(text)
        if hits is None:
            hits = [Hit(start, end, BuiltIn.COOKIE) for start, end in cookie_values(data)]
            if len(self._cookies) < _MAX_COOKIES:
                self._cookies[text] = hits
        return self.replaced(data, hits).decode(errors="replace")

    def _mask_inner_json(self, text: str) -> str:
        data = text.encode(errors="replace")
        if not self.suspects(data):
            return text
        try:
            decoded = msgspec.json.decode(data)
            masked = self.mask(decoded)
            # Text in which nothing is masked keeps its spaces and the order of its keys.
            return text if masked == decoded else msgspec.json.encode(masked).decode()
        except (msgspec.DecodeError, RecursionError):
            return self.mask_text(text)

    def _mask_base64(self, text: str) -> str:
        decoded = from_base64(text)
        masked = self.mask_text(decoded)
        return text if masked == decoded else base64.b64encode(masked.encode()).decode()

    def _remember(self, text: str, *, digits_are_ids: bool) -> None:
        if len(text) > _REMEMBERED or digits_are_ids:
            return
        if len(self._clean) >= _MAX_CLEAN:
            self._clean.clear()
        # While learning, nothing learned was looked for.
        self._clean[text] = -1 if self._learning else self.learned.count

    # -- tokens --------------------------------------------------------------------------------

    def replaced(self, data: bytes, hits: list[Hit]) -> bytes:
        """The bytes with a token for each hit; the very same object without any."""
        if not hits:
            return data
        pieces: list[bytes] = []
        at = 0
        for start, end, rule, known in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
            if end <= at:
                continue
            # Of one that begins inside the one before it, the rest is masked too.
            begin = max(start, at)
            value = (known if begin == start else "") or data[begin:end].decode(errors="replace")
            pieces += [data[at:begin], self._token(rule, value).encode(errors="replace")]
            at = end
        return b"".join((*pieces, data[at:]))

    def _token(self, rule: str, value: str, *, typed: bool = False) -> str:
        if self.on_meet is not None and not self._learning:
            self.on_meet(value)
        if not value or value in self.rules.allowed or TOKEN.search(value):
            return value
        self.learned.add(value, rule, typed=typed)
        number = self.numbers.setdefault(value, len(self.numbers) + 1)
        if not self._learning:
            self.report.add(rule)
        return f"‹masked:{number}›"
