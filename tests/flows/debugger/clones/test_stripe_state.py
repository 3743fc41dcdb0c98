"""What a replay needs of the Stripe clone: the same bytes again, put back, with time and faults."""

import json
import threading

import httpx
import pytest
import stripe

from tests.flows.debugger.clones.stripe_bench import SECRET, Bench, Receiver, Start, pay


def scenario(bench: Bench) -> None:
    customer = bench.v1.customers.create({"email": "ada@example.org"})
    intent = pay(bench, customer=customer.id)
    bench.v1.refunds.create({"payment_intent": intent.id, "amount": 100})


def test_the_same_seed_and_calls_give_the_same_bytes(start: Start, receiver: Receiver) -> None:
    config = {"webhook_url": receiver.url, "webhook_secret": SECRET}
    snapshots = []
    for seed in ("a", "a", "b"):
        bench = start(seed, **config)
        scenario(bench)
        snapshots.append(bench.snapshot())
    assert snapshots[0] == snapshots[1]
    assert snapshots[0] != snapshots[2]


def test_a_snapshot_is_put_back_and_goes_on_as_before(start: Start) -> None:
    first = start("a", webhook_url="http://old/hook", webhook_events=["none"])
    scenario(first)
    middle = first.snapshot()
    scenario(first)
    second = start("a", webhook_url="http://new/hook", webhook_events=["none"])
    reply = httpx.put(f"{second.url}/_clone/snapshot", content=middle)
    assert reply.status_code == 200
    scenario(second)
    assert json.loads(second.snapshot())["state"] == json.loads(first.snapshot())["state"]
    urls = [endpoint["url"] for endpoint in second.state()["webhook_endpoints"]]
    assert urls == ["http://new/hook"]


def test_a_wrong_snapshot_is_refused_and_changes_nothing(bench: Bench) -> None:
    before = bench.snapshot()
    for wrong in (b"{", b"[]", b'{"state":{}}', b'{"schema":"clone.email/1","state":{}}'):
        assert httpx.put(f"{bench.url}/_clone/snapshot", content=wrong).status_code == 400
    assert bench.snapshot() == before


def test_the_clock_stands_until_it_is_advanced(bench: Bench) -> None:
    first = bench.v1.customers.create()
    now = httpx.put(f"{bench.url}/_clone/clock", json={"advance": 3600}).json()["now"]
    second = bench.v1.customers.create()
    assert (second.created, now) == (first.created + 3600, first.created + 3600)
    assert httpx.put(f"{bench.url}/_clone/clock", json={"advance": "x"}).status_code == 400


def test_injected_faults_are_answered_as_often_as_told(bench: Bench) -> None:
    fault = {"method": "POST", "path": "/v1/payment_*", "status": 503, "times": 1}
    httpx.post(f"{bench.url}/_clone/faults", json=fault)
    bench.v1.customers.create()
    with pytest.raises(stripe.APIError):
        pay(bench)
    assert pay(bench).status == "succeeded"
    assert httpx.post(f"{bench.url}/_clone/faults", json={"status": 9}).status_code == 400


def test_the_journal_can_be_waited_on(bench: Bench) -> None:
    threading.Timer(0.1, bench.v1.customers.create).start()
    reply = httpx.get(f"{bench.url}/_clone/journal?after=0&wait=5000").json()
    assert [entry["data"]["path"] for entry in reply["entries"]] == ["/v1/customers"]
    assert reply["next"] == 1
