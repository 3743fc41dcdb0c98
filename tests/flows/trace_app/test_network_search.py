"""Searching requests: in addresses, headers and bodies, and what it says of where and how far."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.harness.record import BY, make_project
from tests.harness.shop_run import write_shop_run
from trace_app.actions import teams
from trace_app.actions.ingest import ingest_bundle
from trace_app.domain.roles import Role
from trace_app.views import network_panel

pytestmark = pytest.mark.django_db


@pytest.fixture
def search(client: Client, tmp_path: Path) -> "Search":
    project = make_project()
    trace = ingest_bundle(by=BY, project=project, path=write_shop_run(tmp_path / "run.zip"))
    user = User.objects.create_user("vera")
    teams.set_role(by=BY, team=project.team, user=user, role=Role.VIEWER)
    client.force_login(user)
    return Search(client, f"/traces/{trace.short_id}/panels/network")


class Search:
    """The tab as a viewer's browser gets it."""

    def __init__(self, client: Client, url: str) -> None:
        self.client, self.url = client, url

    def __call__(self, words: str) -> str:
        return self.client.get(self.url, {"find": words}).content.decode()


def test_it_says_where_the_words_stand(search: Search) -> None:
    body = search("amount")
    assert "in the request&#x27;s body:" in body
    assert "&quot;amount&quot;:900" in body
    header = search("server: basehttp")
    assert "in a response&#x27;s header: " in header
    assert "Server: BaseHTTP" in header
    assert "net-where" not in search("/api/charge post"), "the row itself shows it"
    assert "Try fewer of them" in search("amount nowhere-to-be-found")


def test_it_says_how_far_it_looked(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "first 400" not in search("amount")
    monkeypatch.setattr(network_panel, "BODIES_READ", 2)
    assert "nor the first 2 in their bodies" in search("amount")
    assert "Only the bodies of the first 2 requests were searched" in search("server")
