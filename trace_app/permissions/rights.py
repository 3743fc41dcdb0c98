"""Rights on a team, read through guardian's object permissions of the role groups."""

from typing import Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import QuerySet
from guardian.shortcuts import get_objects_for_user

from trace_app.domain.roles import Right, Role
from trace_app.models import Team, TeamRole
from trace_app.permissions.keys import KeyPrincipal

VIEW: Final = Right.VIEW
OPERATE: Final = Right.OPERATE
PROMOTE: Final = Right.PROMOTE
ADMINISTER: Final = Right.ADMINISTER

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
    found = get_objects_for_user(
        user,
        right.value,
        klass=Team,
        with_superuser=False,
        accept_global_perms=False,
    )
    return Team.objects.filter(pk__in=found.values("pk"))


def role_of(user: Person, team: Team) -> Role | None:
    """Return the person's role in the team, or None."""
    if not isinstance(user, User) or not user.is_active:
        return None
    held = TeamRole.objects.filter(team=team, group__user=user).values_list("role", flat=True)
    return Role(held[0]) if held else None
