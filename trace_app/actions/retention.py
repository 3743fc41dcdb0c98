"""The retention sweep: moves and deletes what each team's policy says is due, by portions.

Each trace is moved in a transaction of its own and asked again under its lock, so sweeps may
overlap, be killed and be repeated.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from trace_app.actions import audit, tiers
from trace_app.actions.deletion import Deleted, delete_aged
from trace_app.domain.retention import Limits, Policy
from trace_app.domain.system import System
from trace_app.models import Team, Trace
from trace_app.queries.retention import due_cold, due_deletion, due_warm, policy_of
from trace_app.queue import enqueue

RETAIN_TASK: Final = "trace_app.retain"
_KEEPER: Final = System("retention")
# One call stays short, so that a summary never waits long behind it.
_MOST_COOLED, _MOST_FROZEN, _MOST_DELETED = 200, 10, 50


class PolicyError(ValueError):
    """A policy that contradicts itself; the message says how."""


@transaction.atomic
def set_policy(*, by: User | System, team: Team, policy: Policy) -> None:
    """Keep a team's retention policy. Raises PolicyError."""
    if problem := policy.problem():
        raise PolicyError(problem)
    team.warm_after_days = policy.warm_after
    team.cold_after_days = policy.cold_after
    team.delete_after_days = policy.delete_after
    team.save(update_fields=["warm_after_days", "cold_after_days", "delete_after_days"])
    audit.record(by=by, team=team, action="team.retention", target=team.slug, **asdict(policy))


def sweep() -> int:
    """One portion for every team; return how many traces were moved or deleted.

    Where a portion was full the task asks for itself again.
    """
    now = timezone.now()
    portions = [_retain(team, policy_of(team).limits(now)) for team in Team.objects.all()]
    if any(full for _, full in portions):
        enqueue(RETAIN_TASK)
    return sum(moved for moved, _ in portions)


def _retain(team: Team, limits: Limits) -> tuple[int, bool]:
    """How many traces of the team were moved or deleted, and whether more may be due."""
    deleted = _delete(team, limits)
    frozen = _freeze(team, limits)
    cooled = _cool(team, limits)
    full = deleted == _MOST_DELETED or frozen == _MOST_FROZEN or cooled == _MOST_COOLED
    return deleted + frozen + cooled, full


@transaction.atomic
def _delete(team: Team, limits: Limits) -> int:
    due = due_deletion(team, limits).select_for_update(of=("self",), skip_locked=True)
    roots = list(due.only("pk")[:_MOST_DELETED])
    gone: Deleted | None = delete_aged(roots) if roots else None
    if gone is not None:
        _count(team, "retention.deleted", **gone.as_json())
    return len(roots)


def _freeze(team: Team, limits: Limits) -> int:
    done = _each(due_cold(team, limits)[:_MOST_FROZEN], tiers.freeze)
    if done:
        _count(
            team,
            "retention.frozen",
            traces=len(done),
            chunks=sum(one.chunks for one in done),
            bytes_before=sum(one.bytes_before for one in done),
            bytes_after=sum(one.bytes_after for one in done),
        )
    return len(done)


def _cool(team: Team, limits: Limits) -> int:
    done = _each(due_warm(team, limits)[:_MOST_COOLED], tiers.cool)
    if done:
        _count(team, "retention.warmed", traces=len(done), capsules=sum(done))
    return len(done)


def _each[T](due: Iterable[Trace], move: Callable[[UUID | str], T | None]) -> list[T]:
    moved = (move(trace.pk) for trace in due)
    return [one for one in moved if one is not None]


def _count(team: Team, action: str, traces: int, **details: Any) -> None:
    target = f"{traces} trace{'' if traces == 1 else 's'}"
    audit.record(
        by=_KEEPER, team=team, action=action, target=target, **details | {"traces": traces}
    )
