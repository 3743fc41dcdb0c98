"""What drf-spectacular cannot see by itself: plain views, shared shapes, refusals of every call.

The description is made from the code, and the tests hold every answer they get against it.
"""

from collections.abc import Callable
from typing import Any, Final

from trace_app.domain.schemas import event_schema, summary_schema
from trace_app.serializers.typed import components

type Operation = dict[str, Any]

EVENT: Final = {"$ref": "#/components/schemas/Event"}
SUMMARY: Final = {"$ref": "#/components/schemas/Summary"}
EVENTS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["events", "next", "last_seq"],
    "properties": {
        "events": {"type": "array", "items": EVENT},
        "next": {"type": ["integer", "null"], "description": "`seq_from` of the next window"},
        "last_seq": {"type": "integer"},
    },
}
_ERROR: Final = {"$ref": "#/components/schemas/Error"}
# Names of path parameters that stand for a trace.
_TRACES: Final = frozenset({"ref", "a", "b"})
_plain: dict[tuple[str, str], Operation] = {}


def described[View: Callable[..., Any]](
    method: str, path: str, operation: Operation
) -> Callable[[View], View]:
    """Document a view that is no REST framework view; `operation` is OpenAPI's object."""

    def note(view: View) -> View:
        _plain[path, method] = operation
        return view

    return note


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Post-processing hook of drf-spectacular."""
    schemas = result["components"]["schemas"]
    schemas |= components
    schemas["Event"] = _bare(event_schema())
    schemas["Summary"] = _summary()
    for (path, method), operation in _plain.items():
        result["paths"].setdefault(path, {})[method] = operation
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("4XX", json_response("Refused", _ERROR))
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in _TRACES and parameter["in"] == "path":
                    parameter["description"] = "Short id or UUID of a trace"
    result["paths"] = dict(sorted(result["paths"].items()))
    return result


def json_response(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI's response object for a JSON body."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _summary() -> dict[str, Any]:
    """summary.json as it is stored, and beside it which trace it is of."""
    schema = _bare(summary_schema())
    text = {"type": "string"}
    head = {"id": {**text, "format": "uuid"}, "short_id": text, "title": text}
    return {
        **schema,
        "required": [*head, *schema["required"]],
        "properties": {**head, **schema["properties"]},
    }


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != "$schema"}
