"""JSON whose shape the API's description takes from the dataclass or struct that made it."""

from typing import Any, Final

import msgspec
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

_REF: Final = "#/components/schemas/{name}"
# What the shapes asked for consist of; the description holds each once.
components: Final[dict[str, dict[str, Any]]] = {}


def shape(kind: Any) -> dict[str, Any]:
    """The JSON schema of a type; dataclasses, structs and typed dictionaries become components."""
    (schema,), parts = msgspec.json.schema_components([kind], ref_template=_REF)
    components.update(parts)
    return schema


class TypedField(serializers.JSONField):
    """A value that is passed on as it is; `kind` is its type."""

    def __init__(self, kind: Any, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind


class TypedFieldShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Tells drf-spectacular of it."""

    target_class = TypedField

    def map_serializer_field(self, auto_schema: object, direction: object) -> dict[str, Any]:
        """The shape of its type."""
        return shape(self.target.kind)
