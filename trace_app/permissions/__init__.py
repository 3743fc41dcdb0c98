"""Who may do what: the only place that asks guardian."""

from trace_app.permissions.rights import (
    ADMINISTER,
    OPERATE,
    PROMOTE,
    VIEW,
    Person,
    Teams,
    can,
    rights_of,
    role_of,
    teams_with,
    within,
)

__all__ = [
    "ADMINISTER",
    "OPERATE",
    "PROMOTE",
    "VIEW",
    "Person",
    "Teams",
    "can",
    "rights_of",
    "role_of",
    "teams_with",
    "within",
]
