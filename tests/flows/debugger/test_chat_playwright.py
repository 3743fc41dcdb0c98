"""The Debugger on Playwright zips of every kind: no scenario, no commit, no clones, no crash."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from debugger.tools import conversation
from tests.flows.debugger.broken_shop import SEED
from trace_app.actions import projects, teams
from trace_app.actions.ingest import ingest_zip
from trace_app.domain.roles import Role
from trace_app.models import Trace

ZIPS = sorted(Path("tests/fixtures/playwright").glob("*.zip"))
ASKED = ("js-checkout-fails-on-webhook.trace.zip", "py-pass.trace.zip")
QUESTIONS = (
    "why did it fail?",
    "why did step 1 fail?",
    "what changed in the stripe clone between step 1 and 2?",
    "compare with the last green run",
    "show errors",
    "show network errors",
    "list steps",
    "suggest a fix",
    "which commit caused this?",
    "replay from step 1 with a = 1",
    "read x.py",
    "similar failures",
)


@pytest.mark.django_db
def test_every_question_is_answered_for_every_zip(django_user_model: type) -> None:
    assert ZIPS
    team = teams.create_team(by=SEED, slug="zips", name="Zips")
    person = django_user_model.objects.create_user("zoe")  # type: ignore[attr-defined]
    teams.set_role(by=SEED, team=team, user=person, role=Role.MEMBER)
    project = projects.create_project(by=SEED, team=team, slug="z", name="Z", repo="/nowhere")
    client = Client()
    client.force_login(person)
    traces: list[Trace] = []
    for path in ZIPS:
        trace = ingest_zip(by=SEED, project=project, path=path)
        traces.append(trace)
        assert client.get(reverse("debugger:panel", args=[trace.short_id])).status_code == 200
        for question in QUESTIONS if path.name in ASKED else QUESTIONS[:1]:
            assert conversation.ask(by=person, trace=trace, text=question).text
    pairs = zip(traces, [*traces[1:], traces[0]], strict=True)
    for a, b in pairs:
        url = reverse("debugger:diff", args=[a.short_id, b.short_id])
        assert client.get(url).status_code == 200
