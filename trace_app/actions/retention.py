"""The retention sweep: moves and deletes what each team's policy says is due, by portions.

Each trace is moved in a transaction of its own and asked again under its lock, so sweeps may
overlap, be killed and be repeated.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from trace_app.actions import audit, tiers
from trace_app.actions.deletion import Deleted, delete_aged
from trace_app.domain.retention import Limits, Policy
from trace_app.domain.system import System
from trace_app.models import Team, Trace
from trace_app.queries.retention import due_cold, due_deletion, due_warm, policy_of
from trace_app.queue import enqueue

logger = logging.getLogger(__name__)
RETAIN_TASK: Final = "trace_app.retain"
_KEEPER: Final = System("retention")
# One call stays short, so that a summary never waits long behind it.
_MOST_COOLED, _MOST_FROZEN, _MOST_DELETED = 200, 10, 50
_TRIES: Final = 5


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
    limits = {team: policy_of(team).limits(now) for team in Team.objects.all()}
    # Every team's deletions first: what a policy promises to forget never waits for a large file.
    moved, full = 0, False
    for move, most in ((_delete, _MOST_DELETED), (_freeze, _MOST_FROZEN), (_cool, _MOST_COOLED)):
        for team, of_team in limits.items():
            done = move(team, of_team)
            moved, full = moved + done, full or done == most
    if full:
        enqueue(RETAIN_TASK)
    return moved


def _delete(team: Team, limits: Limits) -> int:
    """A portion at once; when that fails trace by trace, so that one cannot hold up the others."""
    due = due_deletion(team, limits)
    try:
        return _delete_portion(team, due, _MOST_DELETED)
    except Exception:
        logger.exception("retention: a portion of %s stays; now one by one", team.slug)
    alone = partial(_delete_alone, team, due)
    return len(_each(due, alone, _MOST_DELETED))


def _delete_alone(team: Team, due: QuerySet[Trace], key: UUID) -> int | None:
    return _delete_portion(team, due.filter(pk=key), 1) or None


@transaction.atomic
def _delete_portion(team: Team, due: QuerySet[Trace], most: int) -> int:
    free = due.select_for_update(of=("self",), skip_locked=True)
    roots = list(free.only("pk")[:most])
    gone: Deleted | None = delete_aged(roots) if roots else None
    if gone is not None:
        _count(team, "retention.deleted", **gone.as_json())
    return len(roots)


def _freeze(team: Team, limits: Limits) -> int:
    done = _each(due_cold(team, limits), tiers.freeze, _MOST_FROZEN)
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
    done = _each(due_warm(team, limits), tiers.cool, _MOST_COOLED)
    if done:
        _count(team, "retention.warmed", traces=len(done), capsules=sum(done))
    return len(done)


def _each[T](due: QuerySet[Trace], move: Callable[[UUID], T | None], most: int) -> list[T]:
    """What moving the oldest gave, at most so many; one that fails is logged and passed over.

    More are looked at than are moved, so that a whole portion of failures ends nothing.
    """
    moved: list[T] = []
    for key in due.values_list("pk", flat=True)[: _TRIES * most]:
        try:
            done = move(key)
        except Exception:
            logger.exception("retention: trace %s stays where it is", key)
            continue
        if done is not None:
            moved.append(done)
        if len(moved) == most:
            break
    return moved


def _count(team: Team, action: str, traces: int, **details: Any) -> None:
    target = f"{traces} trace{'' if traces == 1 else 's'}"
    audit.record(
        by=_KEEPER, team=team, action=action, target=target, **details | {"traces": traces}
    )
