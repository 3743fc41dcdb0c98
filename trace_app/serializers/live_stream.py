"""A trace as server-sent events, for programs and for the pages: from the reader's last seq on."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connections
from django.db.models import Q
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from trace_app.actions.processing import CHANNEL
from trace_app.clients.notices import Hub
from trace_app.domain.events import Event
from trace_app.models import ApiKey, Trace, TraceShare
from trace_app.permissions import VIEW, Person, teams_with
from trace_app.permissions.keys import KeyPrincipal
from trace_app.queries.events import events, first_events

BEAT_SECONDS: Final = 15.0
_NOTHING: Final = Q(pk__in=())
_BATCH: Final = 500
_hub: Final = Hub(CHANNEL)
# Anybody may hold a share's link. So many may follow it in one web process; others ask again.
MOST_PER_SHARE: Final = 50
_AGAIN_MS: Final = 30_000
_followers: Final[dict[UUID, set[object]]] = {}
# What a page draws of an event before anybody opens it; the rest it asks for where it is shown.
_DRAWN: Final = {
    "step.start": ("title", "text", "depth"),
    "step.end": ("status",),
    "dom.snapshot": ("main", "phase", "call_id"),
}


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens to which trace: somebody with a role, a team's key, or the holder of a share.

    A page (`drawing`) gets of each event what it draws, and first the steps that had begun.
    """

    trace_id: str
    reader: Person | TraceShare
    drawing: bool = False

    @property
    def patience(self) -> float:
        """Seconds after which there is something to look at even where no notice came."""
        if not isinstance(self.reader, TraceShare):
            return BEAT_SECONDS
        left = (self.reader.expires - timezone.now()).total_seconds()
        return min(BEAT_SECONDS, max(left, 0.0))


def event_stream(request: HttpRequest, listener: Listener) -> StreamingHttpResponse:
    """Answer with `events` (JSON list, id = last seq), `state`, and `end` when nothing follows.

    To a page that comes for the first time, `steps` before these. The caller gives the database
    connection back: a stream that held one would exhaust the pool.
    """
    said = request.headers.get("Last-Event-ID")
    text = said or request.GET.get("after", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) < 17 else 0
    return StreamingHttpResponse(
        _counted(listener, _messages(listener, after, first=said is None)),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _counted(
    listener: Listener, messages: AsyncGenerator[bytes, None]
) -> AsyncIterator[bytes]:
    """The messages; where too many follow the share already, when to ask again, and no more."""
    async with contextlib.aclosing(messages):
        with _place(listener.reader) as free:
            if not free:
                yield b"retry: %d\n: too many follow this share\n\n" % _AGAIN_MS
                return
            async for message in messages:
                yield message


@contextlib.contextmanager
def _place(reader: Person | TraceShare) -> Iterator[bool]:
    """Whether there is room for one more; who belongs to the team always has it."""
    if not isinstance(reader, TraceShare):
        yield True
        return
    followers = _followers.setdefault(reader.pk, set())
    own = object()
    try:
        if free := len(followers) < MOST_PER_SHARE:
            followers.add(own)
        yield free
    finally:
        followers.discard(own)
        if not followers:
            _followers.pop(reader.pk, None)


async def _messages(listener: Listener, after: int, *, first: bool) -> AsyncGenerator[bytes, None]:
    state = b""
    async with _hub.listening(listener.trace_id) as heard:
        if first and listener.drawing:
            yield _message("steps", msgspec.json.encode(await _begun(listener, after)), after)
        while True:
            heard.clear()
            batch, now, ended = await _look(listener, after)
            if batch:
                after = batch[-1].seq
                yield _message("events", msgspec.json.encode(batch), after)
                if len(batch) == _BATCH:
                    continue
            if now not in (state, b""):
                state = now
                yield _message("state", state, after)
            if ended:
                yield _message("end", b"{}", after)
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(heard.wait(), listener.patience)
                continue
            yield b": still here\n\n"


@sync_to_async(thread_sensitive=False)
def _begun(listener: Listener, after: int) -> list[Event]:
    """The events that begin and end steps, as far as the reader has come."""
    try:
        trace = _open_to(listener)
        steps = events(trace, kinds=("step.start", "step.end"), seq_to=after) if trace else ()
        return [drawn(event) for event in steps]
    finally:
        connections.close_all()


@sync_to_async(thread_sensitive=False)
def _look(listener: Listener, after: int) -> tuple[list[Event], bytes, bool]:
    """Events above `after`, the trace's state, and whether it will change no more.

    A trace that is not open to the listener any more has neither.
    """
    try:
        trace = _open_to(listener)
        if trace is None:
            return [], b"", True
        unread = trace.last_seq > after
        batch = first_events(trace, _BATCH, seq_from=after + 1) if unread else []
        ended = trace.processed is not None and len(batch) < _BATCH
        shown = [drawn(event) for event in batch] if listener.drawing else batch
        return shown, msgspec.json.encode(_state(trace)), ended
    finally:
        connections.close_all()


def _open_to(listener: Listener) -> Trace | None:
    """The trace as it is now; None once it is deleted, or the reader may look at it no more."""
    return Trace.objects.filter(_opens(listener.reader), pk=listener.trace_id).first()


def _opens(reader: Person | TraceShare) -> Q:
    """What is open to the reader now, whatever was when the stream began."""
    if isinstance(reader, TraceShare):
        return Q(shares=reader.pk, shares__revoked=None, shares__expires__gt=timezone.now())
    if isinstance(reader, KeyPrincipal):
        live = ApiKey.objects.filter(pk=reader.key.pk, revoked=None)
        return Q(project__team__in=live.values("team")) if reader.holds(VIEW) else _NOTHING
    account = User.objects.filter(pk=reader.pk).first() if isinstance(reader, User) else None
    return Q(project__team__in=teams_with(account, VIEW)) if account else _NOTHING


def drawn(event: Event) -> Event:
    """The event with so much of its data as a page draws unasked."""
    kept = {name: event.data[name] for name in _DRAWN.get(event.kind, ()) if name in event.data}
    return msgspec.structs.replace(event, data=kept)


def _state(trace: Trace) -> dict[str, Any]:
    return {
        "status": trace.status,
        "last_seq": trace.last_seq,
        "events": trace.event_count,
        "errors": trace.error_count,
        "duration_ms": trace.duration_ms,
        "processed": trace.processed is not None,
    }


def _message(name: str, data: bytes, last_seq: int) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), last_seq, data)
