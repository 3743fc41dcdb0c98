"""Bodies of the REST framework's endpoints: JSON alone, sized and strict."""

from collections.abc import Mapping
from typing import IO, Any, Final, override

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from trace_app.actions.intake import IngestError
from trace_app.domain.strict_json import JsonError, read_json

MAX_JSON: Final = 8 * 1024 * 1024


class StrictJson(BaseParser):
    """Answers 400 where the framework's own parser would fail, or take what cannot be stored."""

    media_type = "application/json"

    @override
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The plain values. Raises ParseError, and IngestError for too large a body."""
        raw = stream.read(MAX_JSON + 1)
        if len(raw) > MAX_JSON:
            raise IngestError("too_large", "A request may hold 8 MiB.", status=413)
        try:
            return read_json(raw)
        except JsonError as error:
            raise ParseError(str(error)) from error
