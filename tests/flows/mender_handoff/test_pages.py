"""The pages of the hand-off as each role sees them, with and without htmx."""

from pathlib import Path

import pytest
from django.urls import reverse

from debugger.models import Replay
from mender_handoff.domain.attempt_states import State, outcome_of
from mender_handoff.models import MenderAttempt
from tests.flows.mender_handoff.shop import EDIT, House, check, view
from trace_app.domain.roles import Role
from trace_app.models import Trace

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House.build()


@pytest.fixture
def trace(house: House, tmp_path: Path) -> Trace:
    made = house.trace(tmp_path, check="c1")
    house.deliver("check.completed", check(made), "m1")
    attempt = MenderAttempt.objects.get()
    said = {
        "classification": "product_bug",
        "confidence": 0.81,
        "analysis_line": "urls.py <b>lost</b> it (seq:5)",
        "analysis_markdown": "**product bug** seq:5 <script>",
    }
    house.deliver("mender.attempt.updated", view(attempt, 2, "suggested", **said), "m2")
    made.refresh_from_db()
    return made


def html(house: House, role: Role, url: str, status: int = 200, **headers: str) -> str:
    answer = house.client(role).get(url, headers=headers)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_the_card(house: House, trace: Trace) -> None:
    url = reverse("mender_handoff:card", args=[trace.short_id])
    card = html(house, Role.MEMBER, url)
    assert "Product bug" in card
    assert "81 %" in card
    assert 'data-seq="5"' in card
    assert "&lt;b&gt;lost" in card
    assert "Promote to fix PR" in card
    assert "Promote to fix PR" not in html(house, Role.VIEWER, url)
    html(House.build(), Role.OWNER, url, 404)


def test_with_a_pull_request_its_link_is_what_to_press(house: House, trace: Trace) -> None:
    attempt = MenderAttempt.objects.get()
    replay = Replay.objects.create(trace=trace, from_step=7, edits=EDIT, status="succeeded")
    card = reverse("mender_handoff:card", args=[trace.short_id])
    page = reverse("mender_handoff:attempt", args=[attempt.pk])
    slot = reverse("mender_handoff:promote_slot", args=[replay.pk])
    link = '<a class="btn btn-primary" href="https://forge.example/7">Pull request #7</a>'
    attempt.pr_number, attempt.pr_url = 7, "https://forge.example/7"
    attempt.promoted_at = attempt.created
    for state, promotes in (("validated", 0), ("unproven", 1)):
        attempt.state, attempt.outcome = state, outcome_of(State(state))
        attempt.save()
        for url in (card, page):
            shown = html(house, Role.MEMBER, url)
            assert link in shown
            assert shown.count("btn-primary") == 1
            assert shown.count("Promote to fix PR") == promotes
            assert f">{state}</span>" in shown
        assert (link in html(house, Role.MEMBER, slot)) == (state == "validated")


def test_a_trace_without_attempt(house: House, tmp_path: Path) -> None:
    trace = house.trace(tmp_path)
    card = html(house, Role.VIEWER, reverse("mender_handoff:card", args=[trace.short_id]))
    assert "No analysis yet" in card


def test_the_slot_is_for_succeeded_replays_with_edits_and_for_who_may(
    house: House, trace: Trace
) -> None:
    def slot(role: Role, status: str, edits: dict) -> str:  # type: ignore[type-arg]
        replay = Replay.objects.create(trace=trace, from_step=7, edits=edits, status=status)
        return html(house, role, reverse("mender_handoff:promote_slot", args=[replay.pk]))

    assert "Promote to fix PR" in slot(Role.MEMBER, "succeeded", EDIT)
    assert "Promote" not in slot(Role.VIEWER, "succeeded", EDIT)
    assert "Promote" not in slot(Role.MEMBER, "failed", EDIT)
    assert "Promote" not in slot(Role.MEMBER, "succeeded", {})


def test_the_window_shows_every_field_and_promotes(house: House, trace: Trace) -> None:
    replay = Replay.objects.create(trace=trace, from_step=7, edits=EDIT, status="succeeded")
    url = reverse("mender_handoff:promote_modal", args=[trace.short_id])
    page = html(house, Role.MEMBER, f"{url}?replay={replay.pk}")
    for shown in (str(trace.pk), trace.short_id, "from step 7", "+b", "pr/4521", "product bug"):
        assert shown in page
    assert "<html" not in html(house, Role.MEMBER, url, hx_request="true")
    html(house, Role.VIEWER, url, 403)
    form = {
        "replay": str(replay.pk),
        "edits": EDIT["source_diffs"][0]["diff"].replace("\n", "\r\n"),  # type: ignore[index]
        "classification": "product_bug",
        "target_branch": "pr/4521",
        "action": "promote",
    }
    answer = house.client(Role.MEMBER).post(url, form)
    attempt = MenderAttempt.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("mender_handoff:attempt", args=[attempt.pk])
    assert attempt.state == "queued"
    assert attempt.patch == EDIT


def test_the_window_says_what_is_wrong(house: House, trace: Trace) -> None:
    url = reverse("mender_handoff:promote_modal", args=[trace.short_id])
    form = {"edits": "nonsense", "classification": "product_bug", "target_branch": "pr/4521"}
    client = house.client(Role.MEMBER)
    answer = client.post(url, form | {"action": "promote"})
    assert answer.status_code == 422
    assert "cannot be read" in answer.content.decode()
    answer = client.post(url, form | {"edits": "", "action": "promote"})
    assert answer.status_code == 422
    assert "No edit" in answer.content.decode()
    answer = client.post(
        url, form | {"edits": "", "action": "look"}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 200
    assert MenderAttempt.objects.get().state == "suggested"


def test_the_attempt_page_and_the_list(house: House, trace: Trace) -> None:
    attempt = MenderAttempt.objects.get()
    url = reverse("mender_handoff:attempt", args=[attempt.pk])
    page = html(house, Role.MEMBER, url)
    for stage in ("Analyze", "Patch", "Test", "Pull request", "Revalidate"):
        assert stage in page
    assert "&lt;script&gt;" in page
    assert "Dismiss" in page
    assert "Dismiss" not in html(house, Role.VIEWER, url)
    assert "<html" not in html(house, Role.VIEWER, url, hx_request="true")
    html(House.build(), Role.OWNER, url, 404)
    listed = html(house, Role.VIEWER, reverse("mender_handoff:attempts"))
    assert "product bug" in listed
    assert "No attempts here" in html(House.build(), Role.OWNER, reverse("mender_handoff:attempts"))


def test_dismissing_from_the_page(house: House, trace: Trace) -> None:
    attempt = MenderAttempt.objects.get()
    url = reverse("mender_handoff:dismiss", args=[attempt.pk])
    assert house.client(Role.VIEWER).post(url).status_code == 403
    assert house.client(Role.MEMBER).get(url).status_code == 405
    assert house.client(Role.MEMBER).post(url).status_code == 302
    attempt.refresh_from_db()
    assert attempt.state == "dismissed"
