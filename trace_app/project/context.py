"""What every page's frame shows: its sections, the person's teams, the project it is about."""

from functools import cache
from typing import Final

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.functional import SimpleLazyObject

from trace_app.permissions import VIEW, teams_with

_SECTIONS: Final = {
    "traces": "trace_app:list",
    "attempts": "mender_handoff:attempts",
    "checks": "guard:checks",
    "teams": "trace_app:settings",
    "sign_out": "logout",
}


def chrome(request: HttpRequest) -> dict[str, object]:
    """Return `sections`, their addresses, and `my_teams`.

    The teams lazily: pages that do not show the menu make no query for them.
    """
    sections = _sections(get_script_prefix())
    user = getattr(request, "user", None)
    if user is None:
        return {"sections": sections, "my_teams": ()}
    teams = SimpleLazyObject(lambda: list(teams_with(user, VIEW)))
    return {"sections": sections, "my_teams": teams}


@cache
def _sections(prefix: str) -> dict[str, str]:
    """Looked up once for the prefix that the product is served under, not for every page."""
    return {name: reverse(page) for name, page in _SECTIONS.items()}
