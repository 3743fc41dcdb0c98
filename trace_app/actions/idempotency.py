"""Idempotency keys: the same POST with the same key is answered once more, not done once more."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from trace_app.models import IdempotencyRecord, Team

# Whoever repeats a request does so within minutes; an answer may hold what has been deleted since.
KEPT: Final = timedelta(days=7)


class IdempotencyError(ValueError):
    """The key was used before for another request."""

    code = "idempotency_conflict"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request; choose a new one.")


@transaction.atomic
def once(
    *,
    team: Team,
    endpoint: str,
    key: str,
    request_sha256: str,
    work: Callable[[], tuple[int, dict[str, Any]]],
) -> tuple[int, dict[str, Any]]:
    """Status and body of the first call with this key; `work` runs at most once.

    A second call waits for the first. Raises IdempotencyError; what `work` raises undoes the key.
    """
    if not key:
        return work()
    record, _ = IdempotencyRecord.objects.select_for_update().get_or_create(
        team=team,
        endpoint=endpoint[:120],
        key=key[:200],
        defaults={"request_sha256": request_sha256},
    )
    if record.request_sha256 != request_sha256:
        raise IdempotencyError
    if record.status is None:
        record.status, record.response = work()
        record.save(update_fields=["status", "response"])
    return record.status, record.response or {}


def earlier(
    *, team: Team, endpoint: str, key: str, request_sha256: str
) -> tuple[int, dict[str, Any]] | None:
    """What `once` would answer again; None while there is no answer. Raises IdempotencyError.

    For work whose slow part should run before the transaction, and not in vain.
    """
    if not key:
        return None
    found = IdempotencyRecord.objects.filter(team=team, endpoint=endpoint[:120], key=key[:200])
    record = found.exclude(status=None).first()
    if record is None or record.status is None:
        return None
    if record.request_sha256 != request_sha256:
        raise IdempotencyError
    return record.status, record.response or {}


def sweep(now: datetime) -> int:
    """Forget answers older than seven days; return how many. The same key then works anew."""
    gone, _ = IdempotencyRecord.objects.filter(created__lt=now - KEPT).delete()
    return gone
