"""Teams, their roles and who holds them: the tenant every other row belongs to."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from trace_app.domain.roles import Role
from trace_app.models.identifiers import new_uuid


class Team(models.Model):
    """A tenant. Rights on it are guardian object permissions given to its three role groups."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    owners_only_promote = models.BooleanField(default=False)
    warm_after_days = models.PositiveSmallIntegerField(default=14)
    cold_after_days = models.PositiveSmallIntegerField(default=90)
    delete_after_days = models.PositiveSmallIntegerField(null=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    warm_after_days__gte=1, cold_after_days__gte=models.F("warm_after_days")
                )
                & (
                    models.Q(delete_after_days=None)
                    | models.Q(delete_after_days__gte=models.F("cold_after_days"))
                ),
                name="ages_in_order",
            ),
        ]
        default_permissions = ()
        permissions = (
            ("view_traces", "See the team's traces"),
            ("operate_traces", "Ask the Debugger, replay, pin and share inside the team"),
            ("promote_fixes", "Promote a fix to Mender, or dismiss it"),
            ("administer_team", "Change settings, members, keys and public shares"),
        )

    def __str__(self) -> str:
        return self.name


class TeamRole(models.Model):
    """The group that holds one role of one team; being in the group is having the role."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=10, choices=[(role.value, role.label) for role in Role])
    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="team_role")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("team", "role"), name="one_group_per_team_and_role"),
        ]

    def __str__(self) -> str:
        return f"{self.team_id}:{self.role}"


class TeamUserObjectPermission(UserObjectPermissionBase):
    """guardian's direct foreign-key table for single users; present, not used by roles."""

    content_object = models.ForeignKey(Team, on_delete=models.CASCADE)


class TeamGroupObjectPermission(GroupObjectPermissionBase):
    """guardian's direct foreign-key table for the role groups."""

    content_object = models.ForeignKey(Team, on_delete=models.CASCADE)


class AuditEntry(models.Model):
    """Who did what to which object. Written by actions in the same transaction."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="audit_entries")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    system = models.CharField(max_length=80, blank=True, help_text="Set when no person acted")
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at", "-id")
        indexes: ClassVar = [models.Index(fields=("team", "-at"), name="audit_by_team")]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
