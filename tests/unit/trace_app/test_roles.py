"""What each role may do; the same table stands in the product's design."""

import pytest

from trace_app.domain.roles import Right, Role, rights_of


@pytest.mark.parametrize(
    ("role", "owners_only", "rights"),
    [
        (Role.OWNER, False, set(Right)),
        (Role.OWNER, True, set(Right)),
        (Role.MEMBER, False, {Right.VIEW, Right.OPERATE, Right.PROMOTE}),
        (Role.MEMBER, True, {Right.VIEW, Right.OPERATE}),
        (Role.VIEWER, False, {Right.VIEW}),
        (Role.VIEWER, True, {Right.VIEW}),
    ],
)
def test_rights_of_a_role(role: Role, owners_only: bool, rights: set[Right]) -> None:
    assert rights_of(role, owners_only_promote=owners_only) == rights
