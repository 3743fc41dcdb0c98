"""A person's own views of the list. No audit row: they change nothing of any team's."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from trace_app.domain.filters import Filters
from trace_app.models import SavedView, Team

MOST = 30


class SavedViewError(ValueError):
    """Why a view cannot be saved, as a sentence for people."""


@transaction.atomic
def save_view(*, by: User, name: str, filters: Filters, team: Team | None = None) -> SavedView:
    """Keep these filters under a name. Raises SavedViewError."""
    name, query = " ".join(name.replace("\x00", "").split()), filters.address()
    if not name or len(name) > 40:
        raise SavedViewError("Give the view a name of at most 40 characters.")
    if not query:
        raise SavedViewError("Choose a filter first: this is the view All.")
    if len(query) > 2000:
        raise SavedViewError("These filters are too long to be saved.")
    # The person's row is locked, so that two windows cannot pass the limit together.
    User.objects.select_for_update().get(pk=by.pk)
    if SavedView.objects.filter(user=by).count() >= MOST:
        raise SavedViewError(f"You have {MOST} views; delete one first.")
    try:
        with transaction.atomic():
            return SavedView.objects.create(user=by, team=team, name=name, query=query)
    except IntegrityError:
        raise SavedViewError(f"You have a view called {name}; choose another name.") from None


@transaction.atomic
def delete_view(*, by: User, view: SavedView) -> None:
    """Forget a view; deleting it twice is one deletion."""
    SavedView.objects.filter(pk=view.pk, user=by).delete()
