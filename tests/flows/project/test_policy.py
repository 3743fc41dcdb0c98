"""The table of rights, asked address by address: strangers, the missing, viewers and the anonymous."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from debugger.models import ChatMessage, PendingAction, Replay
from mender_handoff.domain.attempt_states import State
from mender_handoff.guard.models import GuardCheck, GuardRepository, PullRequest
from mender_handoff.models import MenderAttempt
from tests.harness.addresses import Address, addresses, nothing
from tests.harness.url_policy import POLICY, Access
from trace_app.actions.projects import create_api_key, create_project
from trace_app.actions.teams import create_team, set_role
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.models import Team, Trace

BY = System("test")
ALL = {address.name: address for address in addresses()}
OF_A_TEAM = {Access.TEAM, Access.OPERATE, Access.PROMOTE, Access.OWNER}
Answers = dict[str, int]


def rows(*kinds: Access) -> list[str]:
    return [name for name, access in POLICY.items() if access in kinds and name in ALL]


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert {"without a row": ALL.keys() - POLICY.keys()} == {"without a row": set()}
    assert {"without an address": POLICY.keys() - ALL.keys()} == {"without an address": set()}


@pytest.fixture
def objects(transactional_db: None) -> dict[str, object]:
    """One object of every kind, all of them in the team Acme.

    Not in one transaction: the event stream gives its connection back.
    """
    team = create_team(by=BY, slug="acme", name="Acme")
    project = create_project(by=BY, team=team, slug="shop", name="Shop", repo="/nowhere")
    trace = Trace.objects.create(
        project=project, title="Checkout", status="failed", source="pr", origin="bundle"
    )
    replay = Replay.objects.create(trace=trace, from_step=1)
    message = ChatMessage.objects.create(trace=trace, role="debugger", text="Replay?")
    action = PendingAction.objects.create(
        trace=trace,
        message=message,
        tool="run_layer2_replay",
        arguments={},
        expires=timezone.now() + timedelta(minutes=10),
    )
    attempt = MenderAttempt.objects.create(
        project=project, trace=trace, target_branch="main", state=State.SUGGESTED
    )
    repository = GuardRepository.objects.create(slug="shop", path="/nowhere", trace_url="http://t")
    check = GuardCheck.objects.create(repository=repository, sha="0" * 40, branch="main")
    PullRequest.objects.create(repository=repository, number=1, head="pr/1", base="main")
    key = create_api_key(by=BY, team=team, name="CI", scopes=["read"]).row
    return nothing() | {
        "ref": trace.short_id, "a": trace.short_id, "b": trace.short_id,
        "teams:slug": team.slug, "projects:slug": project.slug, "repo": project.slug,
        "key": key.pk, "replay_id": replay.pk, "call_id": action.pk,
        "pk": attempt.pk, "guard:pk": check.pk,
    }  # fmt: skip


def person(role: Role | None, team_slug: str = "acme") -> Client:
    user = User.objects.create(username=f"u{uuid.uuid4().hex[:8]}")
    team = Team.objects.filter(slug=team_slug).first() or create_team(
        by=BY, slug=team_slug, name=team_slug
    )
    set_role(by=BY, team=team, user=user, role=role)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def ask(client: Client, address: Address, objects: dict[str, object]) -> Answers:
    """Ask with every method that the address knows; 405 is no answer."""
    url = address.url(objects)
    methods: dict[str, Callable[..., object]] = {"GET": client.get, "POST": client.post}
    answers = {
        method: int(getattr(call(url), "status_code", 0)) for method, call in methods.items()
    }
    known = {method: status for method, status in answers.items() if status != 405}
    assert known, f"{address.name} knows neither GET nor POST"
    return known


def broken(*kinds: Access, rule: Callable[[Address], str]) -> dict[str, str]:
    """Return {address: what is wrong} for the addresses of these kinds that break the rule."""
    found = {name: rule(ALL[name]) for name in rows(*kinds)}
    return {name: wrong for name, wrong in found.items() if wrong}


def test_a_stranger_learns_nothing(objects: dict[str, object]) -> None:
    """What another team has, and what nobody has, answer alike."""
    stranger = person(Role.OWNER, "another-team")

    def rule(address: Address) -> str:
        theirs, missing = ask(stranger, address, objects), ask(stranger, address, nothing())
        return "" if set(theirs.values()) == {404} and theirs == missing else f"{theirs}, {missing}"

    assert broken(*OF_A_TEAM, rule=rule) == {}


def test_the_anonymous_are_sent_to_sign_in(objects: dict[str, object]) -> None:
    anonymous = Client(raise_request_exception=False)

    def rule(address: Address) -> str:
        answers = ask(anonymous, address, objects)
        return "" if set(answers.values()) == {401 if address.is_api else 302} else str(answers)

    assert broken(Access.PERSON, *OF_A_TEAM, rule=rule) == {}


def test_a_secret_of_ones_own_is_asked_for(objects: dict[str, object]) -> None:
    anonymous = Client(raise_request_exception=False)

    def rule(address: Address) -> str:
        answers = ask(anonymous, address, objects)
        return "" if set(answers.values()) <= {400, 401, 403, 404} else str(answers)

    assert broken(Access.TOKEN, rule=rule) == {}


def test_a_viewer_changes_nothing(objects: dict[str, object]) -> None:
    viewer = person(Role.VIEWER)

    def rule(address: Address) -> str:
        answers = ask(viewer, address, objects)
        return "" if answers.get("POST", 403) == 403 else str(answers)

    assert broken(Access.OPERATE, Access.PROMOTE, Access.OWNER, rule=rule) == {}


def test_a_member_is_no_owner(objects: dict[str, object]) -> None:
    member = person(Role.MEMBER)

    def rule(address: Address) -> str:
        answers = ask(member, address, objects)
        return "" if answers.get("POST", 403) == 403 else str(answers)

    assert broken(Access.OWNER, rule=rule) == {}


def test_no_address_breaks_on_an_almost_empty_object(objects: dict[str, object]) -> None:
    owner = person(Role.OWNER)

    def rule(address: Address) -> str:
        answers = ask(owner, address, objects)
        return "" if all(status < 500 for status in answers.values()) else str(answers)

    assert broken(*OF_A_TEAM, Access.PERSON, Access.OPEN, rule=rule) == {}


def test_whoever_lost_the_account_sees_nothing(objects: dict[str, object]) -> None:
    owner = person(Role.OWNER)
    User.objects.update(is_active=False)

    def rule(address: Address) -> str:
        answers = ask(owner, address, objects)
        return "" if set(answers.values()) <= {302, 401, 403, 404} else str(answers)

    assert broken(*OF_A_TEAM, rule=rule) == {}
