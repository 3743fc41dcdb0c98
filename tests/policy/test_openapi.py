"""/v1/openapi.json is valid, names every call, and each call is seen to answer as it says.

The checking itself is in tests/harness/contract.py and goes on behind every test of the suite.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from tests.harness.contract import DESCRIPTION, contract
from tests.harness.record import FAILED_ZIP
from tests.policy.table import TABLE
from tests.policy.test_policy import ask
from tests.policy.world import World, make_world

API = ("trace_api:", "debugger_api:", "mender_api:")
# What needs more than one request to succeed, and where it is seen to.
ELSEWHERE = {
    "start_replay": "tests/flows/debugger/test_replay_api.py",
    "promote_fix": "tests/flows/mender_handoff/test_promotion.py",
    "guard_webhook": "tests/flows/mender_handoff/test_webhooks.py",
    "stream_trace": "tests/flows/trace_app/test_live.py",
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One of everything, gone after this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world("-described")
        transaction.set_rollback(True)


def operations() -> dict[str, str]:
    """Operation id → `GET /v1/traces`, of everything described."""
    paths = contract().document["paths"]
    return {
        operation["operationId"]: f"{method.upper()} {path}"
        for path, held in paths.items()
        for method, operation in held.items()
    }


def test_the_description_is_openapi_3_1_without_a_warning(tmp_path: Path) -> None:
    written = tmp_path / "openapi.json"
    options = ("--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(written))
    call_command("spectacular", *options)
    assert json.loads(written.read_text())["openapi"] == "3.1.0"


def routes(resolver: URLResolver, before: str = "/") -> Iterator[tuple[str, Any]]:
    for part in resolver.url_patterns:
        place = before + str(part.pattern)
        if isinstance(part, URLPattern):
            yield place, part.callback
        else:
            yield from routes(part, place)


def test_every_address_and_method_is_described() -> None:
    described = {re.sub(r"\{\w+\}", "{}", place) for place in operations().values()}
    missing = []
    for route, view in routes(get_resolver()):
        path = re.sub(r"<[^>]+>", "{}", route)
        if not path.startswith("/v1/") or path == DESCRIPTION:
            continue
        methods = (
            {name.upper() for name in view.cls.http_method_names} if hasattr(view, "cls") else {""}
        )
        for method in methods - {"OPTIONS", "HEAD"}:
            known = {place for place in described if place.endswith(f" {path}")}
            if f"{method} {path}" not in described if method else not known:
                missing.append(f"{method} {path}")
    assert missing == []


def test_each_call_answers_as_it_is_described(world: World) -> None:
    contract().seen.clear()
    owner = world.client("owner")
    for row in [one for one in TABLE if one.name.startswith(API) and not one.live]:
        url = reverse(row.name, args=[world.names[name] for name in row.world])
        ask(owner, row, url)
    live_run(owner, str(world.names["project"]))
    done = {name for name, status in contract().seen if status < 400}
    assert set(operations()) - done - set(ELSEWHERE) == set()


def live_run(owner: Client, project: str) -> None:
    """Open, append, finish; a zip; take a pin away."""

    def post(path: str, body: object, kind: str = "application/json") -> Any:
        return owner.post(path, body, content_type=kind)

    sent = post(f"/v1/traces/ingest?project={project}", FAILED_ZIP.read_bytes(), "application/zip")
    owner.delete(f"/v1/traces/{sent.json()['short_id']}/pin")
    ref = post("/v1/traces", json.dumps({"project": project})).json()["short_id"]
    line = json.dumps({"seq": 1, "ts": 0, "kind": "app.log", "data": {"text": "x"}})
    post(f"/v1/traces/{ref}/events", line, "application/x-ndjson")
    post(f"/v1/traces/{ref}/finish", json.dumps({"status": "passed"}))
    owner.get(f"/v1/traces/{ref}/events")
