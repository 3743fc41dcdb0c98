"""The messages of a trace's conversation, with their proposals. Reads only."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from debugger.models import ChatMessage, PendingAction
from trace_app.models import Team, Trace

MAX_SHOWN = 100


def messages_of(trace: Trace) -> Sequence[ChatMessage]:
    """The last hundred messages, oldest first, with what they propose."""
    newest = (
        ChatMessage.objects.filter(trace=trace)
        .select_related("author")
        .prefetch_related("pending_actions__replay__runs__trace", "pending_actions__decided_by")
        .order_by("-id")[:MAX_SHOWN]
    )
    return list(reversed(newest))


def find_action(teams: QuerySet[Team], call_id: UUID) -> PendingAction | None:
    """A proposed action of one of these teams."""
    return (
        PendingAction.objects.filter(pk=call_id, trace__project__team__in=teams)
        .select_related("trace__project__team", "replay", "decided_by")
        .first()
    )
