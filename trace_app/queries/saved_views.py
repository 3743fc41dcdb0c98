"""A person's own views of the list. Reads only."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q

from trace_app.models import SavedView
from trace_app.permissions import Teams


def own_views(user: User, teams: Teams) -> list[SavedView]:
    """Their views, oldest first, but for those of teams they have left."""
    mine = SavedView.objects.filter(Q(team=None) | Q(team__in=teams), user=user)
    return list(mine.order_by("created", "pk"))


def own_view(user: User, key: UUID) -> SavedView | None:
    """One of their views; None for a missing one and for somebody else's."""
    return SavedView.objects.filter(user=user, pk=key).first()
