"""Prepares the conversation for its templates. Decides nothing, stores nothing."""

from collections.abc import Iterable
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from debugger.domain.layout import Block, Piece, lay_out
from debugger.domain.replay_states import ENDED, ReplayStatus
from debugger.models import ChatMessage, PendingAction, Replay
from debugger.queries.conversation import messages_of
from debugger.queries.replays import diffs_of
from debugger.tools import conversation
from debugger.tools.engine import EngineError, load_engine
from trace_app.http import AuthedRequest
from trace_app.models import Trace
from trace_app.permissions import OPERATE, can

# What stands beside an answer: which engine gave it, for people.
ENGINES: Final = {"offline": "from rules, no model"}


def engine_words(engine: str) -> str:
    """An engine's stored name as people read it."""
    return ENGINES.get(engine, engine)


def page_context(request: AuthedRequest, trace: Trace) -> dict[str, Any]:
    """Everything the conversation's template shows."""
    opening, failed = _opening(trace)
    return {
        "trace": trace,
        "opening": drawn(trace, opening.text, opening.cited) if opening else None,
        "opening_failed": failed,
        "engine": engine_words(opening.engine) if opening else "",
        "by_rules": load_engine().name in ENGINES,
        "entries": [_entry(request, trace, message) for message in messages_of(trace)],
        "may_ask": can(request.user, OPERATE, trace.project.team),
        "suggestions": _suggestions(trace),
    }


def _opening(trace: Trace) -> tuple[conversation.Opening | None, bool]:
    """The forensic summary of an ended run, and whether the engine failed to make it."""
    if not trace.is_finished:
        return None, False
    try:
        return conversation.opening(trace), False
    except EngineError:
        return None, True


def drawn(trace: Trace, text: str, cited: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Blocks of lines of pieces; a citation has its link."""
    steps = {(item["ref"], item["seq"]): item["step"] for item in cited}
    return [_block(trace, block, steps) for block in lay_out(text)]


def _block(
    trace: Trace, block: Block, steps: dict[tuple[str | None, int], int | None]
) -> dict[str, Any]:
    lines = [[_piece(trace, piece, steps) for piece in line] for line in block.lines]
    return {"kind": block.kind, "lines": lines}


def _piece(
    trace: Trace, piece: Piece, steps: dict[tuple[str | None, int], int | None]
) -> dict[str, Any]:
    if piece.kind != "cite":
        return {"kind": piece.kind, "text": piece.text}
    step = steps.get((piece.ref, piece.seq or 0))
    where = f"?step={step}" if step is not None else ""
    page = reverse("trace_app:trace", args=[trace.short_id])
    if piece.ref is not None and piece.ref != trace.short_id:
        # The other trace's event is read beside this one.
        compare = reverse("debugger:diff", args=[piece.ref, trace.short_id])
        compare = f"{compare}#left={piece.seq}"
        other = reverse("trace_app:trace", args=[piece.ref])
        url = f"{other}{where}#seq={piece.seq}"
        return {"kind": "other", "text": piece.text, "url": url, "compare": compare}
    url = f"{page}{where}#seq={piece.seq}"
    return {"kind": "cite", "text": piece.text, "url": url, "seq": piece.seq}


def _entry(request: AuthedRequest, trace: Trace, message: ChatMessage) -> dict[str, Any]:
    return {
        "message": message,
        "engine": engine_words(message.engine),
        "blocks": drawn(trace, message.text, message.cited) if message.role != "person" else [],
        "proposals": [action_context(request, found) for found in message.pending_actions.all()],
    }


def action_context(request: AuthedRequest, found: PendingAction) -> dict[str, Any]:
    """A proposed replay: its edits, whether it can still be decided, and how its replay stands."""
    replay = found.replay
    asked = replay or Replay(
        trace=found.trace,
        from_step=found.arguments["from_step"],
        edits=found.arguments["edits"],
    )
    return {
        "action": found,
        "trace": found.trace,
        "from_step": found.arguments["from_step"],
        "diffs": diffs_of(asked),
        "open": not found.decision and found.expires > timezone.now(),
        "expired": not found.decision and found.expires <= timezone.now(),
        "may_decide": can(request.user, OPERATE, found.trace.project.team),
        **_replay_context(replay),
    }


def _replay_context(replay: Replay | None) -> dict[str, Any]:
    if replay is None:
        return {"replay": None}
    runs = replay.runs.select_related("trace").all()
    return {
        "replay": replay,
        "running": replay.status not in ENDED,
        "succeeded": replay.status == ReplayStatus.SUCCEEDED,
        "child": next((run.trace for run in runs if run.trace), None),
        "sentence": replay.diff.get("sentence", ""),
    }


def _suggestions(trace: Trace) -> list[str]:
    step = trace.failing_step
    if not step:
        return ["compare with the last green run", "list steps"]
    return [
        f"why did step {step} fail?",
        "compare with the last green run",
        "suggest a fix",
        "show network errors",
    ]
