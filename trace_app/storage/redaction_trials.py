"""Tries a rule on a stored trace: how much it would mask, and where. Stores nothing."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Final

from trace_app.domain.archive import Archive, ArchiveError
from trace_app.domain.chunks import unpack_lines
from trace_app.domain.events import decode_stored
from trace_app.domain.lines import Lines
from trace_app.domain.redaction import (
    TOKEN,
    Redactor,
    Rule,
    RuleKind,
    compile_rules,
    learn_lines,
    learn_zip,
    mask_lines,
    scan_zip,
)
from trace_app.models import EventChunk, Trace
from trace_app.storage import blobs

SECONDS: Final = 5.0
SAMPLES: Final = 12
_SHOWN: Final = 80


@dataclass(slots=True)
class Sample:
    """One value the rule would mask: where it is first met, and how often it is met in all."""

    value: str
    place: str
    seq: int | None
    times: int = 0


@dataclass(slots=True)
class Trial:
    """What came of it. `already` counts values that stand masked; `partial`: time ran out."""

    trace: Trace
    times: int = 0
    values: int = 0
    already: int = 0
    partial: bool = False
    places: list[tuple[str, int]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


def try_rule(trace: Trace, rule: Rule, *, seconds: float = SECONDS) -> Trial:
    """Applies this rule alone to the stored events and to the text of the stored zip.

    For a name that is to be spared it counts what a rule on that name masks. Raises RuleError
    for a rule that cannot be used.
    """
    kind = RuleKind.KEY if rule.kind is RuleKind.ALLOW_NAME else rule.kind
    redactor = Redactor(compile_rules((Rule(kind, rule.value, rule.name),), alone=True))
    trial = Trial(trace)
    met: dict[str, Sample] = {}
    redactor.on_meet = lambda value: _meet(trial, met, redactor, value)
    ends = monotonic() + seconds
    trial.partial = not all(
        work(trace, redactor, ends) for work in (_learn_events, _mask_events, _mask_zip)
    )
    where: Counter[str] = Counter()
    for (_, place), times in redactor.report.counts.items():
        where[place] += times
    trial.places = where.most_common()
    trial.times, trial.values = where.total(), len(met)
    trial.samples = sorted(met.values(), key=lambda one: -one.times)[:SAMPLES]
    return trial


def _meet(trial: Trial, met: dict[str, Sample], redactor: Redactor, value: str) -> None:
    if TOKEN.search(value):
        trial.already += 1
    elif value:
        report = redactor.report
        shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
        met.setdefault(value, Sample(shown, report.place, report.seq)).times += 1


def _learn_events(trace: Trace, redactor: Redactor, ends: float) -> bool:
    return _each(_hit_chunks(trace, redactor.rules.suspects), partial(learn_lines, redactor), ends)


def _mask_events(trace: Trace, redactor: Redactor, ends: float) -> bool:
    return _each(_hit_chunks(trace, redactor.suspects), partial(mask_lines, redactor), ends)


def _mask_zip(trace: Trace, redactor: Redactor, ends: float) -> bool:
    """False also where the stored zip cannot be read: then it was not looked at whole."""
    if not trace.playwright_zip:
        return True
    try:
        with blobs.open_blob(trace.playwright_zip) as file:
            archive = Archive(file)
            learn_zip(archive, redactor)
            return all(monotonic() < ends for _ in scan_zip(archive, redactor))
    except (ArchiveError, FileNotFoundError):
        return False


def _hit_chunks(trace: Trace, hits: Callable[[bytes], bool]) -> Iterator[Lines | None]:
    """The chunks that hold something, decoded; None for each other one."""
    chunks = EventChunk.objects.filter(trace=trace).order_by("ribbon", "number")
    for body in chunks.values_list("body", flat=True).iterator(chunk_size=64):
        lines = unpack_lines(bytes(body))
        yield Lines.of(decode_stored(lines)) if hits(lines) else None


def _each(
    chunks: Iterator[Lines | None], work: Callable[[list[Lines]], object], ends: float
) -> bool:
    """Whether all chunks were worked through in time."""
    for lines in chunks:
        if lines is not None:
            work([lines])
        if monotonic() > ends:
            return False
    return True
