"""Rights on a team, read through guardian's object permissions of the role groups."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q, QuerySet

from trace_app.domain.roles import Right, Role
from trace_app.models import Team, TeamRole
from trace_app.models.prepared import fetch
from trace_app.models.team import TeamGroupObjectPermission, TeamUserObjectPermission
from trace_app.permissions.keys import KeyPrincipal

VIEW: Final = Right.VIEW
OPERATE: Final = Right.OPERATE
PROMOTE: Final = Right.PROMOTE
ADMINISTER: Final = Right.ADMINISTER

_HELD: Final = """
    SELECT team.id, team.slug, team.name, ARRAY(
        SELECT codename FROM auth_permission WHERE id = ANY(array_agg(held.permission_id)))
    FROM trace_app_team AS team JOIN (
        SELECT content_object_id, permission_id FROM trace_app_teamgroupobjectpermission AS given
        JOIN auth_user_groups AS member ON member.group_id = given.group_id
        WHERE member.user_id = %s
        UNION
        SELECT content_object_id, permission_id FROM trace_app_teamuserobjectpermission
        WHERE user_id = %s
    ) AS held ON held.content_object_id = team.id
    GROUP BY team.id ORDER BY team.name
"""

# Teams as a query, or already fetched where a page asks several questions about them.
type Teams = QuerySet[Team] | Sequence[Team]
type Person = User | AbstractBaseUser | AnonymousUser | KeyPrincipal


def can(user: Person, right: Right, team: Team) -> bool:
    """Say whether this person holds the right on this team. Disabled accounts hold none."""
    return teams_with(user, right).filter(pk=team.pk).exists()


def teams_with(user: Person, right: Right) -> QuerySet[Team]:
    """Return the teams on which this person holds the right; none when disabled or unknown.

    A superuser is no exception and global permissions do not count: rights are per team.
    """
    if isinstance(user, KeyPrincipal):
        team = user.key.team_id if user.holds(right) else None
        return Team.objects.filter(pk=team) if team else Team.objects.none()
    if not isinstance(user, User) or not user.is_active:
        return Team.objects.none()
    # The rows that guardian's get_objects_for_user gives, in one query: nearly every page asks.
    held = Q(permission__codename=right.value)
    by_role = TeamGroupObjectPermission.objects.filter(held, group__user=user)
    own = TeamUserObjectPermission.objects.filter(held, user=user)
    return Team.objects.filter(
        Q(pk__in=by_role.values("content_object")) | Q(pk__in=own.values("content_object"))
    )


def rights_of(user: User) -> dict[Team, frozenset[str]]:
    """Return the teams on which this person holds a right, by name, with all they hold there.

    One query for pages that ask about several rights; of the teams it reads slug and name.
    """
    if not user.is_active:
        return {}
    names = ("id", "slug", "name")
    return {
        Team.from_db(DEFAULT_DB_ALIAS, names, columns): frozenset(held)
        for *columns, held in fetch(_HELD, [user.pk, user.pk])
    }


def within(user: Person, right: Right) -> tuple[str, tuple[Any, ...]]:
    """Return SQL that a `team_id` is of a team on which this person holds the right.

    For statements that are written out. With its parameters.
    """
    if isinstance(user, KeyPrincipal):
        return ("team_id = %s", (user.key.team_id,)) if user.holds(right) else ("false", ())
    try:
        keys, asked = teams_with(user, right).order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "false", ()
    return f"team_id IN ({keys})", asked


def role_of(user: Person, team: Team) -> Role | None:
    """Return the person's role in the team, or None."""
    if not isinstance(user, User) or not user.is_active:
        return None
    held = TeamRole.objects.filter(team=team, group__user=user).values_list("role", flat=True)
    return Role(held[0]) if held else None
