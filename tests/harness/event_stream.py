"""Server-sent events as a test reads them."""

import json
from collections.abc import Iterator
from typing import Any

import httpx


def messages(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    """(name, data) of each server-sent event."""
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))
