"""What every page's frame shows: the person's teams, and the project the page is about."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from trace_app.permissions import VIEW, teams_with


def chrome(request: HttpRequest) -> dict[str, object]:
    """Return `my_teams`, lazily: pages that do not show the menu make no query for it."""
    user = getattr(request, "user", None)
    if user is None:
        return {"my_teams": ()}
    return {"my_teams": SimpleLazyObject(lambda: list(teams_with(user, VIEW)))}
