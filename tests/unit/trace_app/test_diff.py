"""The diff engine on hand-made traces: what counts as a difference, what as a regression."""

import json
import random
from typing import Any

import msgspec
import pytest

from trace_app.domain.diff import TraceView, diff_traces, from_json, headline
from trace_app.domain.events import Event


class Recorder:
    """Builds a trace one event at a time."""

    def __init__(self, start_seq: int = 1) -> None:
        self.events: list[Event] = []
        self.seq = start_seq
        self.step: int | None = None

    def add(
        self, event_kind: str, /, *, ref: int | None = None, level: str | None = None, **data: Any
    ) -> int:
        line = {"seq": self.seq, "ts": self.seq, "kind": event_kind, "step": self.step, "ref": ref}
        self.events.append(msgspec.convert({**line, "level": level, "data": data}, Event))
        self.seq += 3
        return self.seq - 3

    def begin(self, no: int, title: str) -> "Recorder":
        self.step = no
        self.add("step.start", title=title)
        return self

    def end(self, status: str = "passed", error: str | None = None) -> "Recorder":
        self.add("step.end", status=status, error={"message": error} if error else None)
        return self

    def call(self, method: str, url: str, status: int, source: str = "browser") -> int:
        request = self.add("network.request", method=method, url=url, source=source)
        level = "error" if status >= 400 else None
        return self.add("network.response", ref=request, level=level, status=status)

    def view(self, ref: str = "trace") -> TraceView:
        return TraceView.from_events(ref, self.events)


def checkout(*, fixed: bool, start_seq: int = 1, port: int = 8000, first: int = 6) -> Recorder:
    """Two steps of a shop check: paying fails with a 404 webhook unless fixed."""
    run = Recorder(start_seq)
    base = f"http://127.0.0.1:{port}"
    if first <= 6:
        run.begin(6, 'fill field "Card"')
        run.call("GET", f"{base}/checkout?order={start_seq}", 200)
        run.add("clone.state", clone="stripe", boundary="after", state={"payment_intents": []})
        run.end()
    run.begin(7, 'click button "Pay now"')
    run.call("POST", f"{base}/orders/{start_seq}/pay", 303)
    path = "/api/webhooks/stripe" if fixed else "/api/stripe/webhook"
    status = 200 if fixed else 404
    run.call("POST", f"{base}{path}", status, source="clone:stripe")
    amount = 900 if fixed else 9000
    created = 1_700_000_000 + start_seq
    state = {
        "payment_intents": [{"id": f"pi_{start_seq:08d}", "amount": amount, "created": created}]
    }
    run.add("clone.state", clone="stripe", boundary="after", state=state)
    if fixed:
        run.end()
    else:
        run.end("failed", "webhook payment_intent.succeeded answered 404")
    return run


def test_the_sentence_names_step_path_status_and_amount() -> None:
    diff = diff_traces(
        checkout(fixed=False).view("a"), checkout(fixed=True, start_seq=50).view("b")
    )
    assert diff.sentence == (
        "Step 7 now passes: POST /api/webhooks/stripe answers 200 instead of 404; "
        "payment_intents[0].amount 9000 → 900."
    )
    assert diff.new_regressions == ()


def test_a_restored_replay_is_compared_from_its_first_step() -> None:
    child = checkout(fixed=True, first=7, port=9999)
    diff = diff_traces(checkout(fixed=False).view(), child.view())
    assert diff.first_step == 7
    assert [row.step_a for row in diff.dimensions["steps"].rows] == [7]
    assert diff.dimensions["network"].first is not None
    assert diff.dimensions["network"].first.detail["path_b"] == "/api/webhooks/stripe"


def test_ids_ports_times_and_order_inside_a_step_do_not_count() -> None:
    def run(seed: int) -> TraceView:
        recorder = Recorder(seed)
        recorder.begin(1, "navigate `/`")
        calls = [f"/items/{i * seed}" for i in range(1, 5)] + ["/cart", "/cart"]
        random.Random(seed).shuffle(calls)
        for path in calls:
            recorder.call("GET", f"http://localhost:{4000 + seed}{path}", 200)
        recorder.add("console.message", type="log", text=f"took {seed} ms at 10:00:{seed % 60:02d}")
        recorder.add("app.log", stream="stdout", text=f"[{seed + 100}] started pid {seed}")
        return recorder.end().view()

    diff = diff_traces(run(3), run(17))
    assert diff.identical, diff.to_json()
    assert diff.sentence.startswith("Nothing differs")


def test_a_broken_run_is_a_regression_with_each_reason() -> None:
    worse = checkout(fixed=False)
    worse.add("page.error", level="error", message="TypeError: total is undefined")
    worse.add(
        "assertion",
        level="error",
        ok=False,
        kind="clone",
        text="clone stripe `payment_intents.-1.amount` equals 900",
        expected=900,
        actual=9000,
    )
    diff = diff_traces(checkout(fixed=True).view(), worse.view())
    assert {item.kind for item in diff.new_regressions} == {
        "step",
        "network",
        "page_error",
        "clone_value",
    }
    assert "Step 7 now fails" in diff.sentence
    assert "New regression: Page error" in diff.sentence
    by_kind = {item.kind: item for item in diff.new_regressions}
    assert by_kind["network"].detail == "POST /api/stripe/webhook answers 404"


def test_what_failed_before_is_not_new() -> None:
    before = checkout(fixed=False)
    before.add("page.error", message="TypeError at order 1234567890")
    after = checkout(fixed=False, start_seq=90)
    after.add("page.error", message="TypeError at order 9876543210")
    assert diff_traces(before.view(), after.view()).new_regressions == ()


