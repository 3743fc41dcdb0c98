"""JSON as strangers send it, read so that all that is done with it afterwards can be done."""

from typing import Any, Final

import msgspec

from trace_app.domain.events import depth, without_nul

#: The `data` of an event may be nested half as deep, and messages carry events.
MAX_DEPTH: Final = 128


class JsonError(ValueError):
    """Bytes that are no JSON of ours; the message says what to do."""


def read_json(raw: bytes) -> Any:
    """The plain values: UTF-8, no half of a surrogate pair, at most MAX_DEPTH deep.

    Raises JsonError.
    """
    try:
        value = msgspec.json.decode(raw)
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JsonError(
            f"Send JSON in UTF-8, without halves of surrogate pairs: {error}"
        ) from error
    if depth(value) > MAX_DEPTH:
        raise _too_deep()
    return value


def read_storable(raw: bytes) -> Any:
    """The same, but NUL is refused too: no column of PostgreSQL takes it."""
    value = read_json(raw)
    if without_nul(value) is not value:
        raise JsonError("Send no NUL (\\u0000): leave it out.")
    return value


def _too_deep() -> JsonError:
    return JsonError(f"Nest objects and lists at most {MAX_DEPTH} deep.")
