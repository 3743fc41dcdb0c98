"""The Stripe clone's collections: find, add, list, expand, and the events that changes make.

Not the HTTP side and no resource's own rules.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..base import Clone, Unmodelled
from .errors import StripeError

type Object = dict[str, Any]

API_VERSION = "2026-10-28.endive"

COLLECTIONS = (
    "customers",
    "products",
    "prices",
    "coupons",
    "promotion_codes",
    "checkout_sessions",
    "payment_intents",
    "charges",
    "refunds",
    "events",
    "webhook_endpoints",
    "webhook_deliveries",
)

# Which collection a field's id points to, for ``expand``.
REFERENCES = {
    "customer": "customers",
    "product": "products",
    "default_price": "prices",
    "price": "prices",
    "coupon": "coupons",
    "promotion_code": "promotion_codes",
    "payment_intent": "payment_intents",
    "latest_charge": "charges",
    "charge": "charges",
}


class Store:
    """Reads and changes the clone's state; ``announce`` is told of each new event."""

    def __init__(self, clone: Clone, announce: Callable[[Object], None]) -> None:
        """Work on this clone's state, always through it: a restore replaces the dict."""
        self.clone = clone
        self._announce = announce

    def all(self, collection: str) -> list[Object]:
        """A collection in the order of creation."""
        listed: list[Object] = self.clone.state[collection]
        return listed

    def get(self, collection: str, key: str) -> Object | None:
        """The object with this id, or None."""
        return next((item for item in self.all(collection) if item["id"] == key), None)

    def find(self, collection: str, key: str, *, param: str | None = None) -> Object:
        """The object with this id; raises StripeError, 400 when the id came as a parameter."""
        found = self.get(collection, key)
        if found is None:
            name = collection.removesuffix("s")
            status = 400 if param else 404
            raise StripeError.missing(name, key, param=param or "id", status=status)
        return found

    def add(self, collection: str, made: Object) -> Object:
        """Append a new object and give it back."""
        self.all(collection).append(made)
        return made

    def new(self, name: str, prefix: str, values: Mapping[str, Any]) -> Object:
        """A new object with what all of Stripe's objects have; not yet in a collection."""
        head = {"id": self.clone.new_id(prefix), "object": name, "created": self.clone.now}
        return {**head, "livemode": False, **values}

    def emit(self, kind: str, subject: Object, *, previous: Object | None = None) -> None:
        """Record an event about an object and have it delivered."""
        data: Object = {"object": copy.deepcopy(subject)}
        if previous is not None:
            data["previous_attributes"] = previous
        values = {
            "type": kind,
            "api_version": self.clone.config.get("api_version", API_VERSION),
            "data": data,
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
        }
        event = self.add("events", self.new("event", "evt_", values))
        self._announce(event)


@dataclass(frozen=True, slots=True)
class Call:
    """One API call after routing: decoded parameters and the ids out of the path."""

    store: Store
    params: dict[str, Any]
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path (``{}`` for an id) and the function that answers."""

    method: str
    path: str
    answer: Callable[[Call], Object]


def page(call: Call, items: list[Object], *, url: str) -> Object:
    """Stripe's list object: newest first, ``limit``, ``starting_after``, ``ending_before``."""
    newest = list(reversed(items))
    limit = _limit(call.params.get("limit", "10"))
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after:
        newest = newest[_position(newest, after, "starting_after") + 1 :]
    elif before:
        newest = newest[: _position(newest, before, "ending_before")][-limit:]
    data = newest[:limit]
    return {"object": "list", "data": data, "has_more": len(newest) > limit, "url": url}


def _limit(value: Any) -> int:
    if not str(value).isdigit() or not 1 <= int(value) <= 100:
        raise StripeError.invalid("limit", "limit must be a number from 1 to 100")
    return int(value)


def _position(items: list[Object], key: str, param: str) -> int:
    for index, item in enumerate(items):
        if item["id"] == key:
            return index
    raise StripeError.missing("object", key, param=param, status=400)


def expand(store: Store, answer: Object, paths: Any) -> Object:
    """Put objects in place of ids along ``expand`` paths; the state itself stays as it is."""
    if not paths:
        return answer
    expanded: Object = copy.deepcopy(answer)
    for path in paths if isinstance(paths, list) else [paths]:
        _expand_path(store, expanded, str(path).split("."))
    return expanded


def _expand_path(store: Store, node: Any, path: list[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _expand_path(store, item, path)
        return
    if not path or not isinstance(node, dict):
        return
    name = path[0]
    value = node.get(name)
    if isinstance(value, str):
        if name not in REFERENCES:
            raise Unmodelled(f"expanding {name}")
        node[name] = copy.deepcopy(store.find(REFERENCES[name], value))
    _expand_path(store, node.get(name), path[1:])
