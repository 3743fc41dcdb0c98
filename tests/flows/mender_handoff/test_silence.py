"""Attempts that Guard is silent about: who is asked when, and a Guard that answers nobody."""

from datetime import timedelta
from typing import Self

import pytest
from django.utils import timezone

from mender_handoff.clients.guard import GuardRefusedError, GuardUnreachableError
from mender_handoff.domain.messages import AttemptView, convert
from mender_handoff.models import MenderAttempt
from mender_handoff.pipeline import sending
from tests.flows.mender_handoff.shop import House, view
from trace_app.actions.projects import connect_guard
from trace_app.domain.system import System
from trace_app.models import Project, Trace

pytestmark = pytest.mark.django_db


class Guards:
    """Stands where the clients of all projects' Guards do; `asked` are the jobs in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away: set[str] = set()
        self.refuses = False

    def of(self, project: Project) -> "Guard":
        return Guard(self, project)


class Guard:
    def __init__(self, guards: Guards, project: Project) -> None:
        self.guards, self.project = guards, project

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def attempt(self, job_id: str) -> AttemptView:
        self.guards.asked.append(job_id)
        if self.project.slug in self.guards.away:
            raise GuardUnreachableError("nobody there")
        if self.guards.refuses:
            raise GuardRefusedError(404, "unknown", "no such job")
        attempt = MenderAttempt.objects.get(remote_id=job_id)
        return convert(view(attempt, 0, "patching"), AttemptView)


@pytest.fixture
def guards(monkeypatch: pytest.MonkeyPatch) -> Guards:
    made = Guards()
    monkeypatch.setattr(sending, "guard_of", made.of)
    return made


def silent(house: House, count: int) -> list[str]:
    """Attempts that Mender works on and says nothing of; the ids of their jobs."""
    names = [f"{house.project.slug}/{number}" for number in range(count)]
    for name in names:
        trace = Trace.objects.create(
            project=house.project, title="t", status="failed", source="pr", origin="molar"
        )
        MenderAttempt.objects.create(
            project=house.project,
            trace=trace,
            target_branch=name,
            state="patching",
            promoted_at=timezone.now(),
            remote_id=name,
        )
    ago = timezone.now() - timedelta(minutes=5)
    MenderAttempt.objects.filter(project=house.project).update(updated=ago)
    return names


def house_of(url: str) -> House:
    house = House.build()
    connect_guard(by=System("test"), project=house.project, guard_api_url=url, token="t")
    return house


def test_a_guard_that_is_away_is_asked_once_and_later_again(
    guards: Guards, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, here = house_of("http://a.example/guard"), house_of("http://b.example/guard")
    lost = silent(away, 20)
    heard = silent(here, 2)
    guards.away.add(away.project.slug)
    sending.ask_about_silent()
    assert len([name for name in guards.asked if name in lost]) == 1
    guards.asked.clear()
    sending.ask_about_silent()
    # The other team's turn came, and nobody is asked who was asked a moment ago.
    sending.ask_about_silent()
    assert sorted(guards.asked) == sorted(heard)
    tries = MenderAttempt.objects.filter(project=away.project).values_list("ask_tries", flat=True)
    assert set(tries) == {1}
    pauses = [due_again(away, guards, monkeypatch) for _ in range(8)]
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]


def due_again(house: House, guards: Guards, monkeypatch: pytest.MonkeyPatch) -> float:
    """Asks when the attempts are due, which is once; the minutes until they are due again."""
    rows = MenderAttempt.objects.filter(project=house.project)
    (due,) = set(rows.values_list("ask_after", flat=True))
    monkeypatch.setattr(timezone, "now", lambda: due)
    guards.asked.clear()
    sending.ask_about_silent()
    assert len([name for name in guards.asked if name.startswith(f"{house.project.slug}/")]) == 1
    (again,) = set(rows.values_list("ask_after", flat=True))
    assert due
    assert again
    return (again - due) / timedelta(minutes=1)


def test_projects_with_one_guard_wait_for_it_once(guards: Guards) -> None:
    one, two = (house_of("http://a.example/guard") for _ in range(2))
    silent(one, 2)
    silent(two, 2)
    guards.away |= {one.project.slug, two.project.slug}
    sending.ask_about_silent()
    assert len(guards.asked) == 1


def test_a_round_waits_in_vain_for_few_guards(guards: Guards) -> None:
    for number in range(5):
        house = house_of(f"http://{number}.example/guard")
        silent(house, 1)
        guards.away.add(house.project.slug)
    sending.ask_about_silent()
    assert len(guards.asked) == sending.MOST_UNREACHABLE
    sending.ask_about_silent()
    assert len(set(guards.asked)) == 5


def test_more_than_a_round_takes_all_get_their_turn(guards: Guards) -> None:
    names = silent(house_of("http://a.example/guard"), 25)
    sending.ask_about_silent()
    sending.ask_about_silent()
    assert sorted(guards.asked) == sorted(names)


def test_one_refused_attempt_is_asked_about_later_alone(guards: Guards) -> None:
    house = house_of("http://a.example/guard")
    names = silent(house, 2)
    guards.refuses = True
    sending.ask_about_silent()
    assert sorted(guards.asked) == names
    sending.ask_about_silent()
    assert sorted(guards.asked) == names


def test_what_guard_speaks_of_again_is_asked_about_as_at_first(guards: Guards) -> None:
    house = house_of("http://a.example/guard")
    silent(house, 1)
    guards.away.add(house.project.slug)
    sending.ask_about_silent()
    attempt = MenderAttempt.objects.get()
    house.deliver("mender.attempt.updated", view(attempt, 1, "testing"), "m1")
    attempt.refresh_from_db()
    assert (attempt.ask_after, attempt.ask_tries) == (None, 0)
