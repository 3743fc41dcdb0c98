"""Asks the Debugger: stores the question, lets the engine answer, stores the checked answer."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache

from debugger.actions import chat
from debugger.models import ChatMessage
from debugger.tools.engine import load_engine
from debugger.tools.toolbox import Toolbox
from trace_app.domain.system import System
from trace_app.models import Trace

_KEEP_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Opening:
    """The forensic summary: checked text, its citations and the engine that wrote it."""

    text: str
    cited: list[dict[str, Any]]
    engine: str


def ask(*, by: User | System, trace: Trace, text: str) -> ChatMessage:
    """Answer a question about a trace. Raises QuestionError.

    The caller checked the right to operate.
    """
    question = chat.add_question(by=by, trace=trace, text=text)
    engine = load_engine()
    reply = engine.answer(Toolbox(trace), question.text)
    return chat.add_answer(
        by=System("debugger"),
        question=question,
        engine=engine.name,
        text=reply.text,
        replay_arguments=reply.proposal.to_arguments() if reply.proposal else None,
    )


def opening(trace: Trace) -> Opening:
    """The summary the chat opens with; kept an hour, because a finished trace does not change."""
    engine = load_engine()
    tools = Toolbox(trace)
    green = tools.case.green.short_id if tools.case.green else ""
    key = f"debugger.opening:{engine.name}:{trace.short_id}:{trace.last_seq}:{green}"
    kept: Opening | None = cache.get(key)
    if kept is not None:
        return kept
    checked, cited = chat.checked_text(trace, engine.summarize(tools).text, reader=None)
    made = Opening(checked.text, cited, engine.name)
    if trace.is_finished:
        cache.set(key, made, _KEEP_SECONDS)
    return made
