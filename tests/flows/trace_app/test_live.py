"""The record on the running product: a worker finishes traces, streams follow them."""

import gzip
import os
import signal
import threading
from collections.abc import Iterator
from time import monotonic

import httpx
import pytest
import zstandard
from django.db import connection, transaction

from tests.harness.event_stream import messages
from tests.harness.live import LiveStack, wait_for
from tests.harness.record import BY, FAILED_ZIP, make_project, webhook_run
from trace_app.actions.projects import create_api_key
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.ids import new_short_id
from trace_app.models import Project, Signature, Trace

STREAMS = 50


@pytest.fixture
def project(live_stack: LiveStack) -> Project:
    name = f"record-{new_short_id().lower()}"
    return make_project(name, name)


@pytest.fixture
def api(live_stack: LiveStack, project: Project) -> Iterator[httpx.Client]:
    made = create_api_key(by=BY, team=project.team, name="ci", scopes=["ingest", "read", "operate"])
    with live_stack.client(made.secret) as client:
        yield client


def lines(*seqs: int) -> bytes:
    return encode_ndjson(
        Event(seq=seq, ts=float(seq), kind="app.log", data={"stream": "stdout", "text": "x"})
        for seq in seqs
    )


def open_live(api: httpx.Client) -> str:
    return str(api.post("/v1/traces", json={"title": "live"}).json()["short_id"])


def test_a_worker_finishes_what_was_sent(api: httpx.Client) -> None:
    sent = api.post("/v1/traces/ingest", content=FAILED_ZIP.read_bytes())
    assert sent.status_code == 201, sent.text
    ref = sent.json()["short_id"]
    path = f"/v1/traces/{ref}/summary.json"
    wait_for("the summary", lambda: api.get(path).status_code == 200)
    summary = api.get(path)
    assert summary.json()["signature"]["slug"] == "webhook-404"


