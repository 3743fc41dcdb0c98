"""Nonsense in addresses, forms and bodies is refused or ignored; nothing answers 500."""

import json
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from tests.policy.world import World, make_world

HUGE = "9" * 25
ADDRESSES = (
    "/traces?since=abc",
    "/traces?q=%00",
    "/traces?q=" + "a" * 5000,
    "/traces?pr=%C2%B2",
    "/traces?pr=" + HUGE,
    "/traces?scenario=%00",
    "/traces?cursor=%00abc",
    "/traces?from=abc&to=9999999",
    "/traces/compare?trace=%00&trace=%00",
    "/guard/checks?before=abc",
    "/mender/attempts?before=abc",
    "/v1/mender/attempts?before=abc",
    "/v1/traces?pr=%C2%B2",
    "/v1/traces?cursor=zzz",
    "/v1/traces?from=abc",
    "/v1/traces?limit=" + HUGE,
    "/traces/{trace}?step=%00",
    "/traces/{trace}?step=" + HUGE,
    "/traces/{trace}?step=%C2%B2&tab=x&mode=y",
    "/traces/{trace}/panels/events?q=" + "(" * 500,
    "/traces/{trace}/panels/network?step=%C2%B2",
    "/traces/{trace}/source?path=../../etc/passwd",
    "/traces/{trace}/members/..%2F..%2Fetc%2Fpasswd",
    "/traces/{trace}/promote?replay=zz",
    "/traces/{trace}/replay?base=x&step=9e9",
    "/traces/{trace}/replay?step=" + HUGE,
    "/traces/{trace}/step-source?step=%C2%B2",
    "/traces/{trace}/frames/" + HUGE,
    "/traces/{trace}/snapshots/" + HUGE,
    "/forge/{project}/pulls/" + HUGE,
    "/v1/traces/{trace}/events?seq_from=nan",
    "/v1/traces/{trace}/events?ts_from=inf&ts_to=-inf",
    "/v1/traces/{trace}/events?step=" + HUGE,
    "/r/{trace}/zzz",
)
FORMS = (
    ("/traces/{trace}/debugger/messages", {"text": "a\x00b"}),
    ("/traces/{trace}/debugger/messages", {"text": "x" * 200_000}),
    ("/teams/{team}/members", {"username": "a\x00", "role": "emperor"}),
    ("/teams/{team}/keys", {"name": "a\x00", "scopes": "read"}),
    ("/mender/attempts/{attempt}/dismiss", {"reason": "a\x00"}),
    ("/traces/{trace}/promote", {"edits": "a\x00", "target_branch": "a\x00b"}),
    ("/traces/{trace}/promote", {"edits": "{", "classification": "nonsense"}),
    ("/traces/{trace}/replay", {"step": HUGE, "scenario": "x"}),
    ("/login", {"username": "a\x00", "password": "b"}),
)
BODIES: tuple[tuple[str, object], ...] = (
    ("/v1/webhooks/guard?project=%00", {}),
    ("/v1/webhooks/guard?project={project}", [1]),
    ("/v1/traces/{trace}/debugger/messages", {"text": "a\x00b"}),
    ("/v1/traces/{trace}/debugger/messages", [1]),
    ("/v1/traces/{trace}/promote-fix", [1]),
    (
        "/v1/traces/{trace}/promote-fix",
        {
            "target_branch": "a\x00",
            "edits": {"scenario_diff": None, "source_diffs": [{"path": "a", "diff": "\x00"}]},
        },
    ),
    ("/v1/traces/{trace}/replays", {"from_step": 10**30}),
    ("/v1/traces/{trace}/replays", [1]),
    ("/v1/mender/attempts/{attempt}/dismiss", {"reason": "a\x00"}),
    ("/v1/traces?project={project}", {"title": "a\x00", "scenario": {"slug": "\x00"}}),
    ("/guard/v1/checks", [1]),
    ("/guard/v1/push", "nonsense"),
)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    owner = world.client("owner")
    owner.raise_request_exception = False
    with transaction.atomic():
        yield owner
        transaction.set_rollback(True)


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses(world: World, client: Client, address: str) -> None:
    assert client.get(address.format(**world.names)).status_code < 500


@pytest.mark.parametrize(("address", "form"), FORMS)
def test_forms(world: World, client: Client, address: str, form: dict[str, str]) -> None:
    assert client.post(address.format(**world.names), form).status_code < 500


@pytest.mark.parametrize(("address", "body"), BODIES)
def test_json_bodies(world: World, client: Client, address: str, body: object) -> None:
    answer = client.post(
        address.format(**world.names),
        json.dumps(body),
        content_type="application/json",
        headers={"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,a"},
    )
    assert answer.status_code < 500
    assert answer.status_code < 400 or answer.json()["message"]
