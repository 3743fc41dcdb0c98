"""Roles in a team and the rights each one carries; pure data, enforced through guardian."""

from enum import StrEnum


class Right(StrEnum):
    """A right on a team; the value is the guardian permission's codename."""

    VIEW = "view_traces"
    OPERATE = "operate_traces"
    PROMOTE = "promote_fixes"
    ADMINISTER = "administer_team"


class Role(StrEnum):
    """A person's role in one team."""

    OWNER = "owner"
    MEMBER = "member"
    VIEWER = "viewer"

    @property
    def label(self) -> str:
        """Return the word shown to people."""
        return self.value.capitalize()


def rights_of(role: Role, *, owners_only_promote: bool) -> frozenset[Right]:
    """Return what a role may do in a team, given the team's promotion switch."""
    if role is Role.OWNER:
        return frozenset(Right)
    if role is Role.VIEWER:
        return frozenset({Right.VIEW})
    member = {Right.VIEW, Right.OPERATE}
    return frozenset(member if owners_only_promote else member | {Right.PROMOTE})
