"""A share of a run that goes on: its stream, on the running product, and how the stream ends."""

import datetime as dt
import json
from contextlib import ExitStack

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.harness.event_stream import messages
from tests.harness.live import LiveStack, wait_for
from tests.harness.long_log import BY, running, step_events
from tests.harness.record import make_project
from trace_app.actions.append import append
from trace_app.actions.shares import NewShare, create_share, revoke_share
from trace_app.actions.teams import set_role
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.ids import new_short_id
from trace_app.domain.roles import Role
from trace_app.models import Trace, TraceShare
from trace_app.serializers.live_stream import MOST_PER_SHARE

STREAMS = 50
SECRET = "ghp_" + "a1B2" * 9


@pytest.fixture
def trace(live_stack: LiveStack) -> Trace:
    """A run that has begun and done one step of four events."""
    name = f"shared-{new_short_id().lower()}"
    made = running(make_project(name, name))
    begun = Event(seq=1, ts=0, kind="run.start", data={"started_at": "2026-11-22T10:00:00Z"})
    send(made, begun, *step_events(1, 2, 2))
    return made


@pytest.fixture
def share(trace: Trace) -> NewShare:
    return create_share(by=BY, trace=trace, days=1)


def send(trace: Trace, *sent: Event) -> None:
    append(by=BY, trace=trace, body=encode_ndjson(sent))


def path_of(stack: LiveStack, share: NewShare, *, embedded: bool = False) -> str:
    below = "/embed" if embedded else ""
    return f"{stack.url}/r/{share.ref.short_id}/{share.ref.secret}{below}/stream"


@pytest.mark.parametrize("embedded", [False, True])
def test_a_holder_hears_what_a_page_draws_and_no_more(
    live_stack: LiveStack, trace: Trace, share: NewShare, embedded: bool
) -> None:
    url = path_of(live_stack, share, embedded=embedded)
    with httpx.stream("GET", f"{url}?after=5", timeout=30) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert stream.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in stream.headers["Cache-Control"]
        found = messages(stream)
        name, begun = next(found)
        assert (name, [event["seq"] for event in begun]) == ("steps", [2, 5])
        assert begun[0]["data"] == {"title": "Import order 1", "depth": 0}
        assert next(found)[0] == "state"
        title = f"Fill the token {SECRET}"
        send(
            trace,
            Event(seq=6, ts=120, kind="step.start", step=2, data={"title": title, "page": "p"}),
            Event(seq=7, ts=130, kind="app.log", step=2, data={"text": f"sent {SECRET}"}),
        )
        name, heard = next(found)
    assert (name, [event["seq"] for event in heard]) == ("events", [6, 7])
    assert set(heard[0]["data"]) == {"title"}
    assert heard[1].get("data", {}) == {}, "a line of the log is asked for where it is shown"
    assert SECRET not in json.dumps(heard)
    assert heard[0]["data"]["title"].startswith("Fill the token")


def test_a_reader_who_comes_back_hears_the_rest_alone(
    live_stack: LiveStack, trace: Trace, share: NewShare
) -> None:
    resumed = {"Last-Event-ID": "4"}
    url = path_of(live_stack, share)
    with httpx.stream("GET", url, headers=resumed, timeout=30) as stream:
        name, heard = next(messages(stream))
    assert (name, [event["seq"] for event in heard]) == ("events", [5])


def test_a_revoked_share_ends_its_stream_at_once_and_no_other(
    live_stack: LiveStack, trace: Trace, share: NewShare
) -> None:
    other = create_share(by=BY, trace=trace, days=1)
    with (
        httpx.stream("GET", path_of(live_stack, share), timeout=10) as closed,
        httpx.stream("GET", path_of(live_stack, other), timeout=10) as open_one,
    ):
        found, others = messages(closed), messages(open_one)
        assert [next(found)[0] for _ in range(3)] == ["steps", "events", "state"]
        assert [next(others)[0] for _ in range(3)] == ["steps", "events", "state"]
        revoke_share(by=BY, share=share.row)
        send(trace, *step_events(2, 6, 2))
        rest = list(found)
        assert next(others)[1][0]["seq"] == 6
    assert [name for name, _ in rest][-1] == "end"
    assert "events" not in [name for name, _ in rest], "nothing after the revocation"
    assert httpx.get(path_of(live_stack, share)).status_code == 404


def test_an_expired_share_ends_its_stream_without_being_told(
    live_stack: LiveStack, trace: Trace, share: NewShare
) -> None:
    TraceShare.objects.filter(pk=share.row.pk).update(
        expires=timezone.now() + dt.timedelta(seconds=2)
    )
    # Ten seconds without a byte would be an error: the stream's own beat is fifteen.
    with httpx.stream("GET", path_of(live_stack, share), timeout=10) as stream:
        names = [name for name, _ in messages(stream)]
    assert names == ["steps", "events", "state", "end"]
    assert httpx.get(path_of(live_stack, share)).status_code == 404


def test_fifty_open_pages_leave_the_others_alone(
    live_stack: LiveStack, trace: Trace, share: NewShare
) -> None:
    user = User.objects.create_user(f"vera-{trace.short_id.lower()}")
    set_role(by=BY, team=trace.project.team, user=user, role=Role.VIEWER)
    browser = Client()
    browser.force_login(user)
    cookies = {"sessionid": browser.cookies["sessionid"].value}
    page = f"{live_stack.url}/traces/{trace.short_id}"
    with ExitStack() as every, httpx.Client(timeout=30, limits=httpx.Limits()) as client:
        opened = []
        for no in range(STREAMS):
            url = path_of(live_stack, share) if no % 2 else f"{page}/stream"
            asked = client.stream("GET", url, cookies=None if no % 2 else cookies)
            found = messages(every.enter_context(asked))
            assert next(found)[0] == "steps"
            opened.append(found)
        # A stream that kept its connection to the database would have used up the pool.
        for _ in range(5):
            assert httpx.get(page, cookies=cookies, timeout=30).status_code == 200
        send(trace, *step_events(2, 6, 2))
        for found in opened:
            heard = (data[-1]["seq"] for name, data in found if name == "events")
            assert next(seq for seq in heard if seq == 9)


def test_who_is_one_too_many_is_told_when_to_ask_again(
    live_stack: LiveStack, trace: Trace, share: NewShare
) -> None:
    """However the streams fall to two web processes, one of so many finds no place."""
    url, too_many = path_of(live_stack, share), 2 * MOST_PER_SHARE + 1
    with httpx.Client(timeout=30, limits=httpx.Limits()) as client:
        with ExitStack() as every:
            # Kept until all have begun: a reader that is forgotten is a stream that is closed.
            asked = [every.enter_context(client.stream("GET", url)) for _ in range(too_many)]
            opened = [stream.iter_lines() for stream in asked]
            first = [next(lines) for lines in opened]
        assert "event: steps" in first
        refused = [line for line in first if line != "event: steps"]
        assert refused
        assert set(refused) == {"retry: 30000"}

        def admitted() -> str | None:
            with client.stream("GET", url) as stream:
                line = next(stream.iter_lines())
            return line if line == "event: steps" else None

        assert wait_for("room for one more", admitted)
