"""A run of many steps: its page carries the ones near the failure, the others are paged in."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.harness.long_run import write_long_run
from tests.harness.record import BY, make_project
from trace_app.actions.ingest import ingest_bundle
from trace_app.actions.processing import process
from trace_app.actions.teams import set_role
from trace_app.domain.roles import Role
from trace_app.models import Trace
from trace_app.queries.trace_index import index_json

pytestmark = pytest.mark.django_db
STEPS, FAILS_AT = 700, 350


@pytest.fixture
def trace(tmp_path: Path, client: Client) -> Trace:
    project = make_project()
    reader = User.objects.create_user("vera")
    set_role(by=BY, team=project.team, user=reader, role=Role.VIEWER)
    client.force_login(reader)
    path = write_long_run(tmp_path / "long.zip", steps=STEPS, fails_at=FAILS_AT)
    made = ingest_bundle(by=BY, project=project, path=path)
    process(str(made.pk))
    made.refresh_from_db()
    return made


def listed(client: Client, address: str) -> tuple[list[int], str]:
    """The numbers of the steps on a page, and its text."""
    html = client.get(address).content.decode()
    return [int(number) for number in re.findall(r'data-step="(\d+)" ?', html)], html


def test_the_page_has_the_neighbourhood_of_the_failure(client: Client, trace: Trace) -> None:
    html = client.get(f"/traces/{trace.short_id}").content.decode()
    shown = [int(number) for number in re.findall(r'<a class="step [^>]*data-step="(\d+)"', html)]
    assert shown == list(range(338, 378))
    assert "699 passed · 1 failed" in html
    assert len(html.encode()) < 40_000
    found = re.search(r'<script id="steps" type="application/json">(.*?)</script>', html)
    assert found
    assert [row[0] for row in json.loads(found[1])] == shown
    assert len(index_json(trace)["steps"]) == STEPS


def test_the_rest_is_paged_in_with_and_without_script(client: Client, trace: Trace) -> None:
    page, more = f"/traces/{trace.short_id}", f"/traces/{trace.short_id}/steps"
    _, html = listed(client, page)
    assert f'href="?step=338" hx-get="{more}?before=338"' in html
    assert f'href="?step=377" hx-get="{more}?after=377"' in html
    earlier, html = listed(client, f"{more}?before=338")
    assert earlier == list(range(298, 338))
    assert "Later steps" not in html
    later, html = listed(client, f"{more}?after=680")
    assert later == list(range(681, 701))
    assert "Later steps" not in html
    assert listed(client, f"{more}?around=1")[0] == list(range(1, 41))
    without_script, _ = listed(client, f"{page}?step=377")
    assert 430 > max(without_script) > 377


@pytest.mark.parametrize(
    "query", ["", "?before=x", "?after=-1", "?around=" + "9" * 30, "?after=1e3"]
)
def test_nonsense_answers_the_first_steps(client: Client, trace: Trace, query: str) -> None:
    assert listed(client, f"/traces/{trace.short_id}/steps{query}")[0] == list(range(1, 41))