def test_a_request_the_browser_stopped_itself_is_no_regression() -> None:
    run = Recorder().begin(1, "navigate `/`")
    request = run.add("network.request", method="GET", url="http://app/live")
    run.add("network.failed", ref=request, error="net::ERR_ABORTED")
    plain = Recorder().begin(1, "navigate `/`").end()
    assert diff_traces(plain.view(), run.end().view()).new_regressions == ()


def test_a_refused_connection_is_a_regression() -> None:
    run = Recorder().begin(1, "navigate `/`")
    request = run.add("network.request", method="GET", url="http://app/live")
    run.add("network.failed", ref=request, error="net::ERR_CONNECTION_REFUSED")
    plain = Recorder().begin(1, "navigate `/`").end()
    (found,) = diff_traces(plain.view(), run.end().view()).new_regressions
    assert found.kind == "network"


def test_steps_are_paired_by_words_when_one_is_inserted() -> None:
    a = Recorder().begin(1, "navigate `/`").end().begin(2, 'click button "Buy"').end()
    b = Recorder().begin(1, "navigate `/`").end().begin(2, 'fill field "Name" with "A"').end()
    b.begin(3, 'click button "Buy"').end()
    diff = diff_traces(a.view(), b.view())
    (row,) = diff.dimensions["steps"].rows
    assert (row.change, row.step_a, row.step_b) == ("added", None, 2)
    assert diff.new_regressions == ()


def test_a_renamed_step_is_one_changed_row() -> None:
    a = Recorder().begin(1, 'click button "Pay now"').end("failed", "Timeout 5000 ms")
    b = Recorder().begin(1, 'click button "Complete order"').end()
    (row,) = diff_traces(a.view(), b.view()).dimensions["steps"].rows
    assert row.note == 'was: click button "Pay now"'


def test_a_request_that_slipped_into_the_next_step_is_no_difference() -> None:
    def run(late: bool) -> TraceView:
        recorder = Recorder().begin(1, "one")
        if not late:
            recorder.call("GET", "http://app/poll", 200)
        recorder.end().begin(2, "two")
        if late:
            recorder.call("GET", "http://app/poll", 200)
        return recorder.end().view()

    assert diff_traces(run(False), run(True)).identical
    assert diff_traces(run(True), run(False)).identical


def test_a_second_charge_is_a_difference() -> None:
    one, two = Recorder().begin(1, "pay"), Recorder().begin(1, "pay")
    one.call("POST", "http://app/charge", 200)
    two.call("POST", "http://app/charge", 200)
    two.call("POST", "http://app/charge", 200)
    network = diff_traces(one.end().view(), two.end().view()).dimensions["network"]
    assert network.first is not None
    assert network.first.change == "added"


def test_storage_and_page_text_show_once_where_they_start() -> None:
    def run(theme: str, heading: str) -> TraceView:
        recorder = Recorder()
        for no in (1, 2):
            recorder.begin(no, f"step {no}")
            local = {"theme": theme} if no == 2 else {}
            recorder.add("storage.state", url="http://app/", cookies=[], local=local, session={})
            recorder.add("dom.snapshot", url="http://app/", aria=f'heading "{heading}"')
            recorder.end()
        return recorder.view()

    diff = diff_traces(run("dark", "Shop"), run("light", "Store"))
    (row,) = diff.dimensions["storage"].rows
    assert (row.step_b, row.key, row.before, row.after) == (2, "local.theme", "dark", "light")
    assert diff.dimensions["dom"].first is not None
    assert diff.dimensions["dom"].first.after == 'heading "Store"'


def test_not_captured_is_said() -> None:
    a = Recorder().begin(1, "one").end()
    diff = diff_traces(a.view(), a.view())
    assert not diff.dimensions["clones"].captured_a
    assert diff.dimensions["steps"].captured_a


@pytest.mark.parametrize("fixed", [True, False])
def test_json_round_trip(fixed: bool) -> None:
    diff = diff_traces(checkout(fixed=not fixed).view("a"), checkout(fixed=fixed).view("b"))
    assert from_json(json.loads(json.dumps(diff.to_json()))) == diff


def test_the_headline_is_the_verdict_and_the_reasons_follow() -> None:
    a, b = checkout(fixed=False).view("a"), checkout(fixed=True).view("b")
    found = diff_traces(a, b)
    verdict, reasons = headline(found)
    assert verdict == "Step 7 now passes"
    assert f"{verdict}: {reasons}" == found.sentence
    same = diff_traces(a, a)
    assert headline(same) == (same.sentence, "")


def test_the_sentence_prefers_the_value_the_scenario_expects() -> None:
    def run(amount: int, attempts: int) -> Recorder:
        recorder = Recorder().begin(7, 'click button "Pay now"')
        state = {
            "aaa": [{"count": attempts}],
            "payment_intents": [{"amount": amount}],
            "webhook_deliveries": [{"attempts": attempts}],
        }
        recorder.add("clone.state", clone="stripe", state={"schema": "x", "state": state})
        text = "clone stripe `payment_intents.-1.amount` equals 900"
        recorder.add("assertion", kind="clone", text=text, ok=amount == 900)
        return recorder

    a, b = run(9000, 3).end("failed", "amount"), run(900, 1).end()
    assert diff_traces(a.view(), b.view()).sentence == (
        "Step 7 now passes: payment_intents[0].amount 9000 → 900."
    )
