"""Every address of the product, and the objects that its parameters can name."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

Patterns = list[URLPattern | URLResolver]


@dataclass(frozen=True)
class Address:
    """A named URL with the names of its parameters."""

    name: str
    route: str
    parameters: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        """Tell whether programs call it: it answers JSON and never sends anyone to sign in."""
        return self.route.startswith(("v1/", "guard/v1/"))

    def url(self, objects: Mapping[str, object]) -> str:
        """Return the URL that names these objects; keys are parameters, or `route start:parameter`."""
        values = {}
        for parameter in self.parameters:
            special = f"{self.route.split('/')[0]}:{parameter}"
            values[parameter] = objects[special] if special in objects else objects[parameter]
        return reverse(self.name, kwargs=values)


def addresses() -> Iterator[Address]:
    """Yield every address but Django's admin, which has its own rights."""
    patterns: Patterns = get_resolver().url_patterns
    for address in _walk(patterns, "", ""):
        if not address.name.startswith("admin:"):
            yield address


def nothing() -> dict[str, object]:
    """Return values of the right shape that name no object."""
    missing = uuid.UUID(int=7)
    return {
        "ref": "zzzzzzzzz", "a": "zzzzzzzzz", "b": "zzzzzzzzz", "slug": "nothing-here",
        "repo": "nothing-here", "number": 1, "seq": 1, "name": "overview", "sha256": "0" * 64,
        "key": missing, "replay_id": missing, "call_id": missing, "pk": missing, "ticket": "none",
    }  # fmt: skip


def _walk(patterns: Patterns, before: str, namespace: str) -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            # The whole route's parameters, those of the including patterns too.
            parameters = tuple(pattern.pattern.converters)
            yield Address(f"{namespace}{pattern.name}", route, parameters)
