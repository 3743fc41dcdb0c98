"""Every URL against every kind of person, and no URL without a row."""

import json
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from tests.policy.rows import PEOPLE, Row
from tests.policy.table import TABLE, WITH_OBJECT
from tests.policy.world import World, make_world

# Django's own pages; they have their own rules and tests.
FOREIGN = ("admin",)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One world for all rows: each request runs in a savepoint that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "row", [row for row in TABLE if not row.live], ids=lambda row: f"{row.method} {row.name}"
)
def test_who_may(world: World, row: Row) -> None:
    url = reverse(row.name, args=[world.names[name] for name in row.world])
    answers = {person: ask(world.client(person), row, url) for person in PEOPLE}
    assert answers == dict(zip(PEOPLE, row.answers, strict=True))


def ask(client: Client, row: Row, url: str) -> int:
    """Send the row's request inside a savepoint, so that nobody meets what another has done."""
    with transaction.atomic():
        if row.method == "get":
            answer = client.get(url)
        elif row.method == "delete":
            answer = client.delete(url)
        elif row.json:
            answer = client.post(url, json.dumps(row.body), content_type="application/json")
        else:
            answer = client.post(url, row.body)
        transaction.set_rollback(True)
    return answer.status_code


@pytest.mark.parametrize("row", WITH_OBJECT, ids=lambda row: f"{row.method} {row.name}")
def test_another_teams_object_and_a_missing_one_answer_the_same(world: World, row: Row) -> None:
    client = world.client("other_team")
    theirs = reverse(row.name, args=[world.names[name] for name in row.world])
    missing = reverse(row.name, args=[nowhere(world.names[name]) for name in row.world])
    assert ask(client, row, theirs) == ask(client, row, missing) == row.answers[3]


def nowhere(name: object) -> object:
    """Return a name of the same form that belongs to nothing."""
    text = str(name)
    if isinstance(name, int):
        return name + 1_000_000
    if len(text) == 36:
        return "01932f6e-7c1a-7f3e-9b1d-000000000000"
    return "zzzzzzzzz" if len(text) == 9 else f"{text}-gone"


def test_every_url_has_a_row() -> None:
    named = {name for name, _pattern in urls(get_resolver())}
    assert named - {row.name for row in TABLE} == set()


def urls(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            if part.namespace not in FOREIGN:
                yield from urls(part, f"{part.namespace}:" if part.namespace else space)
        elif part.name:
            yield f"{space}{part.name}", part
