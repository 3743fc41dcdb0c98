"""Writing the Debugger's conversation, and a person's word on what it proposes."""

import hashlib
import json
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from debugger.actions.replays import judge_replay, store_replay
from debugger.domain.citations import Checked, check, citations
from debugger.domain.edits import Edits
from debugger.domain.replay_states import ReplayMode
from debugger.models import ChatMessage, PendingAction, Replay
from debugger.queries.cited import steps_of
from trace_app.actions import audit
from trace_app.domain.system import System
from trace_app.models import Trace
from trace_app.permissions import OPERATE, can

MAX_QUESTION: Final = 4000
LIFETIME: Final = timedelta(minutes=10)
REPLAY_TOOL: Final = "run_layer2_replay"


class QuestionError(ValueError):
    """A question that cannot be taken; the message says why."""


class DecisionError(Exception):
    """A decision that cannot be taken. `code` is for machines."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


def checked_question(text: str) -> str:
    """The question as it is stored. Raises QuestionError."""
    asked = text.strip()
    if not asked:
        raise QuestionError("Write a question.")
    if len(asked) > MAX_QUESTION or "\x00" in asked:
        raise QuestionError(f"A question has at most {MAX_QUESTION} characters.")
    return asked


@transaction.atomic
def add_question(*, by: User | System, trace: Trace, text: str) -> ChatMessage:
    """Store a question. The caller checked the right to operate. Raises QuestionError.

    A question that came with an API key has no author.
    """
    asked = checked_question(text)
    author = by if isinstance(by, User) else None
    question = ChatMessage.objects.create(trace=trace, author=author, role="person", text=asked)
    audit.record(by=by, team=trace.project.team, action="debugger.asked", target=trace.short_id)
    return question


@transaction.atomic
def add_answer(
    *,
    by: System,
    question: ChatMessage,
    engine: str,
    text: str,
    replay_arguments: dict[str, Any] | None = None,
) -> ChatMessage:
    """Store an answer with only those citations that exist, and the replay it proposes, if any.

    `replay_arguments` is {from_step, edits, mode}; it becomes a row that waits for a person.
    """
    checked, cited = checked_text(question.trace, text, reader=question.author)
    answer = ChatMessage.objects.create(
        trace=question.trace,
        role="debugger",
        engine=engine,
        text=checked.text,
        cited=cited,
        answers=question,
    )
    if replay_arguments is not None:
        PendingAction.objects.create(
            trace=question.trace,
            message=answer,
            tool=REPLAY_TOOL,
            arguments=replay_arguments,
            arguments_sha256=digest(replay_arguments),
            expires=timezone.now() + LIFETIME,
        )
    audit.record(
        by=by,
        team=question.trace.project.team,
        action="debugger.answered",
        target=question.trace.short_id,
        engine=engine,
        rejected=len(checked.rejected),
    )
    return answer


def checked_text(
    trace: Trace, text: str, *, reader: User | None
) -> tuple[Checked, list[dict[str, Any]]]:
    """The text with only true citations, and these as [{seq, ref, step}]."""
    steps = steps_of(trace, citations(text), reader)
    checked = check(text, steps.__contains__)
    cited = [{"seq": c.seq, "ref": c.ref, "step": steps[c]} for c in checked.cited]
    return checked, cited


def decide(*, by: User, call_id: UUID, confirm: bool) -> PendingAction:
    """Confirm or decline a proposed action, once. Confirming starts the replay.

    Raises DecisionError (forbidden, already_decided, expired, changed), and what
    `request_replay` raises; then the action stays undecided.
    """
    found = PendingAction.objects.select_related("trace__project__team").get(pk=call_id)
    _check_open(by, found)
    # Judged before any row is locked: the source may have to be fetched.
    asked = _judged(by, found) if confirm else None
    return _decide(by, call_id, asked)


@transaction.atomic
def _decide(by: User, call_id: UUID, asked: Replay | None) -> PendingAction:
    action = (
        PendingAction.objects.select_for_update(of=("self",))
        .select_related("trace__project__team")
        .get(pk=call_id)
    )
    # Somebody else may have decided meanwhile.
    _check_open(by, action)
    if asked is not None:
        action.replay = store_replay(by=by, asked=asked)
    action.decision = "confirmed" if asked is not None else "declined"
    action.decided, action.decided_by = timezone.now(), by
    action.save(update_fields=["decision", "decided", "decided_by", "replay"])
    audit.record(
        by=by,
        team=action.trace.project.team,
        action=f"debugger.{action.decision}",
        target=str(action.pk),
        tool=action.tool,
        trace=action.trace.short_id,
    )
    return action


def _check_open(by: User, action: PendingAction) -> None:
    if not can(by, OPERATE, action.trace.project.team):
        raise DecisionError("forbidden", "Your role does not allow this.")
    if action.decision:
        raise DecisionError("already_decided", f"This was {action.decision} already.")
    if action.expires <= timezone.now():
        raise DecisionError("expired", "This proposal is older than 10 minutes. Ask again.")
    if digest(action.arguments) != action.arguments_sha256:
        raise DecisionError("changed", "The proposal is not the one that was shown. Ask again.")


def _judged(by: User, action: PendingAction) -> Replay:
    arguments = action.arguments
    mode = arguments.get("mode")
    return judge_replay(
        by=by,
        trace=action.trace,
        from_step=arguments["from_step"],
        edits=Edits.from_json(arguments["edits"]),
        mode=ReplayMode(mode) if mode else None,
        idempotency_key=f"debugger:{action.pk}",
    )


def digest(arguments: dict[str, Any]) -> str:
    """sha256 of the arguments in their one canonical form."""
    canonical = json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
