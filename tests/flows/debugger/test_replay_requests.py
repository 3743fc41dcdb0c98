"""Asking for a replay: what is refused and how, who may ask, the form, and calling it off."""

from functools import partial
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from debugger.actions.replays import ReplayRefusedError, cancel_replay, request_replay
from debugger.domain.edits import Edits, SourceDiff
from debugger.domain.replay_states import ReplayMode, ReplayStatus
from debugger.domain.unified_diff import make_diff
from debugger.models import Replay
from tests.flows.debugger.recorded import SCENARIO, House, greeting, steps
from tests.flows.debugger.toy import APP
from trace_app.domain.roles import Role
from trace_app.models import AuditEntry, Trace
from trace_app.storage import capsules

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.build(tmp_path)


@pytest.fixture
def trace(house: House) -> Trace:
    return house.trace()


def login(house: House, role: Role | None) -> Client:
    client = Client()
    client.force_login(house.person(role))
    return client


def refusal(house: House, trace: Trace, **asked: object) -> ReplayRefusedError:
    facts: dict[str, object] = {"from_step": 3, "edits": Edits(), **asked}
    with pytest.raises(ReplayRefusedError) as caught:
        request_replay(by=house.person(Role.OWNER), trace=trace, **facts)  # type: ignore[arg-type]
    assert not Replay.objects.exists()
    return caught.value


def test_a_replay_is_queued_with_its_mode_and_reason(house: House, trace: Trace) -> None:
    by = house.person(Role.MEMBER)
    replay = request_replay(by=by, trace=trace, from_step=3, edits=greeting("Hello"))
    assert (replay.status, replay.mode) == (ReplayStatus.QUEUED, ReplayMode.FAST_FORWARD)
    assert AuditEntry.objects.filter(action="replay.requested", actor=by).exists()


def test_with_a_capsule_only_edits_before_the_step_run_again(house: House, trace: Trace) -> None:
    by = house.person(Role.MEMBER)
    capsules.save(trace, {"version": 1, "before": {}})
    later = steps('text "1 entries"', 'text "one"')
    early = steps('text "0 entries"', 'text "none"')
    asked = [(Edits(), "restore"), (later, "restore"), (early, "fast_forward")]
    for edits, mode in [*asked, (greeting("Hi"), "fast_forward")]:
        assert request_replay(by=by, trace=trace, from_step=3, edits=edits).mode == mode


@pytest.mark.parametrize(
    ("path", "text", "word"),
    [
        (".github/workflows/x.yml", "on: push\n", "CI"),
        ("../x", "x\n", "inside the repository"),
        ("app.py", "other = 1\n", "does not apply"),
    ],
)
def test_edits_are_refused_with_reasons(
    house: House, trace: Trace, path: str, text: str, word: str
) -> None:
    old = "not what stands there\n" if path == "app.py" else None
    edits = Edits(source_diffs=(SourceDiff(path, make_diff(path, old, text)),))
    error = refusal(house, trace, edits=edits)
    assert (error.code, error.status) == ("edits_refused", 422)
    assert word in error.reasons[0]


@pytest.mark.parametrize(
    ("fields", "asked", "code", "status"),
    [
        ({"tier": "cold"}, {}, "trace_cold", 409),
        ({"status": "running"}, {}, "trace_unfinished", 409),
        ({"scenario_path": ""}, {}, "not_replayable", 409),
        ({"code_sha": "f" * 40}, {}, "source_unavailable", 409),
        ({}, {"from_step": 6}, "bad_step", 422),
        ({}, {"repeat": 11}, "bad_repeat", 422),
    ],
)
def test_what_cannot_be_replayed_says_why(
    house: House, fields: dict[str, object], asked: dict[str, object], code: str, status: int
) -> None:
    error = refusal(house, house.trace(**fields), **asked)
    assert (error.code, error.status) == (code, status)


def test_an_idempotency_key_starts_once(house: House, trace: Trace) -> None:
    by = house.person(Role.MEMBER)
    ask = partial(request_replay, by=by, trace=trace, edits=Edits(), idempotency_key="k1")
    first = ask(from_step=3)
    assert ask(from_step=3) == first
    with pytest.raises(ReplayRefusedError) as caught:
        ask(from_step=4)
    assert caught.value.code == "idempotency_conflict"


