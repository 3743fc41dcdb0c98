"""Every answer of /v1/ that a test gets is held against /v1/openapi.json.

An object of the description is closed here: a field that an answer has and the description has
not is a failure too. conftest.py puts this behind Django's test client and LiveStack's client.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator

DESCRIPTION = "/v1/openapi.json"
SKIPPED_METHODS = ("options", "head")


def is_described(method: str, path: str) -> bool:
    """Whether an answer to this is held against the description."""
    api = path.startswith("/v1/") and path != DESCRIPTION
    return api and method.lower() not in SKIPPED_METHODS


@dataclass
class Contract:
    """The description; `seen` holds (operation id, status) of what was checked."""

    document: dict[str, Any]
    paths: list[tuple[re.Pattern[str], dict[str, Any]]]
    seen: set[tuple[str, int]] = field(default_factory=set)

    def check(self, method: str, path: str, status: int, content_type: str, body: bytes) -> None:
        """Raise AssertionError when an answer is not as described."""
        method, place = method.lower(), f"{method.upper()} {path} → {status}"
        operation = self._operation(method, path)
        if operation is None:
            assert status >= 400, f"{place}: the call is not in /v1/openapi.json"
            return
        responses = operation["responses"]
        response = responses.get(str(status), responses.get(f"{status // 100}XX"))
        assert response is not None, f"{place}: this status is not in /v1/openapi.json"
        self.seen.add((operation["operationId"], status))
        kind = content_type.split(";")[0]
        content = response.get("content", {})
        if not content:
            assert not body, f"{place}: /v1/openapi.json promises an empty body"
            return
        assert kind in content, f"{place}: {kind} is not in /v1/openapi.json"
        if kind == "application/json":
            self._validate(place, content[kind]["schema"], json.loads(body))

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for pattern, operations in self.paths:
            if pattern.fullmatch(path):
                found: dict[str, Any] | None = operations.get(method)
                return found
        return None

    def _validate(self, place: str, schema: dict[str, Any], answer: object) -> None:
        rooted = {**schema, "components": self.document["components"]}
        problems = list(Draft202012Validator(rooted).iter_errors(answer))
        told = [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:300]}" for one in problems]
        assert not told, f"{place} is not what /v1/openapi.json says: {told}"


@cache
def contract() -> Contract:
    """The description as the product publishes it."""
    document = closed(json.loads(Client().get(DESCRIPTION).content))
    # Fewer parameters first: /v1/traces/ingest is no trace called "ingest".
    ordered = sorted(document["paths"].items(), key=lambda pair: pair[0].count("{"))
    paths = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", name)), held) for name, held in ordered]
    return Contract(document, paths)


def closed(node: Any) -> Any:
    """The same description, whose objects may hold nothing that is not described."""
    if isinstance(node, list):
        return [closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: closed(value) for name, value in node.items()}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made
