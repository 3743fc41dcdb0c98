"""A person's own views of the list. Reads only."""

from typing import Final
from uuid import UUID

from django.contrib.auth.models import User

from trace_app.models import SavedView
from trace_app.permissions import Teams

_OWN: Final = """
    SELECT * FROM trace_app_savedview
    WHERE user_id = %s AND (team_id IS NULL OR team_id = ANY(%s)) ORDER BY created, id
"""


def own_views(user: User, teams: Teams) -> list[SavedView]:
    """Their views, oldest first, but for those of teams they have left."""
    return list(SavedView.objects.raw(_OWN, [user.pk, [team.pk for team in teams]]))


def own_view(user: User, key: UUID) -> SavedView | None:
    """One of their views; None for a missing one and for somebody else's."""
    return SavedView.objects.filter(user=user, pk=key).first()
