"""The NDJSON readers: both read the same events or refuse at the same line; nothing else happens."""

import sys

import atheris

with atheris.instrument_imports(include=["trace_app"]):
    from trace_app.domain.chunks import pack, unpack
    from trace_app.domain.events import Event, EventError, parse_ndjson
    from trace_app.domain.index import build_index
    from trace_app.domain.lines import read_lines


def one_input(body: bytes) -> None:
    """Read a body line by line and by pieces, then store what was read. Raises on a difference."""
    events: list[Event] = []
    refused: EventError | None = None
    try:
        events = parse_ndjson(body)
    except EventError as error:
        refused = error
    try:
        pieces = read_lines(body)
    except EventError as error:
        if refused is None or (error.line, error.code) != (refused.line, refused.code):
            raise AssertionError(
                f"the readers refuse differently: {refused} and {error}"
            ) from error
        return
    if refused is not None or [event for piece in pieces for event in piece.events()] != events:
        raise AssertionError(f"one reader accepts what the other does not: {refused}")
    build_index(pieces)
    stored = [event for chunk in pack(pieces) for event in unpack(chunk.body)]
    if sorted(stored, key=lambda event: event.seq) != events:
        raise AssertionError("chunks give back something else")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