def test_a_chunked_body_without_a_length_is_read(api: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        content = FAILED_ZIP.read_bytes()
        yield content[:1000]
        yield content[1000:]

    sent = api.post("/v1/traces/ingest", content=pieces())
    assert sent.status_code == 201, sent.text
    path = f"/v1/traces/{sent.json()['short_id']}/summary.json"
    wait_for("the summary", lambda: api.get(path).status_code == 200)
    assert api.get(path).json()["signature"]["slug"] == "webhook-404"


def test_a_chunked_batch_is_read_packed_or_plain_and_an_empty_one_is_empty(
    api: httpx.Client,
) -> None:
    path = f"/v1/traces/{open_live(api)}/events"
    batches = {
        "identity": lines(1),
        "gzip": gzip.compress(lines(2)),
        "zstd": zstandard.compress(lines(3)),
    }
    for seq, (name, sent) in enumerate(batches.items(), start=1):
        pieces = iter((sent[:20], sent[20:]))
        answer = api.post(path, content=pieces, headers={"Content-Encoding": name})
        assert answer.json() == {"last_seq": seq, "accepted": 1}
    nothing = api.post(path, content=iter(()))
    assert (nothing.status_code, nothing.json()["error"]) == (400, "empty")


def test_chunked_json_without_a_length_is_read(api: httpx.Client) -> None:
    pieces = iter([b'{"from_step": ', b'"seven"}'])
    path = f"/v1/traces/{open_live(api)}/replays"
    answer = api.post(path, content=pieces, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert "A valid integer is required." in answer.text


def test_a_killed_workers_trace_is_finished_by_another(
    api: httpx.Client, live_stack: LiveStack
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # The worker gets as far as the failure's signature and stands there, work half done.
        cursor.execute(f"LOCK TABLE {Signature._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        sent = api.post("/v1/traces/ingest", content=FAILED_ZIP.read_bytes())
        assert sent.status_code == 201, sent.text
        ref = sent.json()["short_id"]
        wait_for("the worker in the middle of it", lambda: claimed(ref) and at_the_signature())
        worker = live_stack.stack.child("worker").process
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(10)
    live_stack.stack.keep_running()
    assert live_stack.stack.child("worker").process.pid != worker.pid
    path = f"/v1/traces/{ref}/summary.json"
    wait_for("another worker", lambda: api.get(path).status_code == 200, seconds=32)
    assert api.get(path).json()["signature"]["slug"] == "webhook-404"
    trace = Trace.objects.get(short_id=ref)
    assert trace.process_attempts == 2
    assert trace.viewable_ms


def claimed(ref: str) -> bool:
    """Whether a worker has taken this trace: traces of tests before it may stand in the queue."""
    return Trace.objects.filter(short_id=ref, process_attempts=1).exists()


def at_the_signature() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE relation = %s::regclass AND NOT granted",
            [Signature._meta.db_table],
        )
        return cursor.fetchone() is not None


def test_a_stream_follows_a_live_trace_and_resumes(api: httpx.Client) -> None:
    ref = open_live(api)
    api.post(f"/v1/traces/{ref}/events", content=lines(1, 2))
    with api.stream("GET", f"/v1/traces/{ref}/stream") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        found = messages(stream)
        name, batch = next(found)
        assert (name, [event["seq"] for event in batch]) == ("events", [1, 2])
        assert next(found)[1]["status"] == "running"
        api.post(f"/v1/traces/{ref}/events", content=lines(5))
        name, batch = next(found)
        assert (name, [event["seq"] for event in batch]) == ("events", [5])
    api.post(f"/v1/traces/{ref}/events", content=lines(6, 9))
    resumed = {"Last-Event-ID": "5"}
    with api.stream("GET", f"/v1/traces/{ref}/stream", headers=resumed) as stream:
        found = messages(stream)
        assert [event["seq"] for event in next(found)[1]] == [6, 9]
        api.post(f"/v1/traces/{ref}/finish", json={"status": "passed"})
        rest = list(found)
    assert rest[-1][0] == "end"
    assert rest[-2][1]["processed"] is True


def test_a_cold_trace_has_no_stream(api: httpx.Client) -> None:
    ref = open_live(api)
    api.post(f"/v1/traces/{ref}/finish", json={"status": "passed"})
    Trace.objects.filter(short_id=ref).update(tier="cold")
    answer = api.get(f"/v1/traces/{ref}/stream")
    assert (answer.status_code, answer.json()["error"]) == (409, "trace_cold")


def test_fifty_open_streams_leave_the_pages_alone(api: httpx.Client, live_stack: LiveStack) -> None:
    ref = open_live(api)
    api.post(f"/v1/traces/{ref}/events", content=lines(1))
    opened, closing = threading.Barrier(STREAMS + 1, timeout=60), threading.Event()
    heard: list[int] = []

    def follow() -> None:
        with (
            httpx.Client(base_url=live_stack.url, headers=api.headers, timeout=60) as client,
            client.stream("GET", f"/v1/traces/{ref}/stream") as stream,
        ):
            found = messages(stream)
            next(found)
            opened.wait()
            for name, batch in found:
                if name == "events":
                    heard.append(batch[0]["seq"])
                    return

    followers = [threading.Thread(target=follow) for _ in range(STREAMS)]
    for follower in followers:
        follower.start()
    opened.wait()
    begun = monotonic()
    for _ in range(5):
        assert api.get("/v1/traces").status_code == 200
    assert monotonic() - begun < 10
    assert api.post(f"/v1/traces/{ref}/events", content=lines(2)).status_code == 200
    for follower in followers:
        follower.join(30)
    closing.set()
    assert heard == [2] * STREAMS


def test_a_stream_is_only_for_those_who_may_look(api: httpx.Client, live_stack: LiveStack) -> None:
    ref = open_live(api)
    path = f"{live_stack.url}/v1/traces/{ref}/stream"
    assert httpx.get(path).status_code == 401
    assert httpx.get(path, headers={"Authorization": "Bearer trc_x"}).status_code == 401
    assert api.get("/v1/traces/zzzzzzzzz/stream").status_code == 404


def test_a_whole_webhook_run_appended_live(api: httpx.Client) -> None:
    ref = open_live(api)
    api.post(f"/v1/traces/{ref}/events", content=encode_ndjson(webhook_run()))
    api.post(f"/v1/traces/{ref}/finish", json={"status": "failed"})
    wait_for(
        "the signature",
        lambda: (
            (api.get(f"/v1/traces/{ref}").json()["signature"] or {}).get("slug") == "webhook-404"
        ),
    )
