"""The /v1/ API of traces: sending, reading, refusing. Every refusal has the same shape."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.harness.record import BY, FAILED_ZIP, make_project, webhook_run
from trace_app.actions import idempotency
from trace_app.actions.processing import process
from trace_app.actions.projects import create_api_key, revoke_api_key
from trace_app.actions.teams import set_role
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.roles import Role
from trace_app.models import AuditEntry, EventChunk, Project, Trace
from trace_app.queries.events import events

pytestmark = pytest.mark.django_db
type Send = Callable[..., Any]


@pytest.fixture
def project() -> Project:
    return make_project()


def key_of(project: Project, *scopes: str) -> dict[str, str]:
    secret = create_api_key(by=BY, team=project.team, name="ci", scopes=scopes).secret
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def key(project: Project) -> dict[str, str]:
    return key_of(project, "ingest", "read", "operate")


def lines(*seqs: int, text: str = "hello") -> bytes:
    return encode_ndjson(
        Event(seq=seq, ts=float(seq), kind="console.message", data={"text": text}) for seq in seqs
    )


def open_live(client: Client, key: dict[str, str]) -> str:
    body = json.dumps({"title": "live", "scenario": {"slug": "checkout"}})
    answer = client.post("/v1/traces", body, content_type="application/json", headers=key)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["short_id"])


def append(client: Client, key: dict[str, str], ref: str, body: bytes, **headers: str) -> Any:
    return client.post(
        f"/v1/traces/{ref}/events",
        body,
        content_type="application/x-ndjson",
        headers={**key, **headers},
    )


def test_a_key_may_have_the_longest_name(client: Client) -> None:
    project = make_project("long", "long")
    made = create_api_key(by=BY, team=project.team, name="n" * 80, scopes=["ingest"])
    sent = client.post(
        "/v1/traces/ingest",
        FAILED_ZIP.read_bytes(),
        content_type="application/zip",
        headers={"Authorization": f"Bearer {made.secret}"},
    )
    assert sent.status_code == 201, sent.content
    assert AuditEntry.objects.get(action="trace.ingested").system == f"key {'n' * 76}"


def test_a_zip_is_sent_read_and_exported(
    client: Client, key: dict[str, str], tmp_path: Path
) -> None:
    sent = client.post(
        "/v1/traces/ingest", FAILED_ZIP.read_bytes(), content_type="application/zip", headers=key
    )
    assert sent.status_code == 201, sent.content
    ref = sent.json()["short_id"]
    again = client.post(
        "/v1/traces/ingest", FAILED_ZIP.read_bytes(), content_type="application/zip", headers=key
    )
    assert (again.status_code, again.json()["short_id"]) == (200, ref)
    assert client.get(f"/v1/traces/{ref}/summary.json", headers=key).status_code == 409

    process(sent.json()["id"])
    summary = client.get(f"/v1/traces/{ref}/summary.json", headers=key).json()
    assert summary["signature"]["slug"] == "webhook-404"
    assert summary["redaction"]["rules"]["cookie"] > 0
    steps = client.get(f"/v1/traces/{ref}/steps", headers=key).json()["steps"]
    assert [step["no"] for step in steps if step["status"] == "failed"] == [15]
    manifest = client.get(f"/v1/traces/{ref}/manifest.json", headers=key).json()
    assert manifest["blobs"][0]["name"] == "playwright.zip"
    blob = client.get(f"/v1/traces/{ref}/blobs/{manifest['blobs'][0]['sha256']}", headers=key)
    assert blob.status_code == 302
    served = b"".join(client.get(blob.headers["Location"]))
    assert zipfile.is_zipfile(io.BytesIO(served))

    exported = client.get(f"/v1/traces/{ref}/export", headers=key)
    bundle = b"".join(exported)
    other = make_project("copy", "other")
    copied = client.post(
        "/v1/traces/ingest",
        bundle,
        content_type="application/zip",
        headers=key_of(other, "ingest"),
    )
    assert copied.status_code == 201, copied.content
    one, two = (
        Trace.objects.get(short_id=ref),
        Trace.objects.get(short_id=copied.json()["short_id"]),
    )
    assert list(events(one)) == list(events(two))


def test_windows_of_events(client: Client, key: dict[str, str]) -> None:
    ref = open_live(client, key)
    append(client, key, ref, encode_ndjson(webhook_run()))
    network = client.get(f"/v1/traces/{ref}/events?ribbon=network&limit=1", headers=key).json()
    assert [event["seq"] for event in network["events"]] == [4]
    assert network["next"] == 5
    rest = client.get(f"/v1/traces/{ref}/events?seq_from=5&ts_to=5", headers=key).json()
    assert [event["seq"] for event in rest["events"]] == [5, 6, 7]
    whole = client.get(
        f"/v1/traces/{ref}/events", headers={**key, "Accept": "application/x-ndjson"}
    )
    assert b"".join(whole).count(b"\n") == 9
    held = list(events(Trace.objects.get(short_id=ref)))
    for query, wanted in (
        ("", held),
        ("step=1", [one for one in held if one.step == 1]),
        ("kind=network.request", [one for one in held if one.kind == "network.request"]),
        ("ts_from=2&ts_to=4", [one for one in held if 2 <= one.ts <= 4]),
    ):
        found = client.get(f"/v1/traces/{ref}/events?{query}", headers=key).json()
        assert found["events"] == [one.to_json() for one in wanted], query
        assert wanted, query
    by_key = client.get(f"/v1/traces/{Trace.objects.get().pk}/events", headers=key)
    assert by_key.json()["events"] == [one.to_json() for one in held]
    other, sender = make_project("blog", "other"), make_project("send", "third")
    for named, reader in (
        (ref, key_of(other, "read")),
        (ref, key_of(sender, "ingest")),
        (str(other.pk), key),
        ("no-such-trace", key),
    ):
        missing = client.get(f"/v1/traces/{named}/events", headers=reader)
        assert missing.status_code == 404, named
    for query in ("ribbon=sound", "limit=0", "limit=x", "seq_from=-1", "ts_to=nan", "kind=x"):
        refused = client.get(f"/v1/traces/{ref}/events?{query}", headers=key)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid"), query


def test_append_is_exactly_once(client: Client, key: dict[str, str]) -> None:
    ref = open_live(client, key)
    first = lines(1, 2, 5)
    assert append(client, key, ref, first).json() == {"last_seq": 5, "accepted": 3}
    assert append(client, key, ref, first).json() == {"last_seq": 5, "accepted": 0}
    for overlapping in (lines(5, 6), lines(3), lines(1, 2, 5, text="other")):
        refused = append(client, key, ref, overlapping)
        assert refused.status_code == 409
        assert refused.json()["error"] == "seq_conflict"
        assert refused.json()["last_seq"] == 5
    assert append(client, key, ref, lines(6)).json() == {"last_seq": 6, "accepted": 1}
    assert append(client, key, ref, first).json() == {"last_seq": 6, "accepted": 0}
    assert [event.seq for event in events(Trace.objects.get(short_id=ref))] == [1, 2, 5, 6]


def test_a_finished_trace_takes_nothing_more(client: Client, key: dict[str, str]) -> None:
    ref = open_live(client, key)
    append(client, key, ref, encode_ndjson(webhook_run()))
    finish = f"/v1/traces/{ref}/finish"
    body = {"status": "failed"}
    for _ in range(2):
        done = client.post(finish, json.dumps(body), content_type="application/json", headers=key)
        assert done.status_code == 200
    other = client.post(
        finish, b'{"status":"passed"}', content_type="application/json", headers=key
    )
    assert (other.status_code, other.json()["error"]) == (409, "trace_finished")
    late = append(client, key, ref, lines(100))
    assert (late.status_code, late.json()["error"]) == (409, "trace_finished")
    trace = Trace.objects.get(short_id=ref)
    assert process(str(trace.pk))
    trace.refresh_from_db()
    assert trace.signature is not None
    assert trace.signature.slug == "webhook-404"
    assert trace.failing_step == 1


BAD = [
    (b"", 400, "empty", 1),
    (b"[]", 400, "not_an_object", 1),
    (lines(1) + b'{"seq":2', 400, "not_json", 2),
    (lines(1) + b"\xff\xfe", 400, "not_json", 2),
    (lines(1) + b'{"seq":2,"ts":NaN,"kind":"app.log","data":{}}', 400, "not_json", 2),
    (lines(1) + b'{"seq":2,"ts":1,"kind":"app.logg","data":{}}', 400, "unknown_kind", 2),
    (lines(1) + b'{"seq":2,"ts":-1,"kind":"app.log","data":{}}', 400, "bad_field", 2),
    (lines(1) + b'{"seq":2,"ts":1,"kind":"app.log","data":[]}', 400, "bad_field", 2),
    (lines(1) + b'{"seq":2,"ts":1,"kind":"app.log","data":{},"x":1}', 400, "bad_field", 2),
    (lines(1) + lines(1), 400, "seq_not_increasing", 2),
    (lines(2) + lines(1), 400, "seq_not_increasing", 2),
    (lines(1) + b'{"seq":2,"ref":2,"ts":1,"kind":"app.log","data":{}}', 400, "bad_ref", 2),
    (lines(1) + lines(2, text="a\x00b"), 400, "nul_character", 2),
]


@pytest.mark.parametrize(("body", "status", "code", "line"), BAD)
def test_malformed_lines_are_named_and_nothing_is_stored(
    client: Client, key: dict[str, str], body: bytes, status: int, code: str, line: int
) -> None:
    ref = open_live(client, key)
    refused = append(client, key, ref, body)
    assert refused.status_code == status
    assert (refused.json()["error"], refused.json()["line"]) == (code, line)
    assert refused.json()["message"]
    assert not EventChunk.objects.exists()
    assert Trace.objects.get(short_id=ref).last_seq == 0


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_compressed_batches(client: Client, key: dict[str, str], encoding: str) -> None:
    ref = open_live(client, key)
    pack = gzip.compress if encoding == "gzip" else zstandard.compress
    header = {"Content-Encoding": encoding}
    assert append(client, key, ref, pack(lines(1, 2)), **header).json()["accepted"] == 2
    cut = append(client, key, ref, pack(lines(3))[:-5], **header)
    assert cut.status_code == 400
    bomb = append(client, key, ref, pack(b" " * 60_000_000 + lines(3)), **header)
    assert (bomb.status_code, bomb.json()["error"]) == (400, "ratio_too_high")
    too_large = append(client, key, ref, pack(b" " * (64 * 1024**2 + 1)), **header)
    assert (too_large.status_code, too_large.json()["error"]) == (413, "body_too_large")
    assert append(client, key, ref, b"x", **{"Content-Encoding": "br"}).status_code == 415


def test_secrets_in_a_live_stream_are_masked_with_stable_tokens(
    client: Client, key: dict[str, str]
) -> None:
    ref = open_live(client, key)
    card = "card 4242 4242 4242 4242, order 1764000000000, author Ann"
    append(client, key, ref, lines(1, text=card))
    append(client, key, ref, lines(2, text=f"again: {card}"))
    append(client, key, ref, lines(3, text="Bearer sk_test_51SECRETtoken"))
    texts = [event.data["text"] for event in events(Trace.objects.get(short_id=ref))]
    assert texts == [
        "card ‹masked:1›, order 1764000000000, author Ann",
        "again: card ‹masked:1›, order 1764000000000, author Ann",
        "Bearer ‹masked:2›",
    ]


def test_idempotency_keys(client: Client, key: dict[str, str]) -> None:
    def post(title: str) -> Any:
        body = json.dumps({"title": title})
        headers = {**key, "Idempotency-Key": "k1"}
        return client.post("/v1/traces", body, content_type="application/json", headers=headers)

    one, two, three = post("a"), post("a"), post("b")
    assert one.json()["id"] == two.json()["id"]
    assert (three.status_code, three.json()["error"]) == (409, "idempotency_conflict")
    assert Trace.objects.count() == 1


def test_an_answer_is_kept_for_seven_days(client: Client, key: dict[str, str]) -> None:
    headers = {**key, "Idempotency-Key": "k1"}
    first = client.post("/v1/traces", {}, content_type="application/json", headers=headers)
    now = timezone.now()
    assert idempotency.sweep(now + timedelta(days=6, hours=23)) == 0
    assert idempotency.sweep(now + timedelta(days=7, seconds=1)) == 1
    again = client.post("/v1/traces", {}, content_type="application/json", headers=headers)
    assert again.json()["short_id"] != first.json()["short_id"]


def test_the_list_pages_and_filters(client: Client, key: dict[str, str], project: Project) -> None:
    refs = [open_live(client, key) for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = client.get(f"/v1/traces?limit=2&cursor={cursor}", headers=key).json()
        seen += [trace["short_id"] for trace in page["traces"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == refs[::-1]
    assert client.get("/v1/traces?status=failed", headers=key).json()["traces"] == []
    assert len(client.get("/v1/traces?scenario=checkout", headers=key).json()["traces"]) == 5
    assert client.get("/v1/traces?to=2020-01-01T00:00:00Z", headers=key).json()["traces"] == []
    for query in ("limit=201", "limit=0", "status=x", "tier=x", "from=yesterday"):
        refused = client.get(f"/v1/traces?{query}", headers=key)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid"), query
    assert client.get("/v1/traces?q=%00", headers=key).json()["error"] == "nul_character"


def test_who_may(client: Client, project: Project, key: dict[str, str]) -> None:
    ref = open_live(client, key)
    path = f"/v1/traces/{ref}"
    assert client.get(path).status_code == 401
    assert client.get(path).json()["error"] == "not_authenticated"
    assert client.get(path, headers={"Authorization": "Bearer trc_no"}).status_code == 401
    other = key_of(make_project("their", "them"), "ingest", "read", "operate")
    missing = client.get("/v1/traces/zzzzzzzzz", headers=key)
    theirs = client.get(path, headers=other)
    assert missing.status_code == theirs.status_code == 404
    assert missing.json() == theirs.json()
    assert append(client, other, ref, lines(1)).status_code == 404
    reader, sender = key_of(project, "read"), key_of(project, "ingest")
    assert append(client, reader, ref, lines(1)).status_code == 403
    assert client.get(path, headers=reader).status_code == 200
    assert client.get(path, headers=sender).status_code == 404
    assert append(client, sender, ref, lines(1)).status_code == 200
    assert client.post(f"{path}/pin", headers=reader).status_code == 403
    viewer = User.objects.create_user("vera")
    set_role(by=BY, team=project.team, user=viewer, role=Role.VIEWER)
    client.force_login(viewer)
    assert client.get(path).status_code == 200
    assert client.post(f"{path}/pin").status_code == 403


def test_pinning(client: Client, key: dict[str, str]) -> None:
    ref = open_live(client, key)
    for _ in range(2):
        assert client.post(f"/v1/traces/{ref}/pin", headers=key).json()["pinned"] is True
    assert client.delete(f"/v1/traces/{ref}/pin", headers=key).json()["pinned"] is False


def test_a_revoked_key_opens_nothing(client: Client, project: Project) -> None:
    made = create_api_key(by=BY, team=project.team, name="old", scopes=["read"])
    headers = {"Authorization": f"Bearer {made.secret}"}
    assert client.get("/v1/traces", headers=headers).status_code == 200
    revoke_api_key(by=BY, key=made.row)
    assert client.get("/v1/traces", headers=headers).status_code == 401


def test_uploads_that_are_no_trace(client: Client, key: dict[str, str], project: Project) -> None:
    for body, code in (
        (b"", "empty"),
        (b"no zip", "not_a_zip"),
        (b"PK\x05\x06" + bytes(18), "not_a_trace"),
    ):
        refused = client.post(
            "/v1/traces/ingest", body, content_type="application/zip", headers=key
        )
        assert (refused.status_code, refused.json()["error"]) == (400, code)
    project.trace_capture = False
    project.save()
    off = client.post(
        "/v1/traces/ingest", FAILED_ZIP.read_bytes(), content_type="application/zip", headers=key
    )
    assert (off.status_code, off.json()["error"]) == (409, "trace_capture_off")
    assert not Trace.objects.exists()


def test_the_api_describes_itself(client: Client) -> None:
    schema = client.get("/v1/openapi.json").json()
    for path in ("/v1/traces", "/v1/traces/ingest", "/v1/traces/{ref}/events"):
        assert path in schema["paths"], path
    assert client.get("/v1/health").json() == {"status": "ok"}
