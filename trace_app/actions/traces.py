"""Small changes to a recorded trace: pins, the check it belongs to, Mender's result."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from trace_app.actions import audit
from trace_app.actions.tiers import request_thaw
from trace_app.domain.system import System
from trace_app.models import Signature, Trace


@transaction.atomic
def pin(*, by: User | System, trace: Trace) -> None:
    """Keep the trace in its tier until it is unpinned, and thaw a cold one; twice is one pin."""
    now = timezone.now()
    person = by if isinstance(by, User) else None
    if Trace.objects.filter(pk=trace.pk, pinned=None).update(pinned=now, pinned_by=person):
        trace.pinned, trace.pinned_by = now, person
        audit.record(by=by, team=trace.project.team, action="trace.pinned", target=trace.short_id)
        request_thaw(by=by, trace=trace)


@transaction.atomic
def unpin(*, by: User | System, trace: Trace) -> None:
    """Let the trace follow its team's retention again."""
    if Trace.objects.filter(pk=trace.pk, pinned__isnull=False).update(pinned=None, pinned_by=None):
        trace.pinned, trace.pinned_by = None, None
        audit.record(by=by, team=trace.project.team, action="trace.unpinned", target=trace.short_id)


@transaction.atomic
def link_check(
    *,
    by: User | System,
    trace: Trace,
    check_id: str = "",
    check_url: str = "",
    pr_number: int | None = None,
    auto_pin: bool = False,
) -> None:
    """Say which check the trace belongs to, and pin it when the check failed.

    Saying the same again changes nothing; what a person unpinned after the first time stays so.
    """
    said = {
        "check_id": check_id[:64] or trace.check_id,
        "check_url": check_url[:500],
        "pr_number": trace.pr_number if pr_number is None else pr_number,
    }
    # An upload names its check, but only the check's own word has its address.
    is_first = not trace.check_url or trace.check_id != said["check_id"]
    if any(getattr(trace, name) != value for name, value in said.items()):
        for name, value in said.items():
            setattr(trace, name, value)
        trace.save(update_fields=list(said))
        team = trace.project.team
        audit.record(by=by, team=team, action="trace.linked", target=trace.short_id, check=check_id)
    if auto_pin and is_first:
        pin(by=by, trace=trace)


@transaction.atomic
def set_mender_state(
    *,
    by: User | System,
    trace: Trace,
    state: str,
    classification: str = "",
    confidence: float | None = None,
) -> None:
    """What the list's Mender pill shows; the list filters by `state`. Repeating it is no change."""
    trace.mender_state = state
    trace.mender_class = classification
    trace.mender_confidence = confidence
    trace.save(update_fields=["mender_state", "mender_class", "mender_confidence"])
    audit.record(
        by=by, team=trace.project.team, action="trace.mender", target=trace.short_id, state=state
    )


@transaction.atomic
def set_mender_summary(*, by: User | System, trace: Trace, summary: dict[str, Any]) -> None:
    """Write `mender_summary` into summary.json; the rest of it stays as it is."""
    locked = Trace.objects.select_for_update().get(pk=trace.pk)
    locked.summary = trace.summary = {**locked.summary, "mender_summary": summary}
    locked.save(update_fields=["summary"])
    audit.record(
        by=by, team=trace.project.team, action="trace.mender_summary", target=trace.short_id
    )


@transaction.atomic
def mark_signature_fixed(
    *, by: User | System, signature: Signature, sha: str, merge: str = ""
) -> None:
    """Say which merge fixed the cluster: "stopped growing since the fix" counts from here."""
    signature.fixed_sha, signature.fixed_by = sha[:64], merge[:120]
    signature.fixed_at = timezone.now()
    signature.save(update_fields=["fixed_sha", "fixed_at", "fixed_by"])
    audit.record(
        by=by,
        team=signature.project.team,
        action="signature.fixed",
        target=signature.slug,
        sha=sha,
        merge=merge,
    )
