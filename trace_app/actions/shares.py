"""Making and ending public shares of a trace, and counting who opens them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from trace_app.actions import audit
from trace_app.actions.processing import notify
from trace_app.domain.shares import MOST_DAYS, MOST_LIVE, SharedRef, new_secret
from trace_app.domain.system import System
from trace_app.models import ShareVisit, Trace, TraceShare
from trace_app.queries.shares import find_share, live_shares
from trace_app.storage import secrets as vault

_PURPOSE: Final = "trace share"
_PAUSE: Final = timedelta(minutes=30)


class ShareError(ValueError):
    """The share cannot be made; the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class NewShare:
    """A share as it is shown once; only the row stays."""

    row: TraceShare
    ref: SharedRef


@transaction.atomic
def create_share(*, by: User | System, trace: Trace, days: int, label: str = "") -> NewShare:
    """Open the trace to whoever has the address, for so many days. Raises ShareError."""
    if not 1 <= days <= MOST_DAYS:
        raise ShareError("bad_expiry", f"A share lasts from 1 to {MOST_DAYS} days.")
    Trace.objects.select_for_update(of=("self",)).only("pk").get(pk=trace.pk)
    if live_shares(trace).count() >= MOST_LIVE:
        raise ShareError(
            "too_many_shares", f"A trace has at most {MOST_LIVE} live shares; revoke one first."
        )
    ref = SharedRef(trace.short_id, new_secret())
    row = TraceShare.objects.create(
        trace=trace,
        secret_hash=vault.keyed_hash(ref.secret, purpose=_PURPOSE),
        label=label[:80],
        created_by=by if isinstance(by, User) else None,
        expires=timezone.now() + timedelta(days=days),
    )
    audit.record(
        by=by,
        team=trace.project.team,
        action="trace.shared",
        target=trace.short_id,
        share=str(row.pk),
        days=days,
    )
    return NewShare(row, ref)


@transaction.atomic
def revoke_share(*, by: User | System, share: TraceShare) -> None:
    """Close the address at once, and pages that follow a run under it; twice is once."""
    if TraceShare.objects.filter(pk=share.pk, revoked=None).update(revoked=timezone.now()):
        audit.record(
            by=by,
            team=share.trace.project.team,
            action="trace.share_revoked",
            target=share.trace.short_id,
            share=str(share.pk),
        )
        notify(share.trace)


def open_share(ref: SharedRef) -> TraceShare | None:
    """The live share that an address names; None for a missing, an expired or a revoked one."""
    return find_share(ref.short_id, vault.keyed_hash(ref.secret, purpose=_PURPOSE))


@transaction.atomic
def record_visit(*, share: TraceShare, address: str, agent: str, embedded: bool) -> None:
    """Count one request in the access log; no audit row, because the log is one."""
    now = timezone.now()
    who = {"address": address[:45], "agent": agent[:200], "embedded": embedded}
    visits = ShareVisit.objects.filter(share=share, last__gte=now - _PAUSE, **who)
    counted = {"last": now, "requests": F("requests") + 1}
    if visits.update(**counted):
        return
    # The first requests of a page come together: only one of them begins the visit.
    TraceShare.objects.select_for_update().only("pk").get(pk=share.pk)
    if not visits.update(**counted):
        ShareVisit.objects.create(share=share, first=now, last=now, **who)
