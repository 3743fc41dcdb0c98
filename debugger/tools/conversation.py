"""Asks the Debugger: stores the question, lets the engine answer, stores the checked answer."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction

from debugger.actions import chat
from debugger.models import ChatMessage
from debugger.tools.engine import EngineError, Reply, load_engine
from debugger.tools.toolbox import Toolbox
from trace_app.domain.states import TraceColdError
from trace_app.domain.system import System
from trace_app.models import Trace

logger = logging.getLogger(__name__)
_KEEP_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Opening:
    """The forensic summary: checked text, its citations and the engine that wrote it."""

    text: str
    cited: list[dict[str, Any]]
    engine: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with the engine's reply, neither of them stored."""

    question: str
    engine: str
    reply: Reply


def ask(*, by: User | System, trace: Trace, text: str) -> ChatMessage:
    """Answer a question about a trace. Raises QuestionError and EngineError.

    The caller checked the right to operate.
    """
    return keep(by=by, trace=trace, answered=answer(trace, text))


def answer(trace: Trace, text: str) -> Answered:
    """The engine's reply to a question. Raises QuestionError and EngineError; stores nothing.

    It may read the source, which may be far away: no transaction should be open meanwhile.
    """
    question = chat.checked_question(text)
    with _engine_at_work(trace):
        engine = load_engine()
        return Answered(question, engine.name, engine.answer(Toolbox(trace), question))


@contextmanager
def _engine_at_work(trace: Trace) -> Iterator[None]:
    """Turns whatever goes wrong in an engine, which may be anybody's, into an EngineError."""
    try:
        yield
    except TraceColdError:
        raise
    except Exception as error:
        logger.exception("the engine failed on trace %s", trace.short_id)
        raise EngineError(
            "The Debugger could not answer. Nothing was stored; ask again."
        ) from error


@transaction.atomic
def keep(*, by: User | System, trace: Trace, answered: Answered) -> ChatMessage:
    """Store a question and its checked answer; return the answer."""
    proposal = answered.reply.proposal
    return chat.add_answer(
        by=System("debugger"),
        question=chat.add_question(by=by, trace=trace, text=answered.question),
        engine=answered.engine,
        text=answered.reply.text,
        replay_arguments=proposal.to_arguments() if proposal else None,
    )


def opening(trace: Trace) -> Opening:
    """The summary the chat opens with; kept an hour, because a finished trace does not change.

    Raises EngineError.
    """
    engine = load_engine()
    tools = Toolbox(trace)
    green = tools.case.green.short_id if tools.case.green else ""
    key = _cache_key(engine.name, trace.short_id, str(trace.last_seq), green)
    kept: Opening | None = cache.get(key)
    if kept is not None:
        return kept
    with _engine_at_work(trace):
        text = engine.summarize(tools).text
    checked, cited = chat.checked_text(trace, text, reader=None)
    made = Opening(checked.text, cited, engine.name)
    if trace.is_finished:
        cache.set(key, made, _KEEP_SECONDS)
    return made


def _cache_key(*parts: str) -> str:
    """An engine is named as its maker likes: with spaces, or longer than a key may be."""
    return f"debugger.opening:{sha256(chr(0).join(parts).encode()).hexdigest()}"
