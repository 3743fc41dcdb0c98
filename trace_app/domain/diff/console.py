"""Console dimension: messages, page errors and application log, matched by normalised text."""

from trace_app.domain.diff.align import Aligned, StepPair, both_ran
from trace_app.domain.diff.matching import match
from trace_app.domain.diff.model import Row
from trace_app.domain.diff.view import TraceView
from trace_app.domain.diff.volatile import template_text
from trace_app.domain.events import Event

KINDS = ("console.message", "page.error", "app.log")
_LOUD = ("error", "warning")
# The browser's echo of a failed request; the network dimension has the request itself.
_TOLD_BY_NETWORK = "Failed to load resource"
_SHORT = 300


def text_of(event: Event) -> str:
    """What the line says, as recorded."""
    data = event.data
    return str(data.get("text") or data.get("message") or data.get("stack") or "")


def message_key(event: Event) -> tuple[str, str]:
    """Kind with level of the speaker, and the text without volatile parts."""
    kind: str = event.kind
    if kind == "console.message":
        kind = f"console.{event.data.get('type') or event.level or 'log'}"
    return kind, template_text(text_of(event).partition("\n")[0])


def loud(event: Event) -> bool:
    """Errors and warnings count; ordinary lines are kept but cannot be a first divergence."""
    said = str(event.data.get("type") or "")
    if text_of(event).startswith(_TOLD_BY_NETWORK):
        return False
    return event.kind == "page.error" or event.level in _LOUD or said in _LOUD


def compare(a: TraceView, b: TraceView, aligned: Aligned) -> list[Row]:
    """Lines only one side has, per step; a line that slipped into the next step is not one."""
    only_a: list[list[Event]] = []
    only_b: list[list[Event]] = []
    lines_a = aligned.bucket(a.of_kind(*KINDS), "a")
    lines_b = aligned.bucket(b.of_kind(*KINDS), "b")
    for left, right in zip(lines_a, lines_b, strict=True):
        matched = match(left, right, message_key)
        only_a.append(matched.only_a)
        only_b.append(matched.only_b)
    for i in range(len(only_a) - 1):
        late = match(only_a[i], only_b[i + 1], message_key)
        only_a[i], only_b[i + 1] = late.only_a, late.only_b
        early = match(only_a[i + 1], only_b[i], message_key)
        only_a[i + 1], only_b[i] = early.only_a, early.only_b
    rows: list[Row] = []
    for pair, left, right in zip(aligned.pairs, only_a, only_b, strict=True):
        here = [_row(pair, event, "a") for event in left]
        here += [_row(pair, event, "b") for event in right]
        rows.extend(sorted(here, key=lambda row: row.seq_b or row.seq_a or 0))
    return rows


def _row(pair: StepPair, event: Event, side: str) -> Row:
    kind, _text = message_key(event)
    said = text_of(event)[:_SHORT]
    return Row(
        change="removed" if side == "a" else "added",
        key=kind,
        before=said if side == "a" else None,
        after=said if side == "b" else None,
        step_a=pair.no_a,
        step_b=pair.no_b,
        seq_a=event.seq if side == "a" else None,
        seq_b=event.seq if side == "b" else None,
        minor=not loud(event) or (not both_ran(pair) and event.kind != "page.error"),
        note="" if both_ran(pair) else "this step ran in one of the two only",
        detail={"kind": event.kind, "level": event.level},
    )
