"""Changes to teams: making one, giving roles, and the owners-only promotion switch."""

from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from trace_app.actions import audit
from trace_app.domain.roles import Role, rights_of
from trace_app.domain.system import System
from trace_app.models import Team, TeamRole
from trace_app.models.team import TeamGroupObjectPermission


class LastOwnerError(Exception):
    """A team keeps at least one active owner."""

    def __init__(self) -> None:
        super().__init__("A team needs at least one owner. Make someone else an owner first.")


@transaction.atomic
def create_team(*, by: User | System, slug: str, name: str) -> Team:
    """Make a team with its three role groups and their rights."""
    team = Team.objects.create(slug=slug, name=name)
    for role in Role:
        group = Group.objects.create(name=f"team {team.pk} {role.value}")
        TeamRole.objects.create(team=team, role=role.value, group=group)
    _grant_rights(team)
    audit.record(by=by, team=team, action="team.created", target=slug)
    return team


@transaction.atomic
def set_role(*, by: User | System, team: Team, user: User, role: Role | None) -> None:
    """Give a person exactly this role in the team, or none.

    Raises LastOwnerError when that would leave the team without an active owner.
    """
    Team.objects.select_for_update().get(pk=team.pk)
    groups = {held.role: held.group for held in team.roles.select_related("group")}
    owners = User.objects.filter(groups=groups[Role.OWNER.value], is_active=True)
    if role is not Role.OWNER and {owner.pk for owner in owners} == {user.pk}:
        raise LastOwnerError
    user.groups.remove(*groups.values())
    if role is not None:
        user.groups.add(groups[role.value])
    audit.record(
        by=by,
        team=team,
        action="team.role_set",
        target=user.get_username(),
        role=role.value if role else "none",
    )


@transaction.atomic
def set_owners_only_promote(*, by: User | System, team: Team, only_owners: bool) -> None:
    """Let members promote, or owners alone. It applies at once, also to queued attempts."""
    locked = Team.objects.select_for_update().get(pk=team.pk)
    locked.owners_only_promote = team.owners_only_promote = only_owners
    locked.save(update_fields=["owners_only_promote"])
    _grant_rights(locked)
    audit.record(
        by=by, team=team, action="team.owners_only_promote", target=team.slug, on=only_owners
    )


def _grant_rights(team: Team) -> None:
    """The rows that guardian's assign_perm and remove_perm would write, in a few statements.

    One call of theirs for each role and right would be fifty.
    """
    of_team = ContentType.objects.get_for_model(Team)
    known = dict(Permission.objects.filter(content_type=of_team).values_list("codename", "pk"))
    wanted = {
        (held.group_id, known[right.value])
        for held in team.roles.all()
        for right in rights_of(Role(held.role), owners_only_promote=team.owners_only_promote)
    }
    rows = TeamGroupObjectPermission.objects.filter(
        content_object=team, group__team_role__team=team
    )
    given = {
        (group, right): pk for pk, group, right in rows.values_list("pk", "group", "permission")
    }
    rows.filter(pk__in=[given[pair] for pair in given.keys() - wanted]).delete()
    TeamGroupObjectPermission.objects.bulk_create(
        TeamGroupObjectPermission(content_object=team, group_id=group, permission_id=right)
        for group, right in wanted - given.keys()
    )
