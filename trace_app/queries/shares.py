"""Looking a public share up by its address, and its access log. Reads only."""

from hmac import compare_digest
from typing import Final

from django.db.models import Count, Max, QuerySet, Sum
from django.utils import timezone

from trace_app.models import ShareVisit, Trace, TraceShare

VISITS_SHOWN: Final = 50


def live_shares(trace: Trace) -> QuerySet[TraceShare]:
    """The shares of a trace that open it now."""
    return trace.shares.filter(revoked=None, expires__gt=timezone.now())


def find_share(short_id: str, secret_hash: str) -> TraceShare | None:
    """The live share of this trace and secret, with its trace; None says nothing about why.

    Every candidate is compared in constant time: how long the answer takes tells nothing of how
    near a guess was.
    """
    candidates = TraceShare.objects.filter(
        trace__short_id=short_id, revoked=None, expires__gt=timezone.now()
    ).select_related("trace__project__team", "trace__signature")
    found = [share for share in candidates if compare_digest(share.secret_hash, secret_hash)]
    return found[0] if found else None


def shares_of(trace: Trace) -> list[TraceShare]:
    """Every share of a trace, newest first, with its visits in `opened`, `asked`, `last_seen`."""
    return list(
        trace.shares.select_related("created_by").annotate(
            opened=Count("visits"), asked=Sum("visits__requests"), last_seen=Max("visits__last")
        )
    )


def visits_of(trace: Trace) -> list[ShareVisit]:
    """The latest visits to any share of a trace."""
    visits = ShareVisit.objects.filter(share__trace=trace).select_related("share")
    return list(visits[:VISITS_SHOWN])
