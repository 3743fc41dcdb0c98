"""Replays over /v1/: answers, errors, rights of people and keys, one start per key."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from debugger.models import Replay
from tests.flows.debugger.recorded import SEED, House, greeting
from trace_app.actions import projects
from trace_app.domain.roles import Role
from trace_app.models import Trace

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.build(tmp_path)


@pytest.fixture
def trace(house: House) -> Trace:
    return house.trace()


def login(house: House, role: Role | None) -> Client:
    client = Client()
    client.force_login(house.person(role))
    return client


def keyed(house: House, *scopes: str) -> Client:
    made = projects.create_api_key(by=SEED, team=house.team, name="ci", scopes=scopes)
    return Client(headers={"Authorization": f"Bearer {made.secret}"})


def start(client: Client, trace: Trace, key: str = "", **body: object):  # type: ignore[no-untyped-def]
    asked = {"from_step": 3, "edits": greeting("Hi").to_json(), **body}
    url = f"/v1/traces/{trace.short_id}/replays"
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(url, asked, content_type="application/json", headers=headers)


def test_a_replay_is_started_followed_and_called_off(house: House, trace: Trace) -> None:
    client = login(house, Role.MEMBER)
    answer = start(client, trace)
    assert answer.status_code == 202
    replay = answer.json()
    assert (replay["status"], replay["ended"]) == ("queued", False)
    assert client.get(f"/v1/replays/{replay['id']}").json() == replay
    canceled = client.post(f"/v1/replays/{replay['id']}/cancel")
    assert (canceled.status_code, canceled.json()["status"]) == (202, "canceled")


def test_the_same_key_starts_once(house: House, trace: Trace) -> None:
    client = login(house, Role.MEMBER)
    first, again = start(client, trace, "k"), start(client, trace, "k")
    assert first.json()["id"] == again.json()["id"]
    other = start(client, trace, "k", from_step=4)
    assert (other.status_code, other.json()["error"]) == (409, "idempotency_conflict")
    assert Replay.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"from_step": 0}, 400, "invalid"),
        ({"from_step": 3, "mode": "sideways"}, 400, "invalid"),
        ({"edits": {"scenario_diff": "nonsense"}}, 422, "bad_edits"),
        ({"edits": {"scenario": None}}, 422, "bad_edits"),
        ({"from_step": 9}, 422, "bad_step"),
        ({"edits": {"source_diffs": [{"path": ".git/config", "diff": "x"}]}}, 422, "bad_edits"),
    ],
)
def test_bad_requests_are_answered_with_code_and_sentence(
    house: House, trace: Trace, body: dict[str, Any], status: int, code: str
) -> None:
    answer = start(login(house, Role.MEMBER), trace, **body)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["message"]
    assert not Replay.objects.exists()


def test_forbidden_paths_are_named(house: House, trace: Trace) -> None:
    diff = "--- /dev/null\n+++ b/.github/x.yml\n@@ -0,0 +1 @@\n+on: push\n"
    edits = {"source_diffs": [{"path": ".github/x.yml", "diff": diff}]}
    answer = start(login(house, Role.MEMBER), trace, edits=edits)
    assert (answer.status_code, answer.json()["error"]) == (422, "edits_refused")
    assert ".github/x.yml: belongs to CI" in answer.json()["reasons"][0]


def test_a_cold_trace_answers_409_and_says_how_to_thaw(house: House) -> None:
    answer = start(login(house, Role.MEMBER), house.trace(tier="cold"))
    assert (answer.status_code, answer.json()["error"]) == (409, "trace_cold")
    assert "thaw" in answer.json()["message"]


def test_who_may_replay(house: House, trace: Trace, tmp_path: Path) -> None:
    assert start(Client(), trace).status_code == 401
    assert start(login(house, Role.VIEWER), trace).status_code == 403
    assert start(login(house, None), trace).status_code == 404
    assert start(keyed(house, "read"), trace).status_code == 403
    assert start(keyed(house, "operate"), trace).status_code == 202
    (tmp_path / "other").mkdir()
    other = House.build(tmp_path / "other")
    assert start(login(other, Role.OWNER), trace).status_code == 404
    assert start(keyed(other, "operate"), trace).status_code == 404


def test_two_traces_are_compared_when_both_may_be_seen(house: House, tmp_path: Path) -> None:
    a, b = house.trace(), house.trace()
    client = login(house, Role.VIEWER)
    answer = client.get(f"/v1/traces/{a.short_id}/diff/{b.short_id}")
    assert answer.status_code == 200
    assert answer.json()["new_regressions"] == []
    (tmp_path / "other").mkdir()
    hidden = House.build(tmp_path / "other").trace()
    assert client.get(f"/v1/traces/{a.short_id}/diff/{hidden.short_id}").status_code == 404
