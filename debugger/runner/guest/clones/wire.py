"""What a clone receives and answers: requests, responses, and vendors' form bodies.

Not an HTTP server (that is ``server``) and no knowledge of any vendor.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

type Json = Any
"""A value that ``json.dumps`` can write: dict, list, str, int, float, bool or None."""


class BadBody(ValueError):
    """The request's body cannot be read; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Request:
    """One vendor API call as it came in; ``headers`` has lower-case names."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def params(self) -> dict[str, Json]:
        """Query and body as one nested dict; raises BadBody for a malformed body."""
        content_type = self.headers.get("content-type", "")
        if content_type.startswith("application/json") and self.body:
            return {**decode_form(self.query), **_json_object(self.body)}
        try:
            text = self.body.decode()
        except UnicodeDecodeError as error:
            raise BadBody("the body is not UTF-8") from error
        return {**decode_form(self.query), **decode_form(text)}


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back: ``body`` is JSON unless it is bytes with a content type of its own."""

    status: int
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def payload(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else canonical(self.body)


def canonical(value: Json) -> bytes:
    """JSON with sorted keys and no spare blanks: equal values give equal bytes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def decode_form(text: str) -> dict[str, Json]:
    """Decode ``a[b][]=1&a[c][0][d]=2`` as vendors' SDKs write it.

    ``[]`` and ``[0]`` make lists, any other key a dict; values stay strings.
    """
    root: dict[str, Json] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _place(root, _keys(name), value)
    listed: dict[str, Json] = _as_lists(root)
    return listed


def _keys(name: str) -> list[str]:
    head, _, rest = name.partition("[")
    if not rest:
        return [head]
    return [head, *(part.rstrip("]") for part in rest.split("["))]


def _place(root: dict[str, Json], keys: list[str], value: str) -> None:
    node = root
    for key in keys[:-1]:
        child = node.setdefault(_index(node, key), {})
        if not isinstance(child, dict):
            raise BadBody(f"the parameter {keys[0]} is both a value and an object")
        node = child
    node[_index(node, keys[-1])] = value


def _index(node: dict[str, Json], key: str) -> str:
    # "[]" appends: the next free number plays the part of an explicit index.
    return key or str(len(node))


def _as_lists(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    plain = {key: _as_lists(child) for key, child in value.items()}
    if plain and all(key.isdigit() for key in plain):
        return [plain[key] for key in sorted(plain, key=int)]
    return plain


def _json_object(body: bytes) -> dict[str, Json]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise BadBody(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadBody("the body is not a JSON object")
    return value
