"""The evidence behind "Copy evidence" and "Copy as curl"."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.harness.shop_run import write_shop_run
from trace_app.actions import projects, teams
from trace_app.actions.ingest import ingest_bundle
from trace_app.actions.processing import process
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.queries.events import events

pytestmark = pytest.mark.django_db
SEED = System("test")


def test_an_event_and_a_request_as_text(client: Client, tmp_path: Path) -> None:
    team = teams.create_team(by=SEED, slug="acme", name="Acme")
    project = projects.create_project(by=SEED, team=team, slug="shop", name="Shop", repo="/none")
    trace = ingest_bundle(by=SEED, project=project, path=write_shop_run(tmp_path / "run.zip"))
    process(str(trace.pk))
    trace.refresh_from_db()
    user = User.objects.create_user("vera")
    teams.set_role(by=SEED, team=team, user=user, role=Role.VIEWER)
    client.force_login(user)
    base = f"/traces/{trace.short_id}"
    answer = client.get(f"{base}/evidence/{trace.failing_seq}")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert f"{base}?step=7#seq={trace.failing_seq})" in answer.content.decode()
    asked = next(iter(events(trace, kinds=["network.request"])))
    assert client.get(f"{base}/evidence/{asked.seq}?as=curl").content.startswith((b"curl", b"#"))
    assert client.get(f"{base}/evidence/{trace.failing_seq}?as=curl").status_code == 404
    assert client.get(f"{base}/evidence/999999").status_code == 404
    opened = client.get(f"{base}/exchanges/{asked.seq}").content.decode()
    assert f"{base}/evidence/{asked.seq}?as=curl" in opened
    page = client.get(f"{base}?tab=network&step=7").content.decode()
    assert f'href="{base}/evidence/{trace.failing_seq}" data-url="{base}/evidence/0"' in page
