"""Create, read, update, list and delete for resources without rules of their own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import StripeError
from .fields import Field, merged_metadata, read_given, read_new
from .store import Call, Object, Route, Store, page

PAGING = ("limit", "starting_after", "ending_before", "expand")


def unchanged(store: Store, made: Object) -> Object:
    """The ``complete`` of a resource that needs none."""
    return made


@dataclass(frozen=True, slots=True)
class Resource:
    """A table of what a plain resource takes; ``complete`` fills in what Stripe computes."""

    collection: str
    name: str
    prefix: str
    create: Mapping[str, Field]
    update: Mapping[str, Field]
    filters: Mapping[str, Field] = field(default_factory=dict)
    deletable: bool = False
    complete: Callable[[Store, Object], Object] = unchanged

    def routes(self) -> list[Route]:
        """The routes under ``/v1/<collection>``."""
        path = f"/v1/{self.collection}"
        made = [
            Route("POST", path, self._create),
            Route("GET", path, self._list),
            Route("GET", f"{path}/{{}}", self._retrieve),
            Route("POST", f"{path}/{{}}", self._update),
        ]
        return [*made, Route("DELETE", f"{path}/{{}}", self._delete)] if self.deletable else made

    def _create(self, call: Call) -> Object:
        values = read_new(call.params, self.create)
        key = values.pop("id", None)
        if key and call.store.get(self.collection, key):
            code = "resource_already_exists"
            raise StripeError(f"{self.name} already exists.", code=code)
        made = call.store.new(self.name, self.prefix, values)
        if key:
            made["id"] = key
        made = call.store.add(self.collection, self.complete(call.store, made))
        call.store.emit(f"{self.name}.created", made)
        return made

    def _retrieve(self, call: Call) -> Object:
        deleted: Object | None = call.store.clone.state["deleted"].get(call.ids[0])
        if deleted is not None and deleted["object"] == self.name == "customer":
            return deleted
        return call.store.find(self.collection, call.ids[0])

    def _update(self, call: Call) -> Object:
        found = call.store.find(self.collection, call.ids[0])
        given = read_given(call.params, self.update)
        if "metadata" in given:
            given["metadata"] = merged_metadata(found["metadata"], given["metadata"] or {})
        previous = {name: found.get(name) for name in given if found.get(name) != given[name]}
        found.update(given)
        call.store.emit(f"{self.name}.updated", found, previous=previous)
        return found

    def _delete(self, call: Call) -> Object:
        found = call.store.find(self.collection, call.ids[0])
        call.store.all(self.collection).remove(found)
        gone = {"id": found["id"], "object": self.name, "deleted": True}
        call.store.clone.state["deleted"][found["id"]] = gone
        call.store.emit(f"{self.name}.deleted", found)
        return gone

    def _list(self, call: Call) -> Object:
        wanted = read_given(
            {name: value for name, value in call.params.items() if name not in PAGING},
            self.filters,
        )
        items = [item for item in call.store.all(self.collection) if _has(item, wanted)]
        return page(call, items, url=f"/v1/{self.collection}")


def _has(item: Object, wanted: Mapping[str, Any]) -> bool:
    for name, value in wanted.items():
        # ``ids`` and ``lookup_keys`` are filters by any of several values.
        actual = item.get({"ids": "id", "lookup_keys": "lookup_key"}.get(name, name))
        actual = actual["id"] if isinstance(actual, dict) else actual
        if actual not in (value if isinstance(value, list) else [value]):
            return False
    return True
