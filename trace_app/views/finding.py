"""What the pages that find traces share: the address read, its names, and addresses made of it."""

from collections.abc import Mapping
from dataclasses import fields

from django.contrib.auth.models import User
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from trace_app.domain.filters import VIEWS, Filters, moment


def read_filters(query: Mapping[str, str]) -> Filters:
    """What the address asks for; unknown views fall back to all, unreadable dates to none."""
    names = [field.name for field in fields(Filters)]
    known = {name: query.get(name, "").replace("\x00", "").strip()[:200] for name in names}
    if known["view"] not in VIEWS:
        known["view"] = "all"
    for name in ("since", "until"):
        if moment(known[name]) is None:
            known[name] = ""
    return Filters(**known)


def own_names(user: User) -> tuple[str, ...]:
    """The names under which this person's runs may name an author."""
    names = (user.username, user.email, user.get_full_name())
    return tuple(name for name in names if name)


def list_address(filters: Filters) -> str:
    """The list with exactly these filters."""
    query = filters.address()
    return f"{reverse('trace_app:list')}?{query}" if query else reverse("trace_app:list")


def address(query: QueryDict, **changes: str) -> str:
    """The list as it is now, with some parameters changed; an empty value takes one away."""
    kept = {name: values for name, values in query.lists() if name not in changes}
    changed = {name: [value] for name, value in changes.items() if value and value != "all"}
    return f"{reverse('trace_app:list')}?{urlencode(kept | changed, doseq=True)}"
