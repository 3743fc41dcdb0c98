"""Masks the pieces of a live run: they are searched whole, and only what is hit is decoded.

What masking is and what is learned on the way belongs to the redactor.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from trace_app.domain.ahead import ahead
from trace_app.domain.events import Event, decode_stored
from trace_app.domain.line_search import Span, lines_hit, spliced
from trace_app.domain.lines import Lines
from trace_app.domain.redaction.redactor import Redactor

type Suspects = dict[Span, Event]
"""The events of a piece that may hold a secret, by where their lines stand."""

_encoder = msgspec.json.Encoder()


def learn_lines(redactor: Redactor, batch: Sequence[Lines]) -> list[Suspects]:
    """Takes in every secret of the pieces; for each the events that were looked at."""
    found = []
    for suspects in _suspects(redactor, batch):
        for event in suspects.values():
            redactor.learn(event.data)
        found.append(suspects)
    return found


def mask_lines(
    redactor: Redactor, batch: Sequence[Lines], suspects: Iterable[Suspects] | None = None
) -> list[Lines]:
    """The pieces masked; the very same object where nothing in it could be.

    `suspects` is what learn_lines told of these pieces: they are not searched for it twice.
    """
    pattern = redactor.learned.pattern
    learned = [pattern] if pattern else []
    suspects = _suspects(redactor, batch) if suspects is None else suspects
    hit = ahead(lambda piece: lines_hit(piece.text, learned), batch)
    return [
        _masked(redactor, piece, known, spans)
        for (piece, spans), known in zip(hit, suspects, strict=True)
    ]


def _suspects(redactor: Redactor, batch: Sequence[Lines]) -> Iterator[Suspects]:
    screens = redactor.rules.screens
    for piece, spans in ahead(lambda piece: lines_hit(piece.text, screens), batch):
        yield {span: _event_at(piece, span) for span in spans}


def _masked(redactor: Redactor, piece: Lines, known: Suspects, spans: Sequence[Span]) -> Lines:
    found = {
        span: redactor.mask_event(known[span] if span in known else _event_at(piece, span))
        for span in sorted({*known, *spans})
    }
    return _with_events(piece, found) if found else piece


def _event_at(piece: Lines, span: Span) -> Event:
    return decode_stored(piece.text[slice(*span)])[0]


def _with_events(piece: Lines, found: Mapping[Span, Event]) -> Lines:
    """The piece with other events in these lines; only their data may differ."""
    fresh = {span: _encoder.encode(event) for span, event in found.items()}
    return replace(piece, text=spliced(piece.text, fresh))
