"""Keeping the list's filters under a name, and forgetting them."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from trace_app.actions.saved_views import SavedViewError, delete_view, save_view
from trace_app.domain.filters import Filters
from trace_app.http import AuthedRequest
from trace_app.models import Team
from trace_app.permissions import VIEW, teams_with
from trace_app.queries.list_choices import own_view
from trace_app.views.finding import list_address, read_filters


@require_POST
def save(request: AuthedRequest) -> HttpResponse:
    """Keep the filters of the form's `query` under its `name`; the list opens again."""
    filters = read_filters(QueryDict(request.POST.get("query", "")[:4000]))
    try:
        team = _team(request, filters)
        view = save_view(
            by=request.user, name=request.POST.get("name", ""), filters=filters, team=team
        )
        messages.success(request, f"Saved as {view.name}.")
    except SavedViewError as error:
        messages.error(request, str(error))
    return redirect(list_address(filters))


@require_POST
def delete(request: AuthedRequest, key: UUID) -> HttpResponse:
    """Forget one's own view."""
    view = own_view(request.user, key)
    if view is None:
        raise Http404("No such view.")
    delete_view(by=request.user, view=view)
    messages.success(request, f"The view {view.name} is deleted. Its traces stay.")
    return redirect("trace_app:list")


def _team(request: AuthedRequest, filters: Filters) -> Team | None:
    """The team of the project the view names, where this person may look."""
    if not filters.project:
        return None
    return teams_with(request.user, VIEW).filter(projects__slug=filters.project).first()
