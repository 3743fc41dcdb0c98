"""The step table of a trace, from its step events and from what the runner knew beside them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from trace_app.domain.bundle import RunStep
from trace_app.domain.events import Event
from trace_app.domain.labels import error_message

# The most telling first: a step is cited by what broke in it, by its end where nothing else did.
_WORST = ("assertion", "agent.action", "step.end")
_MOST_ATTACHMENTS = 100


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a test attached to a step; `member` names it in the Playwright zip."""

    seq: int
    name: str
    type: str
    member: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step; times are milliseconds, None for what never began or ended.

    `status` is passed, failed, skipped, not_run or unfinished.
    """

    number: int
    title: str
    status: str
    text: str = ""
    started_ms: float | None = None
    ended_ms: float | None = None
    seq_first: int | None = None
    seq_last: int | None = None
    failing_seq: int | None = None
    error: str = ""
    line: int | None = None
    depth: int = 0
    attachments: tuple[Attachment, ...] = ()

    @property
    def no(self) -> int:
        """The number, under the name the signature reads."""
        return self.number


def step_rows(events: Iterable[Event], known: Sequence[RunStep] = ()) -> list[StepRow]:
    """All steps by number; `known` adds those that never ran and wins title and status."""
    rows: dict[int, StepRow] = {}
    cited: dict[int, str] = {}
    for event in events:
        if event.step is None or event.step < 1:
            continue
        if event.kind == "step.start":
            rows.setdefault(event.step, _started(event))
        elif event.step in rows:
            rows[event.step] = _during(rows[event.step], event, cited)
    for step in known:
        held = rows.get(step.no, StepRow(step.no, step.title or step.text, "not_run", step.text))
        rows[step.no] = replace(
            held,
            title=step.title or step.text or held.title,
            text=step.text or held.text,
            status=step.status or held.status,
            error=held.error or step.error or "",
        )
    return [rows[number] for number in sorted(rows)]


def failing_step(rows: Sequence[StepRow]) -> StepRow | None:
    """The step that failed; of nested ones the innermost, which began last."""
    failed = [row for row in rows if row.status == "failed"]
    return failed[-1] if failed else None


def _started(event: Event) -> StepRow:
    data = event.data
    text = str(data.get("text") or data.get("title") or "")
    return StepRow(
        number=event.step or 0,
        title=str(data.get("title") or text or f"Step {event.step}"),
        text=text,
        status="unfinished",
        started_ms=event.ts,
        seq_first=event.seq,
        line=_whole(data.get("line"), 1, 2**31),
        depth=_whole(data.get("depth"), 0, 1000) or 0,
    )


def _whole(value: object, least: int, below: int) -> int | None:
    """A number that a column can hold; in Python true is one too."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if least <= value < below else None


def _during(row: StepRow, event: Event, cited: dict[int, str]) -> StepRow:
    """The row after one more event; `cited` knows the kind of the event each step is cited by."""
    if event.kind == "step.end":
        row = replace(
            row,
            status=str(event.data.get("status") or "passed"),
            ended_ms=event.ts,
            seq_last=event.seq,
            error=error_message(event.data) or row.error,
            attachments=tuple(_attachments(event)),
        )
    failed = event.level == "error" or event.data.get("ok") is False
    held = cited.get(row.number)
    if failed and event.kind in _WORST and (held is None or _tells_more(event.kind, held)):
        cited[row.number] = event.kind
        message = str(event.data.get("message") or error_message(event.data))
        error = row.error if held else message or row.error
        row = replace(row, failing_seq=event.seq, error=error or message)
    return row


def _tells_more(kind: str, than: str) -> bool:
    return _WORST.index(kind) < _WORST.index(than)


def _attachments(event: Event) -> Iterator[Attachment]:
    found = event.data.get("attachments")
    for one in found[:_MOST_ATTACHMENTS] if isinstance(found, list) else ():
        member = one.get("$member") if isinstance(one, dict) else None
        if isinstance(member, str) and member and "\0" not in member:
            name, kind = (str(one.get(key) or "").replace("\0", "") for key in ("name", "type"))
            yield Attachment(event.seq, name[:200] or member[-200:], kind[:100], member)
