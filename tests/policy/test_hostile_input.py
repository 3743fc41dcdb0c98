"""Nonsense in addresses, forms and bodies is refused or ignored; nothing answers 500."""

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from mender_handoff.domain import webhook_signature
from mender_handoff.guard.domain.purposes import API_TOKEN, PUSH_TOKEN
from mender_handoff.guard.models import GuardRepository
from tests.policy.rows import Row
from tests.policy.table import TABLE
from tests.policy.world import World, make_world
from trace_app.actions.projects import WEBHOOK_SECRET
from trace_app.models import Project
from trace_app.storage import secrets as vault

SECRET = "hostile-input"
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

VIEW = {
    "id": "c",
    "repository": "shop",
    "branch": "main",
    "sha": "a" * 40,
    "source": "manual",
    "status": "failed",
    "url": "http://guard/checks/c",
}
#: A good body of each endpoint that takes one. What is not named here takes any, or none.
GOOD: dict[str, dict[str, Any]] = {
    "trace_api:traces": {"title": "t", "branch": "b", "scenario": {"slug": "s"}, "author": "a"},
    "trace_api:finish": {"status": "passed"},
    "trace_api:share": {"days": 1, "label": "l"},
    "debugger_api:replays": {
        "from_step": 1,
        "mode": "restore",
        "edits": {"scenario_diff": "d", "source_diffs": [{"path": "p", "diff": "d"}]},
    },
    "debugger_api:messages": {"text": "help"},
    "debugger_api:action": {"decision": "decline"},
    "mender_api:promote": {
        "classification": "product_bug",
        "target_branch": "main",
        "edits": {"scenario_diff": None, "source_diffs": [{"path": "p", "diff": "d"}]},
        "accepted_regressions": ["r"],
    },
    "mender_api:dismiss": {"reason": "no"},
    "mender_api:guard_webhook": {
        "type": "check.completed",
        "timestamp": "t",
        "data": {"check": VIEW},
    },
    "guard_api:attempts": {
        "intent": "analyze",
        "attempt_id": "a",
        "idempotency_key": "k",
        "repository": "{project}",
        "target_branch": "main",
        "base_sha": "a" * 40,
        "trace": {
            "id": "t",
            "short_id": "t",
            "permalink": "p",
            "scenario": {"slug": "s"},
            "sha": "a" * 40,
            "status": "failed",
        },
        "analysis_markdown": "m",
    },
    "guard_api:checks": {
        "idempotency_key": "k",
        "repository": "{project}",
        "ref": "main",
        "scenarios": ["s"],
    },
    "guard_api:push": {"branches": ["main"]},
}
TAKES_JSON = (
    *(row for row in TABLE if row.json and row.method == "post"),
    Row("trace_api:traces", (0,) * 6, method="post", json=True),
    Row("trace_api:events", (0,) * 6, ("trace",), method="post", json=True),
)
#: What is put in a string's place, or beside all fields, written as JSON.
NONSENSE = {
    "half a pair": r'"\ud800"',
    "NUL": r'"a\u0000b"',
    "deep": "[" * 200_000,
    "deep and whole": "[" * 4000 + "]" * 4000,
    "deep for Python": '{"a":' * 600 + "1" + "}" * 600,
    "deep enough": "[" * 126 + "]" * 126,
    "huge": HUGE * 4,
    "not UTF-8": '"\xff"',
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_world()
        secret = vault.encrypt(SECRET, purpose=WEBHOOK_SECRET)
        Project.objects.filter(slug=made.names["project"]).update(webhook_secret=secret)
        GuardRepository.objects.update(
            api_token_hash=vault.keyed_hash(SECRET, purpose=API_TOKEN),
            push_token_hash=vault.keyed_hash(SECRET, purpose=PUSH_TOKEN),
        )
        yield made
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


def test_every_endpoint_with_fields_is_given_a_good_body() -> None:
    assert set(GOOD) <= {row.name for row in TAKES_JSON}


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize("row", TAKES_JSON, ids=lambda row: row.name)
def test_nonsense_in_json(world: World, client: Client, row: Row, nonsense: str) -> None:
    good = json.dumps(GOOD.get(row.name, {})).replace("{project}", str(world.names["project"]))
    for body in spoiled(json.loads(good), NONSENSE[nonsense]):
        with transaction.atomic():
            answer = client.post(
                reverse(row.name, args=[world.names[name] for name in row.world])
                + f"?project={world.names['project']}",
                body,
                content_type="application/json",
                headers={"Idempotency-Key": "k"} | credentials(row.name, body),
            )
            transaction.set_rollback(True)
        assert answer.status_code < 500, (body[:300], answer.content)
        assert answer.status_code < 400 or answer.json()["message"]


def spoiled(good: object, nonsense: str) -> Iterator[bytes]:
    """The body with nonsense in place of each of its texts, as an unknown field, and bare."""
    mark = "spoil"
    # Only texts differ from field to field; the rest is judged before fields are.
    places = [*paths(good)] if nonsense.startswith('"') else []
    bodies = [replaced(good, path, mark) for path in places]
    if isinstance(good, dict):
        bodies.append({**good, "unknown": mark})
    for body in bodies:
        yield json.dumps(body).replace(f'"{mark}"', nonsense).encode("latin-1")
    if nonsense.startswith('"'):
        yield f"{{{nonsense}: 1}}".encode("latin-1")
    yield nonsense.encode("latin-1")


def paths(value: object) -> Iterator[tuple[Any, ...]]:
    """Where the texts stand."""
    if isinstance(value, str):
        yield ()
    children: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        children = enumerate(value)
    for key, child in children:
        yield from ((key, *rest) for rest in paths(child))


def replaced(value: Any, path: tuple[Any, ...], text: str) -> Any:
    """A copy with the text in one place."""
    if not path:
        return text
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], text)
    return copy


def credentials(name: str, body: bytes) -> dict[str, str]:
    """What programs prove themselves with; people are signed in."""
    if name == "mender_api:guard_webhook":
        return webhook_signature.headers(SECRET, "m", int(time.time()), body)
    return {"Authorization": f"Bearer {SECRET}"} if name.startswith("guard_api:") else {}
