"""The Debugger's pages: who may ask and decide, what is shown as data, what a decision does."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from debugger.actions import replays
from debugger.actions.chat import DecisionError, decide
from debugger.actions.replays import ReplayRefusedError
from debugger.models import ChatMessage, PendingAction, Replay, ReplayRun
from debugger.tools import conversation
from debugger.tools.engine import load_engine
from tests.flows.debugger.broken_shop import SEED, BrokenShop
from trace_app.actions import projects
from trace_app.domain.roles import Role
from trace_app.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(tmp_path: Path) -> BrokenShop:
    return BrokenShop(tmp_path)


def browser(shop: BrokenShop, role: Role | None, *, htmx: bool = False) -> Client:
    client = Client(headers={"HX-Request": "true"} if htmx else None)
    client.force_login(shop.person(role))
    return client


def propose(shop: BrokenShop, words: str = "") -> PendingAction:
    said = words or f"replay from step 2 with webhook_url = {shop.names.new_route}"
    answer = conversation.ask(by=shop.person(Role.MEMBER), trace=shop.failed, text=said)
    return answer.pending_actions.get()


def test_the_page_shows_the_summary_with_links_that_move_the_playhead(shop: BrokenShop) -> None:
    ref = shop.failed.short_id
    page = browser(shop, Role.VIEWER).get(reverse("debugger:panel", args=[ref]))
    html = page.content.decode()
    assert "<title>" in html
    seq = re.search(r'data-seq="(\d+)"', html)
    assert seq is not None
    assert f'href="/traces/{ref}?step=2#seq={seq[1]}"' in html
    assert re.search(rf'href="/traces/{shop.green.short_id}/diff/{ref}#left=\d+"', html)
    assert "may ask and replay" in html


def test_inside_the_trace_page_it_is_a_part(shop: BrokenShop) -> None:
    url = reverse("debugger:panel", args=[shop.failed.short_id])
    html = browser(shop, Role.MEMBER, htmx=True).get(url).content.decode()
    assert "<title>" not in html
    assert 'id="debugger"' in html
    assert "suggest a fix" in html


def test_captured_markup_is_text(shop: BrokenShop) -> None:
    url = reverse("debugger:panel", args=[shop.failed.short_id])
    html = browser(shop, Role.MEMBER, htmx=True).get(url).content.decode()
    assert "<b>bold</b>" not in html
    assert "&lt;b&gt;bold&lt;/b&gt;" in html
    assert 'data-seq="1"' not in html


def test_asking_with_and_without_script(shop: BrokenShop) -> None:
    url = reverse("debugger:ask", args=[shop.failed.short_id])
    with_script = browser(shop, Role.MEMBER, htmx=True).post(url, {"text": "help"})
    assert with_script.status_code == 200
    assert "I answer from this trace" in with_script.content.decode()
    without = browser(shop, Role.MEMBER).post(url, {"text": "<i>x</i>"}, follow=True)
    html = without.content.decode()
    assert "&lt;i&gt;x&lt;/i&gt;" in html
    assert "I did not understand that" in html
    empty = browser(shop, Role.MEMBER, htmx=True).post(url, {"text": "  "})
    assert empty.status_code == 422
    assert "Write a question" in empty.content.decode()


@pytest.mark.parametrize("name", ["FailingEngine", "AnswersFailEngine"])
def test_a_question_survives_an_engine_that_fails(
    shop: BrokenShop, settings: Settings, name: str
) -> None:
    url = reverse("debugger:ask", args=[shop.failed.short_id])
    asked = "why did step 2 fail? <b>twice</b>"
    working = settings.DEBUGGER_ENGINE
    settings.DEBUGGER_ENGINE = f"tests.harness.failing_engine.{name}"
    for htmx in (True, False):
        answer = browser(shop, Role.MEMBER, htmx=htmx).post(url, {"text": asked})
        html = answer.content.decode()
        assert answer.status_code == 422
        assert ("<title>" in html) is not htmx
        assert "The Debugger could not answer" in html
        kept = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", html, re.DOTALL)
        assert kept is not None
        assert unescape(kept[1]) == asked
        assert "Ask again</button>" in html
        assert "sk-private" not in html
        assert ("The summary could not be made" in html) == (name == "FailingEngine")
    assert not ChatMessage.objects.exists()
    settings.DEBUGGER_ENGINE = working
    html = browser(shop, Role.MEMBER, htmx=True).post(url, {"text": asked}).content.decode()
    assert "Ask</button>" in html
    assert re.search(r"<textarea[^>]*>\n</textarea>", html)
    assert [one.role for one in ChatMessage.objects.all()] == ["person", "debugger"]


def test_a_program_is_told_that_the_engine_failed(shop: BrokenShop, settings: Settings) -> None:
    settings.DEBUGGER_ENGINE = "tests.harness.failing_engine.FailingEngine"
    client = browser(shop, Role.MEMBER)
    url = reverse("debugger_api:messages", args=[shop.failed.short_id])
    body = {"text": "why?"}
    answer = client.post(
        url, body, content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert (answer.status_code, answer.json()["error"]) == (502, "engine_failed")
    assert "sk-private" not in answer.content.decode()
    assert client.get(url).json() == {
        "trace": shop.failed.short_id,
        "summary": None,
        "messages": [],
    }
    settings.DEBUGGER_ENGINE = "debugger.tools.offline.OfflineEngine"
    again = client.post(
        url, body, content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert again.status_code == 201, "a failure is no answer to keep"


def test_a_question_that_is_too_long_stays_in_its_form(shop: BrokenShop) -> None:
    url = reverse("debugger:ask", args=[shop.failed.short_id])
    asked = "why? " * 1000
    html = browser(shop, Role.MEMBER).post(url, {"text": asked}).content.decode()
    assert "at most 4000 characters" in html
    assert asked.strip() in html


def test_who_may_ask(shop: BrokenShop) -> None:
    url = reverse("debugger:ask", args=[shop.failed.short_id])
    assert browser(shop, Role.VIEWER).post(url, {"text": "help"}).status_code == 403
    assert browser(shop, None).post(url, {"text": "help"}).status_code == 404
    assert Client().post(url, {"text": "help"}).status_code == 302
    assert not ChatMessage.objects.exists()


def test_confirming_starts_the_replay_once(shop: BrokenShop) -> None:
    action = propose(shop)
    client = browser(shop, Role.MEMBER, htmx=True)
    url = reverse("debugger:action", args=[action.pk])
    html = client.post(url, {"decision": "confirm"}).content.decode()
    replay = Replay.objects.get()
    assert replay.from_step == 2
    assert replay.has_edits
    assert "queued" in html
    assert f'hx-get="{url}"' in html
    again = client.post(url, {"decision": "confirm"}).content.decode()
    assert "confirmed already" in again
    assert Replay.objects.count() == 1
    assert AuditEntry.objects.filter(action="debugger.confirmed", target=str(action.pk)).exists()


def test_declining_starts_nothing(shop: BrokenShop) -> None:
    action = propose(shop)
    url = reverse("debugger:action", args=[action.pk])
    browser(shop, Role.MEMBER).post(url, {"decision": "decline"})
    action.refresh_from_db()
    assert action.decision == "declined"
    assert not Replay.objects.exists()


def test_a_proposal_expires_and_cannot_be_changed(shop: BrokenShop) -> None:
    member = shop.person(Role.MEMBER)
    old = propose(shop)
    PendingAction.objects.filter(pk=old.pk).update(expires=timezone.now() - timedelta(seconds=1))
    with pytest.raises(DecisionError, match="10 minutes"):
        decide(by=member, call_id=old.pk, confirm=True)
    changed = propose(shop)
    PendingAction.objects.filter(pk=changed.pk).update(
        arguments={**changed.arguments, "from_step": 1}
    )
    with pytest.raises(DecisionError, match="not the one that was shown"):
        decide(by=member, call_id=changed.pk, confirm=True)
    assert not Replay.objects.exists()


def test_the_right_is_checked_again_when_the_action_runs(shop: BrokenShop) -> None:
    action = propose(shop)
    with pytest.raises(DecisionError) as refused:
        decide(by=shop.person(Role.VIEWER), call_id=action.pk, confirm=True)
    assert refused.value.code == "forbidden"
    url = reverse("debugger:action", args=[action.pk])
    assert browser(shop, Role.VIEWER).post(url, {"decision": "confirm"}).status_code == 403
    assert browser(shop, None).post(url, {"decision": "confirm"}).status_code == 404


def test_a_refused_replay_leaves_the_proposal_open(shop: BrokenShop) -> None:
    action = propose(shop)
    shop.failed.tier = "cold"
    shop.failed.save()
    with pytest.raises(ReplayRefusedError):
        decide(by=shop.person(Role.MEMBER), call_id=action.pk, confirm=True)
    action.refresh_from_db()
    assert action.decision == ""


def test_after_success_it_links_the_difference(shop: BrokenShop) -> None:
    action = propose(shop)
    url = reverse("debugger:action", args=[action.pk])
    client = browser(shop, Role.MEMBER, htmx=True)
    client.post(url, {"decision": "confirm"})
    replay = Replay.objects.get()
    replay.status, replay.diff = "succeeded", {"sentence": "Step 2 now passes."}
    replay.save()
    ReplayRun.objects.create(replay=replay, number=1, status="succeeded", trace=shop.green)
    html = client.get(url).content.decode()
    assert "Step 2 now passes." in html
    assert f"/traces/{shop.failed.short_id}/diff/{shop.green.short_id}" in html
    assert "load delay" not in html


def test_the_comparison_marks_first_divergences_and_links_both_sides(shop: BrokenShop) -> None:
    a, b = shop.green.short_id, shop.failed.short_id
    html = browser(shop, Role.VIEWER).get(reverse("debugger:diff", args=[a, b])).content.decode()
    assert "Step 2 now fails" in html
    assert html.count("first divergence") == 4
    assert f"/traces/{a}?step=2#seq=" in html
    assert f"/traces/{b}?step=2#seq=" in html
    assert "not captured in either trace" in html
    assert "New regressions" in html
    assert "&lt;b&gt;bold" in html
    assert browser(shop, None).get(reverse("debugger:diff", args=[a, b])).status_code == 404


def test_the_comparison_of_a_trace_with_itself_is_empty(shop: BrokenShop) -> None:
    ref = shop.green.short_id
    url = reverse("debugger:diff", args=[ref, ref])
    html = browser(shop, Role.VIEWER).get(url).content.decode()
    assert "Nothing differs" in html
    assert "No new regression" in html


def test_the_api_asks_lists_and_decides(shop: BrokenShop) -> None:
    client = browser(shop, Role.MEMBER)
    url = f"/v1/traces/{shop.failed.short_id}/debugger/messages"
    made = client.post(
        url,
        {"text": f"replay from step 2 with webhook_url = {shop.names.new_route}"},
        content_type="application/json",
    )
    assert made.status_code == 201
    (action,) = made.json()["pending_actions"]
    keyed = {"path": url, "data": {"text": "help"}, "content_type": "application/json"}
    first = client.post(**keyed, headers={"Idempotency-Key": "k"}).json()  # type: ignore[arg-type]
    assert client.post(**keyed, headers={"Idempotency-Key": "k"}).json() == first  # type: ignore[arg-type]
    listed = client.get(url).json()
    assert [m["role"] for m in listed["messages"]] == ["person", "debugger"] * 2
    assert "answered 404" in listed["summary"]["text"]
    decided = f"/v1/debugger/actions/{action['call_id']}"
    confirm = {"decision": "confirm"}
    decision = client.post(decided, confirm, content_type="application/json")
    assert decision.json()["replay"] == str(Replay.objects.get().pk)
    second = client.post(decided, confirm, content_type="application/json")
    assert (second.status_code, second.json()["error"]) == (409, "already_decided")
    viewer = browser(shop, Role.VIEWER)
    assert viewer.post(url, {"text": "x"}, content_type="application/json").status_code == 403
    assert viewer.get(url).status_code == 200


def test_the_source_is_read_in_no_transaction(
    shop: BrokenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = len(connection.savepoint_ids)
    inside: list[int] = []
    judge = replays._judge

    def judged(*args: Any, **more: Any) -> Any:
        inside.append(len(connection.savepoint_ids) - outside)
        return judge(*args, **more)

    def loaded() -> Any:
        inside.append(len(connection.savepoint_ids) - outside)
        return load_engine()

    action = propose(shop)
    monkeypatch.setattr(replays, "_judge", judged)
    monkeypatch.setattr(conversation, "load_engine", loaded)
    client = browser(shop, Role.MEMBER)
    url = f"/v1/traces/{shop.failed.short_id}/debugger/messages"
    for _ in range(2):
        asked = client.post(
            url,
            {"text": "help"},
            content_type="application/json",
            headers={"Idempotency-Key": "k"},
        )
        assert asked.status_code == 201
    decided = client.post(
        f"/v1/debugger/actions/{action.pk}",
        {"decision": "confirm"},
        content_type="application/json",
    )
    assert decided.status_code == 200
    # One question, which was repeated, and one replay.
    assert inside == [0, 0]


def test_a_proposal_that_was_declined_meanwhile_starts_nothing(
    shop: BrokenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, judge = propose(shop), replays._judge

    def judged(*args: Any, **more: Any) -> Any:
        decide(by=shop.person(Role.OWNER), call_id=action.pk, confirm=False)
        return judge(*args, **more)

    monkeypatch.setattr(replays, "_judge", judged)
    with pytest.raises(DecisionError, match="declined already"):
        decide(by=shop.person(Role.MEMBER), call_id=action.pk, confirm=True)
    action.refresh_from_db()
    assert action.decision == "declined"
    assert not Replay.objects.exists()


def test_a_key_may_ask_but_not_confirm(shop: BrokenShop) -> None:
    key = projects.create_api_key(by=SEED, team=shop.team, name="CI", scopes=["operate"])
    client = Client(headers={"Authorization": f"Bearer {key.secret}"})
    url = f"/v1/traces/{shop.failed.short_id}/debugger/messages"
    made = client.post(url, {"text": "replay from step 2"}, content_type="application/json")
    assert made.status_code == 201
    action = made.json()["pending_actions"][0]["call_id"]
    confirm = {"decision": "confirm"}
    url = f"/v1/debugger/actions/{action}"
    assert client.post(url, confirm, content_type="application/json").status_code == 403
    assert not Replay.objects.exists()
