"""Masks the pieces of a live run: they are searched whole, and only what is hit is decoded.

What masking is and what is learned on the way belongs to the redactor.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from trace_app.domain.events import Event
from trace_app.domain.lines import Lines
from trace_app.domain.redaction.redactor import Redactor
from trace_app.domain.redaction.ruleset import RuleSet

type Suspects = Mapping[int, Event]
"""The events of a piece that may hold a secret, by their places."""

_encoder = msgspec.json.Encoder()


def learn_lines(redactor: Redactor, batch: Sequence[Lines]) -> list[Suspects]:
    """Takes in every secret of the pieces; for each the events that were looked at."""
    found = []
    for suspects in _suspects(redactor.rules, batch):
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
    patterns = redactor.learned.patterns
    suspects = _suspects(redactor.rules, batch) if suspects is None else suspects
    return [
        _masked(redactor, piece, known, piece.search(patterns))
        for piece, known in zip(batch, suspects, strict=True)
    ]


def _suspects(rules: RuleSet, batch: Sequence[Lines]) -> Iterator[Suspects]:
    for piece in batch:
        places = piece.search(one for one in rules.screens if one is not piece.screen)
        found = {place: piece.event(place) for place in places}
        found |= {
            place: event for place, event in piece.near.items() if rules.suspects(_data(event))
        }
        yield dict(sorted(found.items()))


def _masked(redactor: Redactor, piece: Lines, known: Suspects, places: Iterable[int]) -> Lines:
    found = {place: piece.event(place) for place in places}
    if redactor.learned.count:
        rest = ((place, event) for place, event in piece.near.items() if place not in known)
        found |= {place: event for place, event in rest if redactor.learned.occurs(_data(event))}
    found |= known
    if not found:
        return piece
    fresh = {place: redactor.mask_event(event) for place, event in sorted(found.items())}
    return piece.with_events(fresh)


def _data(event: Event) -> bytes:
    """The data as it will be stored, which is all of an event that is masked."""
    return _encoder.encode(event.data)