def test_a_queued_replay_is_canceled_at_once(house: House, trace: Trace) -> None:
    by = house.person(Role.MEMBER)
    replay = request_replay(by=by, trace=trace, from_step=3, edits=Edits())
    assert cancel_replay(by=by, replay=replay).status == ReplayStatus.CANCELED
    assert cancel_replay(by=by, replay=replay).status == ReplayStatus.CANCELED


def test_the_form_edits_files_and_starts_a_replay(house: House, trace: Trace) -> None:
    client = login(house, Role.MEMBER)
    url = reverse("debugger:replay_modal", args=[trace.short_id])
    page = client.get(url)
    assert 'fill field "Name" with "Grace"' in page.content.decode().replace("&quot;", '"')
    opened = client.post(url, {"action": "open", "open": "app.py", "from_step": "3"})
    assert "Guest book" in opened.content.decode()
    answer = client.post(
        url,
        {
            "action": "start",
            "from_step": "3",
            "mode": "",
            "repeat": "2",
            "scenario": (page.context["draft"].scenario.text).replace("\n", "\r\n"),
            "path": "app.py",
            "text": APP.replace("Welcome", "Hello").replace("\n", "\r\n"),
        },
    )
    replay = Replay.objects.get()
    assert answer.headers["Location"] == reverse("debugger:replay", args=[replay.pk])
    assert replay.edits == greeting("Hello").to_json()
    assert replay.repeat == 2


def test_the_form_shows_refusals_and_keeps_what_was_typed(house: House, trace: Trace) -> None:
    client = login(house, Role.MEMBER)
    url = reverse("debugger:replay_modal", args=[trace.short_id])
    form = {"action": "start", "from_step": "3", "scenario": "nonsense", "repeat": "1"}
    answer = client.post(url, form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "line 1, column 1" in text
    assert "nonsense" in text
    assert "<html" not in text


def test_an_earlier_replay_is_the_start_of_the_next(house: House, trace: Trace) -> None:
    client = login(house, Role.MEMBER)
    replay = request_replay(
        by=house.person(Role.OWNER), trace=trace, from_step=3, edits=greeting("Moin")
    )
    url = reverse("debugger:replay_modal", args=[trace.short_id])
    assert "Moin" in client.get(url, {"base": str(replay.pk)}).content.decode()
    assert client.get(url, {"base": "nonsense"}).status_code == 404


def test_a_cold_trace_shows_why_it_cannot(house: House) -> None:
    trace = house.trace(tier="cold")
    url = reverse("debugger:replay_modal", args=[trace.short_id])
    assert "cold" in login(house, Role.MEMBER).get(url).content.decode()


def test_a_viewer_looks_but_does_not_replay(house: House, trace: Trace) -> None:
    replay = request_replay(
        by=house.person(Role.OWNER), trace=trace, from_step=3, edits=greeting("Moin")
    )
    viewer, stranger = login(house, Role.VIEWER), login(house, None)
    form = reverse("debugger:replay_modal", args=[trace.short_id])
    page = reverse("debugger:replay", args=[replay.pk])
    cancel = reverse("debugger:replay_cancel", args=[replay.pk])
    patch = reverse("debugger:patch", args=[trace.short_id])
    assert viewer.get(page).status_code == viewer.get(patch).status_code == 200
    assert viewer.get(form).status_code == viewer.post(cancel).status_code == 403
    for url in (page, patch, form):
        assert stranger.get(url).status_code == 404
    assert stranger.post(cancel).status_code == 404
    assert "Moin" in viewer.get(patch).content.decode()


def test_progress_is_polled_until_the_end(house: House, trace: Trace) -> None:
    client = login(house, Role.MEMBER)
    replay = request_replay(by=house.person(Role.OWNER), trace=trace, from_step=3, edits=Edits())
    url = reverse("debugger:replay", args=[replay.pk])
    part = client.get(url, headers={"HX-Request": "true"})
    assert "Waiting for a worker" in part.content.decode()
    assert "<html" not in part.content.decode()
    client.post(reverse("debugger:replay_cancel", args=[replay.pk]))
    assert client.get(url, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert SCENARIO not in client.get(url).content.decode()
