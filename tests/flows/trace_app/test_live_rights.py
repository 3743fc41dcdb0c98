"""Whoever may look no more hears no more of a run that goes on, on the running product."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.flows.trace_app.test_live_shares import send
from tests.harness.event_stream import messages
from tests.harness.live import LiveStack
from tests.harness.long_log import BY, running, step_events
from tests.harness.record import make_project
from trace_app.actions.projects import create_api_key, revoke_api_key
from trace_app.actions.teams import set_role
from trace_app.domain.ids import new_short_id
from trace_app.domain.roles import Role
from trace_app.models import Trace


@pytest.fixture
def trace(live_stack: LiveStack) -> Trace:
    """A run that has done one step of four events."""
    name = f"heard-{new_short_id().lower()}"
    made = running(make_project(name, name))
    send(made, *step_events(1, 2, 2))
    return made


@pytest.fixture
def vera(trace: Trace) -> User:
    user = User.objects.create_user(f"vera-{trace.short_id.lower()}")
    set_role(by=BY, team=trace.project.team, user=user, role=Role.VIEWER)
    return user


@contextmanager
def heard(url: str, **asked: Any) -> Iterator[Iterator[tuple[str, Any]]]:
    """What comes after the state in which the stream begins."""
    with httpx.stream("GET", url, timeout=20, **asked) as stream:
        found = messages(stream)
        assert next(name for name, _ in found if name == "state")
        yield found


def leave(user: User, trace: Trace) -> None:
    set_role(by=BY, team=trace.project.team, user=user, role=None)


def close(user: User, trace: Trace) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def delete(user: User, trace: Trace) -> None:
    user.delete()


@pytest.mark.parametrize("end", [leave, close, delete])
def test_a_person_without_the_right_hears_the_end(
    live_stack: LiveStack, trace: Trace, vera: User, end: Callable[[User, Trace], None]
) -> None:
    browser = Client()
    browser.force_login(vera)
    cookies = {"sessionid": browser.cookies["sessionid"].value}
    with heard(f"{live_stack.url}/traces/{trace.short_id}/stream", cookies=cookies) as found:
        end(vera, trace)
        send(trace, *step_events(2, 6, 2))
        assert [name for name, _ in found] == ["end"]


def test_a_revoked_key_hears_the_end_and_a_live_one_goes_on(
    live_stack: LiveStack, trace: Trace
) -> None:
    team, url = trace.project.team, f"{live_stack.url}/v1/traces/{trace.short_id}/stream"
    keys = [create_api_key(by=BY, team=team, name=name, scopes=["read"]) for name in "ab"]
    first, second = ({"Authorization": f"Bearer {key.secret}"} for key in keys)
    with heard(url, headers=first) as revoked, heard(url, headers=second) as live:
        revoke_api_key(by=BY, key=keys[0].row)
        send(trace, *step_events(2, 6, 2))
        assert [name for name, _ in revoked] == ["end"]
        name, events = next(live)
    assert (name, events[0]["seq"]) == ("events", 6)
