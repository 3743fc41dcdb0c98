"""A person's own views of the list. Reads only."""

from typing import Final
from uuid import UUID

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS

from trace_app.models import SavedView
from trace_app.models.prepared import fetch
from trace_app.permissions import Teams

_OWN: Final = """
    SELECT id, name, query FROM trace_app_savedview
    WHERE user_id = %s AND (team_id IS NULL OR team_id = ANY(%s)) ORDER BY created, id
"""


def own_views(user: User, teams: Teams) -> list[SavedView]:
    """Their views as id, name and query, oldest first, but for those of teams they have left."""
    names = ("id", "name", "query")
    rows = fetch(_OWN, [user.pk, [team.pk for team in teams]])
    return [SavedView.from_db(DEFAULT_DB_ALIAS, names, row) for row in rows]


def own_view(user: User, key: UUID) -> SavedView | None:
    """One of their views; None for a missing one and for somebody else's."""
    return SavedView.objects.filter(user=user, pk=key).first()
