"""Which traces a team's retention policy asks to move or to delete. Reads only."""

from typing import Final

from django.db.models import Q, QuerySet

from trace_app.domain.retention import Limits, Policy
from trace_app.domain.states import FINISHED, MENDER_AT_WORK, Tier
from trace_app.models import Team, Trace

# A replay of a replay of a replay: deeper families are not made by hand.
_GENERATIONS: Final = ("children__", "children__children__", "children__children__children__")


def policy_of(team: Team) -> Policy:
    """The team's policy as the pure rules take it."""
    return Policy(team.warm_after_days, team.cold_after_days, team.delete_after_days)


def due_warm(team: Team, limits: Limits) -> QuerySet[Trace]:
    """Hot traces that are old enough to be warm."""
    found = _resting(team).filter(tier=Tier.HOT, created__lt=limits.warm)
    return found.filter(processed__isnull=False)


def due_cold(team: Team, limits: Limits) -> QuerySet[Trace]:
    """Warm traces that are old enough to be cold and were not thawed a short while ago."""
    rested = Q(thawed=None) | Q(thawed__lt=limits.thawed)
    found = _resting(team).filter(rested, tier=Tier.WARM, created__lt=limits.cold)
    return found.filter(processed__isnull=False)


def due_deletion(team: Team, limits: Limits) -> QuerySet[Trace]:
    """Traces old enough to go, none of whose replays is pinned; replays go with their trace."""
    if limits.delete is None:
        return Trace.objects.none()
    found = _resting(team).filter(parent=None, created__lt=limits.delete)
    for generation in _GENERATIONS:
        pinned = {f"{generation}pinned__isnull": False}
        found = found.exclude(pk__in=Trace.objects.filter(**pinned).values("pk"))
    return found


def _resting(team: Team) -> QuerySet[Trace]:
    """Finished, not pinned, not a replay of a pinned one, and with nobody at work on it."""
    held = Q(parent=None) | Q(parent__pinned=None)
    found = Trace.objects.filter(held, project__team=team, pinned=None)
    found = found.filter(status__in=sorted(status.value for status in FINISHED))
    return found.exclude(mender_state__in=sorted(MENDER_AT_WORK)).order_by("created", "pk")
