"""Who is in a team."""

from django.contrib.auth.models import User
from django.db.models import F, QuerySet

from trace_app.models import Team


def members(team: Team) -> QuerySet[User]:
    """Return the team's people with their role as `team_role`, by name."""
    return (
        User.objects.filter(groups__team_role__team=team)
        .annotate(team_role=F("groups__team_role__role"))
        .order_by("username")
    )
