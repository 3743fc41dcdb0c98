"""Planted secrets, sent over HTTP to the running product, are nowhere in what it keeps or shows."""

import base64
import os
import subprocess
from collections.abc import Iterator
from functools import partial

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.harness.database import LIVE_DATABASE, connected_to
from tests.harness.live import LiveStack, wait_for
from tests.harness.planted import Planted, readable
from tests.harness.record import BY, PLAYWRIGHT, make_project
from trace_app.actions.projects import create_api_key
from trace_app.actions.teams import set_role
from trace_app.domain.chunks import unpack_lines
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.ids import new_short_id
from trace_app.domain.roles import Role
from trace_app.models import EventChunk, Project, Trace
from trace_app.project.postgres_binaries import find
from trace_app.queries.events import events
from trace_app.storage.packages import member_names
from trace_app.views.panels import PANELS

FIXTURES = ("py-fail", "js-checkout-fails-on-webhook", "py-1.39.0-fail")


@pytest.fixture
def project(live_stack: LiveStack) -> Project:
    name = f"nowhere-{new_short_id().lower()}"
    return make_project(name, name)


@pytest.fixture
def api(live_stack: LiveStack, project: Project) -> Iterator[httpx.Client]:
    made = create_api_key(by=BY, team=project.team, name="ci", scopes=["ingest", "read"])
    with live_stack.client(made.secret) as client:
        yield client


@pytest.fixture
def reader(live_stack: LiveStack, project: Project) -> Iterator[httpx.Client]:
    """A signed-in owner's browser, without the browser."""
    user = User.objects.create_user(f"owner-{project.slug}")
    set_role(by=BY, team=project.team, user=user, role=Role.OWNER)
    session = Client()
    session.force_login(user)
    with live_stack.client() as client:
        client.cookies.set("sessionid", session.cookies["sessionid"].value)
        yield client


def send_live(api: httpx.Client, planted: Planted) -> str:
    """A run in batches that shows its password first and gives it away last."""
    run = {"title": f"pay with {planted.card}", "author": "ann"}
    ref = str(api.post("/v1/traces", json=run).json()["short_id"])
    typed = {"verb": "fill", "target": 'field "Password"', "value": planted.password}
    cookie = {"name": "sid", "value": planted.cookie, "domain": "app", "path": "/"}
    header = ["Authorization", f"Bearer {planted.token}"]
    request = {"method": "POST", "url": "http://app/pay", "source": "app", "headers": [header]}
    batches = (
        Event(seq=1, ts=0, kind="app.log", data={"text": f"got {planted.password}"}),
        Event(seq=2, ts=1, kind="agent.action", step=1, level="error", data=typed),
        Event(seq=3, ts=2, kind="storage.state", step=1, data={"cookies": [cookie]}),
        Event(seq=4, ts=3, kind="network.request", step=1, data=request),
        Event(seq=5, ts=4, kind="console.message", data={"text": f"again {planted.password}"}),
    )
    for event in batches:
        api.post(f"/v1/traces/{ref}/events", content=encode_ndjson([event])).raise_for_status()
    api.post(f"/v1/traces/{ref}/finish", json={"status": "failed"}).raise_for_status()
    return ref


def spellings(planted: Planted) -> list[bytes]:
    """As they are, and as dumps and mails would write them."""
    return [
        spelled
        for value in map(str.encode, planted.all)
        for spelled in (value, value.hex().encode(), base64.b64encode(value).rstrip(b"=")[:-1])
    ]


def found(body: bytes, planted: Planted) -> list[bytes]:
    return [value for value in spellings(planted) if value in body]


def test_planted_secrets_are_nowhere(
    live_stack: LiveStack, api: httpx.Client, reader: httpx.Client
) -> None:
    planted = Planted()
    refs = [send_live(api, planted)]
    for name in FIXTURES:
        content = planted.recording(PLAYWRIGHT / f"{name}.trace.zip")
        assert len(found(readable(content), planted)) >= 3, "nothing is planted"
        refs.append(api.post("/v1/traces/ingest", content=content).json()["short_id"])
    for ref in refs:
        wait_for("the summary", partial(is_processed, api, ref))
    wrong = [
        *in_database(planted),
        *in_files(live_stack, planted),
        *in_answers(api, reader, refs, planted),
    ]
    logs = "".join(live_stack.logs().values()).encode()
    wrong += [f"log {value!r}" for value in found(logs, planted)]
    assert wrong == []


def is_processed(api: httpx.Client, ref: str) -> bool:
    return api.get(f"/v1/traces/{ref}/summary.json").status_code == 200


def in_database(planted: Planted) -> Iterator[str]:
    program = find(os.environ.get("TRACE_POSTGRES", "any")).program("pg_dump")
    address = connected_to(LIVE_DATABASE)
    dump = subprocess.run([program, "--dbname", address], capture_output=True, check=True).stdout
    assert b"trace_app_trace" in dump
    yield from (f"dump {value!r}" for value in found(dump, planted))
    for pk, body in EventChunk.objects.values_list("pk", "body"):
        yield from (f"chunk {pk} {one!r}" for one in found(unpack_lines(bytes(body)), planted))


def in_files(live_stack: LiveStack, planted: Planted) -> Iterator[str]:
    """Blobs, spool, capsules, logs: everything the product wrote, zips opened."""
    for file in live_stack.var.rglob("*"):
        if file.is_file():
            yield from (f"{file} {one!r}" for one in found(readable(file.read_bytes()), planted))


def in_answers(
    api: httpx.Client, reader: httpx.Client, refs: list[str], planted: Planted
) -> Iterator[str]:
    paths = ["/traces", "/traces.csv", "/v1/traces", *(p for ref in refs for p in addresses(ref))]
    for path in paths:
        client = api if path.startswith("/v1/") else reader
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        yield from (f"{path} {one!r}" for one in found(readable(answer.content), planted))


def addresses(ref: str) -> Iterator[str]:
    """What a person or a program can read of a trace."""
    trace = Trace.objects.get(short_id=ref)
    yield f"/traces/{ref}"
    yield from (f"/traces/{ref}/panels/{name}?step=1" for name in PANELS if name != "delta")
    for name in ("", "/events?limit=1000", "/steps", "/summary.json", "/manifest.json", "/export"):
        yield f"/v1/traces/{ref}{name}"
    held = list(events(trace))
    telling = [event.seq for event in held if event.kind in ("network.request", "agent.action")]
    yield from (f"/traces/{ref}/evidence/{seq}" for seq in telling[:15])
    if trace.playwright_zip:
        yield f"/v1/traces/{ref}/blobs/{trace.playwright_zip}"
        shots = [one for one in held if one.kind == "dom.snapshot" and one.data.get("main")]
        yield from (f"/traces/{ref}/snapshots/{shot.seq}" for shot in shots[-4:])
        names = member_names(trace.playwright_zip)
        text = [name for name in names if not name.endswith((".jpeg", ".png"))]
        yield from (f"/traces/{ref}/members/{name}" for name in text if name.count("/"))
