"""What the head of the list offers to choose from: scenarios, and a person's own views. Reads only.

Both in one statement: as two they would take longer to send and to answer than to find.
"""

from typing import Final, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS

from trace_app.models import SavedView
from trace_app.models.prepared import fetch
from trace_app.permissions import Teams

_VIEW: Final = ("id", "name", "query")
_OFFERED: Final = """
    SELECT ARRAY(
        SELECT DISTINCT slug FROM trace_app_scenarioname WHERE project_id IN (
            SELECT id FROM trace_app_project WHERE team_id = ANY(%(teams)s))
        ORDER BY slug LIMIT 200
    ), ARRAY(
        SELECT ARRAY[id::text, name, query] FROM trace_app_savedview
        WHERE user_id = %(user)s AND (team_id IS NULL OR team_id = ANY(%(teams)s))
        ORDER BY created, id
    )
"""


class Choices(NamedTuple):
    """Scenario slugs, at most 200; and views as id, name and query, the oldest first."""

    scenarios: list[str]
    own_views: list[SavedView]


def choices(user: User, teams: Teams) -> Choices:
    """What these teams' scenarios and this person offer; no view of a team they have left."""
    asked = {"teams": [team.pk for team in teams], "user": user.pk}
    [(scenarios, views)] = fetch(_OFFERED, asked)
    found = [(UUID(key), name, query) for key, name, query in views]
    return Choices(scenarios, [SavedView.from_db(DEFAULT_DB_ALIAS, _VIEW, one) for one in found])


def own_view(user: User, key: UUID) -> SavedView | None:
    """One of their views; None for a missing one and for somebody else's."""
    return SavedView.objects.filter(user=user, pk=key).first()
