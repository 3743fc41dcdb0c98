"""Masks events and decoded JSON; learns values first to mask them wherever they occur."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from trace_app.domain.events import Event
from trace_app.domain.labels import target_text
from trace_app.domain.playwright.model import Package
from trace_app.domain.redaction.rules import (
    COOKIE_HEADERS,
    SECRET_HEADERS,
    is_secret_key,
    may_spread,
    names_password,
    secrets_in,
    suspicious,
)

_TOKEN: Final = re.compile(r"‹masked:[0-9]+›")
_COOKIE_PAIR: Final = re.compile(r"([^=;,\s]+)=([^;]*)")
_COOKIE_ATTRIBUTES: Final = frozenset(
    {"path", "domain", "expires", "max-age", "samesite", "version", "comment"}
)
_FIELD_VALUES: Final = ("value", "__playwright_value_")


class Redactor:
    """One per trace: the same value gets the same token in every event and member."""

    def __init__(
        self,
        numbers: dict[str, int] | None = None,
        digest: Callable[[str], str] = lambda value: value,
    ) -> None:
        """`numbers` maps digests of values masked earlier to their numbers.

        A live trace keeps it between batches, with a keyed hash as `digest`.
        """
        self.numbers: dict[str, int] = {} if numbers is None else numbers
        self._digest = digest
        self._tokens: dict[str, str] = {}
        self._spreading: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._known = -1
        self.counts: Counter[str] = Counter()

    def learn_package(self, package: Package) -> None:
        """Values typed into password fields, as the page's own snapshots show them."""
        for shot in package.snapshots:
            self.learn(shot.html)
        for call in package.calls:
            value = call.params.get("value")
            selector = str(call.params.get("selector") or call.params.get("locator") or "")
            if isinstance(value, str) and names_password(selector):
                self._learn_value(value)
        for entry in package.entries:
            self.learn(entry.request)
            self.learn(entry.response)

    def learn_events(self, events: Iterable[Event]) -> None:
        """Values that one event shows to be secret and another may repeat."""
        for event in events:
            value = event.data.get("value")
            if isinstance(value, str) and names_password(target_text(event.data.get("target"))):
                self._learn_value(value)
            self.learn(event.data)

    def learn(self, value: object) -> None:
        """Walks decoded JSON and takes in what the rules name as secret."""
        pending = [value]
        while pending:
            item = pending.pop()
            if isinstance(item, dict):
                self._learn_from(item)
                pending.extend(item.values())
            elif isinstance(item, list):
                self._learn_pair(item)
                pending.extend(item)
            elif isinstance(item, str) and suspicious(item):
                for _, secret in secrets_in(item):
                    self._learn_value(secret)

    def mask_event(self, event: Event) -> Event:
        """The event with its data masked; seq, ts and kind are never touched."""
        data = self.mask(event.data)
        value = data.get("value")
        if isinstance(value, str) and names_password(target_text(data.get("target"))):
            data["value"] = self._token("password", value)
        return msgspec.structs.replace(event, data=data)

    def mask(self, value: Any, key: str = "") -> Any:
        """A masked copy of decoded JSON."""
        if isinstance(value, str):
            return self._mask_string(value, key)
        if isinstance(value, dict):
            return self._mask_dict(value)
        if isinstance(value, list):
            return self._mask_list(value)
        if key and is_secret_key(key) and isinstance(value, int) and not isinstance(value, bool):
            return self._token("key", str(value))
        return value

    def mask_text(self, text: str) -> str:
        """Free text: sources, bodies, console lines."""
        text = self._spread(text.replace("\x00", "�"))
        if not suspicious(text):
            return text
        for rule, secret in list(secrets_in(text)):
            text = text.replace(secret, self._token(rule, secret))
        return text

    def report(self) -> dict[str, Any]:
        """How many values were masked how often, by rule; no value itself."""
        return {
            "values": len(self.numbers),
            "rules": dict(sorted(self.counts.items())),
            "pixels": "not scanned",
        }

    def _mask_string(self, text: str, key: str) -> str:
        name = key.lower()
        if name in COOKIE_HEADERS:
            return self._mask_cookies(text)
        if name in SECRET_HEADERS:
            scheme, space, rest = text.partition(" ")
            return (
                f"{scheme} {self._token('header', rest)}" if space else self._token("header", text)
            )
        if key and text and is_secret_key(key):
            return self._token("key", text)
        return self.mask_text(text)

    def _mask_dict(self, item: dict[str, Any]) -> dict[str, Any]:
        masked = {key: self.mask(value, key) for key, value in item.items()}
        name, value = item.get("name"), item.get("value")
        if isinstance(name, str) and isinstance(value, str):
            masked["value"] = self._mask_named(name, value, item)
        if item.get("type") == "password":
            for field in _FIELD_VALUES:
                if isinstance(item.get(field), str) and item[field]:
                    masked[field] = self._token("password", item[field])
        return masked

    def _mask_named(self, name: str, value: str, item: dict[str, Any]) -> str:
        """{name, value}: a header, a cookie or a form field, told apart by its other keys."""
        is_cookie = "domain" in item or "httpOnly" in item
        return self._token("cookie", value) if is_cookie else self._mask_string(value, name)

    def _mask_list(self, items: list[Any]) -> list[Any]:
        if _is_pair(items):
            return [items[0], self._mask_string(items[1], items[0])]
        return [self.mask(item) for item in items]

    def _mask_cookies(self, text: str) -> str:
        def one(match: re.Match[str]) -> str:
            if match[1].lower() in _COOKIE_ATTRIBUTES or not match[2]:
                return match[0]
            return f"{match[1]}={self._token('cookie', match[2])}"

        return _COOKIE_PAIR.sub(one, text)

    def _token(self, rule: str, value: str) -> str:
        if not value or _TOKEN.fullmatch(value):
            return value
        self.counts[rule] += 1
        if value not in self._tokens:
            number = self.numbers.setdefault(self._digest(value), len(self.numbers) + 1)
            self._tokens[value] = f"‹masked:{number}›"
        return self._tokens[value]

    def _learn_from(self, item: dict[str, Any]) -> None:
        for key, value in item.items():
            if isinstance(value, str):
                self._learn_named(key, value)
        if item.get("type") == "password":
            for field in _FIELD_VALUES:
                self._learn_value(item.get(field))
        name, value = item.get("name"), item.get("value")
        if isinstance(name, str) and isinstance(value, str):
            self._learn_named(name, value)

    def _learn_pair(self, items: list[Any]) -> None:
        if _is_pair(items):
            self._learn_named(items[0], items[1])

    def _learn_named(self, name: str, value: str) -> None:
        lowered = name.lower()
        if lowered in SECRET_HEADERS:
            self._learn_value(value.partition(" ")[2] or value)
        elif lowered in COOKIE_HEADERS:
            for match in _COOKIE_PAIR.finditer(value):
                if match[1].lower() not in _COOKIE_ATTRIBUTES:
                    self._learn_value(match[2])
        elif is_secret_key(name):
            self._learn_value(value)

    def _learn_value(self, value: object) -> None:
        if isinstance(value, str) and may_spread(value) and not _TOKEN.search(value):
            self._spreading.add(value)

    def _spread(self, text: str) -> str:
        if self._known != len(self._spreading):
            longest_first = sorted(self._spreading, key=lambda value: (-len(value), value))
            joined = "|".join(map(re.escape, longest_first))
            self._pattern = re.compile(joined) if joined else None
            self._known = len(self._spreading)
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda match: self._token("learned", match[0]), text)


def _is_pair(items: list[Any]) -> bool:
    """["Cookie", "a=b"]: how events write a header."""
    return (
        len(items) == 2
        and isinstance(items[0], str)
        and isinstance(items[1], str)
        and (items[0].lower() in SECRET_HEADERS or items[0].lower() in COOKIE_HEADERS)
    )
