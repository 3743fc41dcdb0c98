"""Redaction of a run that arrives in batches: lines at once, late values in what is stored.

What was learned is kept encrypted while the run goes on and forgotten when it is processed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import batched
from typing import Any, Final
from uuid import UUID

import msgspec
from cryptography.fernet import InvalidToken

from trace_app.actions.rows import clean
from trace_app.actions.words import WIDTHS, is_sha, masked_words
from trace_app.domain.ahead import ahead
from trace_app.domain.chunks import repack, unpack_lines
from trace_app.domain.events import decode_stored
from trace_app.domain.line_search import Pattern
from trace_app.domain.lines import Lines, read_lines
from trace_app.domain.open_run import OpenRun
from trace_app.domain.redaction import (
    Redactor,
    RuleSet,
    compile_rules,
    learn_lines,
    mask_lines,
)
from trace_app.models import EventChunk, LiveRedaction, Project, Trace
from trace_app.queries.appending import Held
from trace_app.queries.redaction import rules_of
from trace_app.storage import secrets as vault

# Beyond this many stored events a late value is scrubbed when the run ends, not at once: a run
# that teaches something in every batch would be read again with every batch.
SCRUB_AT_ONCE: Final = 50_000
# So many chunks are searched at once, by threads of their own where they are more.
_TOGETHER: Final = 16
_FEW: Final = 4
_THREADS: Final = 2
# What each team's batches were searched by last, so that reading one need not ask for its rules.
_screens: Final[dict[UUID, Pattern]] = {}
_MAX_TEAMS: Final = 1024


def mask_run(project: Project, run: OpenRun) -> tuple[OpenRun, Redactor]:
    """What a new run says of itself, masked, and the redactor for `keep`."""
    redactor = Redactor(rules_of(project.team))
    said = msgspec.to_builtins(run)
    with redactor.at("run"):
        return msgspec.convert(masked_words(said, redactor), OpenRun), redactor


def keep(trace: Trace, redactor: Redactor) -> None:
    """Lets the batches of a trace just opened go on with the numbers and counts of its opening."""
    if redactor.numbers:
        trace.runner = {**trace.runner, "redaction": redactor.to_json()}
        trace.save(update_fields=["runner"])
        LiveRedaction.objects.create(trace=trace, sealed=_seal(trace, redactor))


def read_batch(trace: Trace, body: bytes) -> list[Lines]:
    """The events of a batch, searched by the team's rules on the way. Raises EventError.

    By the rules of the team's batch before it: masking searches again if they have changed.
    """
    return read_lines(body, screen=_screens.get(trace.project.team_id, compile_rules().screens[0]))


@dataclass(frozen=True, slots=True)
class Masked:
    """A masked batch; `sealed` is what is now known, None where it taught nothing.

    `behind` says whether stored chunks are still to be scrubbed.
    """

    batch: list[Lines]
    sealed: bytes | None
    behind: bool


def mask_batch(trace: Trace, batch: list[Lines], held: Held) -> Masked:
    """The batch masked; values it teaches are scrubbed from earlier batches.

    The trace's row is locked by the caller and saved by it, and so is what is sealed.
    """
    _remember(trace.project.team_id, held.rules)
    redactor, behind = _resume(trace, held.rules, held.sealed), held.behind
    masked_before, known_before = len(redactor.numbers), redactor.learned.count
    suspects = learn_lines(redactor, batch)
    if redactor.learned.count > known_before:
        _mask_row(trace, redactor)
    if redactor.learned.count > known_before and trace.event_count:
        if trace.event_count <= SCRUB_AT_ONCE:
            _scrub(trace, redactor)
        else:
            behind = True
    masked = mask_lines(redactor, batch, suspects)
    trace.runner = {**trace.runner, "redaction": redactor.to_json()}
    has_more = len(redactor.numbers) > masked_before or redactor.learned.count > known_before
    return Masked(masked, _seal(trace, redactor) if has_more else None, behind)


def _remember(team_id: UUID, rules: RuleSet) -> None:
    if len(_screens) >= _MAX_TEAMS and team_id not in _screens:
        _screens.clear()
    _screens[team_id] = rules.screens[0]


def settle(trace: Trace) -> None:
    """Scrubs what is left of an ended run and forgets what it had learned."""
    held = LiveRedaction.objects.filter(trace=trace).first()
    if held is None:
        return
    redactor = _resume(trace, rules_of(trace.project.team), bytes(held.sealed))
    if held.behind:
        _scrub(trace, redactor)
    _mask_row(trace, redactor)
    trace.runner = {**trace.runner, "redaction": redactor.to_json()}
    held.delete()


def _mask_row(trace: Trace, redactor: Redactor) -> None:
    """Masks learned values in what the run said of itself before they were known."""
    before = redactor.report.counts.total()
    said = {name: str(getattr(trace, name)) for name in WIDTHS}
    with redactor.at("run"):
        masked = {
            name: clean(redactor.mask_text(text), WIDTHS[name])
            for name, text in said.items()
            if not (name == "code_sha" and is_sha(text))
        }
    if masked != {name: said[name] for name in masked}:
        Trace.objects.filter(pk=trace.pk).update(**masked)
        for name, text in masked.items():
            setattr(trace, name, text)
    redactor.report.late += redactor.report.counts.total() - before


def _scrub(trace: Trace, redactor: Redactor) -> None:
    """Masks learned values in chunks that were stored before the values were known."""
    before = redactor.report.counts.total()
    chunks = EventChunk.objects.filter(trace=trace).order_by("ribbon", "number")
    stored = chunks.values_list("pk", "body").iterator(chunk_size=64)
    known, patterns = redactor.learned.count, redactor.learned.patterns
    search = partial(_hit, patterns)
    for some, found in ahead(search, batched(stored, _TOGETHER), few=_FEW, threads=_THREADS):
        for (pk, body), is_hit in zip(some, found, strict=True):
            # Masking may teach something too, under rules that have changed during the run.
            if not is_hit and redactor.learned.count == known:
                continue
            lines = unpack_lines(bytes(body))
            if is_hit or redactor.learned.occurs(lines):
                [masked] = mask_lines(redactor, [Lines.of(decode_stored(lines))])
                EventChunk.objects.filter(pk=pk).update(body=repack(masked.text))
    redactor.report.late += redactor.report.counts.total() - before


def _hit(patterns: Sequence[Pattern], chunks: Iterable[tuple[object, bytes]]) -> list[bool]:
    """Whether a pattern hits each chunk.

    Its lines are let go of at once: kept until they are used they would fill the processor's cache,
    and unpacking all chunks costs half as much again.
    """
    texts = (unpack_lines(bytes(body)) for _, body in chunks)
    return [any(one.search(text) is not None for one in patterns) for text in texts]


def _resume(trace: Trace, rules: RuleSet, sealed: bytes) -> Redactor:
    """The redactor as the last batch left it; nothing is sealed before something was masked."""
    redactor = Redactor(rules)
    redactor.report.load(trace.runner.get("redaction") or {})
    if not sealed:
        return redactor
    state: dict[str, Any] = {}
    try:
        state = msgspec.json.decode(vault.decrypt_bytes(sealed, purpose=_purpose(trace)))
    except InvalidToken:
        # SECRET_KEY was changed during the run: it goes on with what it learns from now on.
        redactor.numbers = {f"before {n}": n for n in range(1, _known(trace) + 1)}
    redactor.numbers.update(state.get("numbers", {}))
    redactor.learned.load(state.get("learned", {}))
    return redactor


def _seal(trace: Trace, redactor: Redactor) -> bytes:
    state = {"numbers": redactor.numbers, "learned": redactor.learned.dump()}
    return vault.encrypt_bytes(msgspec.json.encode(state), purpose=_purpose(trace))


def _known(trace: Trace) -> int:
    return int((trace.runner.get("redaction") or {}).get("values", 0))


def _purpose(trace: Trace) -> str:
    return f"live redaction {trace.pk}"
