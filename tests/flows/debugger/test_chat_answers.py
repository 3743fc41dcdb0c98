"""The offline Debugger on a recorded failure with a real repository behind it."""

import warnings
from pathlib import Path

import pytest
from django.core.cache import CacheKeyWarning

from debugger.domain.citations import citations
from debugger.models import ChatMessage, PendingAction
from debugger.tools import conversation
from debugger.tools.engine import Reply
from debugger.tools.offline import OfflineEngine
from debugger.tools.toolbox import Toolbox
from tests.flows.debugger.broken_shop import SCENARIO, BrokenShop
from trace_app.domain.roles import Role
from trace_app.queries.events import get_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(tmp_path: Path) -> BrokenShop:
    return BrokenShop(tmp_path)


def ask(shop: BrokenShop, text: str) -> ChatMessage:
    return conversation.ask(by=shop.person(Role.MEMBER), trace=shop.failed, text=text)


def pending(answer: ChatMessage) -> PendingAction:
    return answer.pending_actions.get()


def test_the_summary_names_step_evidence_file_and_commit(shop: BrokenShop) -> None:
    opening = conversation.opening(shop.failed)
    text = opening.text
    assert text.startswith(f'Step 2 `click button "{shop.names.button}"` failed:')
    assert f"`POST {shop.names.old_route}` from clone:stripe answered 404, 3 times" in text
    assert "`stripe: payment_intents[0].amount`: `900`" in text
    assert "`web.py:4`, commit" in text
    assert "“Move the callback” by Ada" in text
    assert "`prices.py:2`, commit" in text
    assert f"`.molar/molar.toml:5` still says `{shop.names.old_route}`" in text


def test_every_citation_of_the_summary_is_an_event_of_its_trace(shop: BrokenShop) -> None:
    opening = conversation.opening(shop.failed)
    found = citations(opening.text)
    assert {c.ref for c in found} == {None, shop.green.short_id}
    for citation in found:
        trace = shop.failed if citation.ref is None else shop.green
        assert get_event(trace, citation.seq) is not None


def test_a_summary_is_kept_whatever_the_engine_is_called(
    shop: BrokenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Named(OfflineEngine):
        name = "a local model (70 b), " + "quantised " * 30
        asked = 0

        def summarize(self, tools: Toolbox) -> Reply:
            Named.asked += 1
            return super().summarize(tools)

    monkeypatch.setattr(conversation, "load_engine", Named)
    with warnings.catch_warnings():
        warnings.simplefilter("error", CacheKeyWarning)
        first, second = conversation.opening(shop.failed), conversation.opening(shop.failed)
    assert first == second
    assert first.engine == Named.name
    assert Named.asked == 1


def test_captured_text_is_shown_as_data_and_cites_nothing(shop: BrokenShop) -> None:
    answer = ask(shop, "show console errors")
    assert "<b>bold</b>" in answer.text
    assert "(seq∶1)" in answer.text
    (cited,) = answer.cited
    event = get_event(shop.failed, cited["seq"])
    assert event is not None
    assert event.kind == "console.message"


def test_why_and_the_other_questions(shop: BrokenShop) -> None:
    assert ask(shop, "why did step 2 fail?").text.startswith("Step 2 `click button")
    assert "Step 2 `click" in ask(shop, "why did step 1 fail?").text
    assert ask(shop, "why did step 9 fail?").text == (
        "There is no step 9 in this trace; it has 2 steps."
    )
    change = ask(shop, "what changed in the stripe clone between step 1 and 2?").text
    assert '- `payment_intents[0]` is new: `{"amount": 9000, "id": "pi_1"}`' in change
    green = ask(shop, "compare with the last green run").text
    assert shop.green.short_id in green
    assert "payment_intents[0].amount" in green
    assert "Storage: not captured in either run." in green
    only = ask(shop, "compare the network with the last green run").text
    assert "payment_intents" not in only.partition("\n")[2]
    assert "404" in ask(shop, "show network errors").text
    assert "web.py:4" in ask(shop, f"search for {shop.names.new_route}").text
    assert "@web.post" in ask(shop, "read web.py").text
    assert "There is no file" in ask(shop, "read nothing.py").text
    assert "no event 999" in ask(shop, "show seq 999").text
    assert "Mender has not" in ask(shop, "what does mender say?").text


def test_what_is_not_understood_is_answered_with_what_can_be_asked(shop: BrokenShop) -> None:
    text = ask(shop, "tell me a joke").text
    assert text.startswith("I did not understand that.")
    assert "why did step 7 fail?" in text


@pytest.mark.parametrize(
    "words",
    [
        "webhook_url = {new}",
        "the webhook url {new}",
        "{old} → {new} in .molar/molar.toml",
        "use {new} instead of {old}",
        "point webhook_url at {new}",
    ],
)
def test_a_replay_is_proposed_from_the_words(shop: BrokenShop, words: str) -> None:
    said = words.format(old=shop.names.old_route, new=shop.names.new_route)
    answer = ask(shop, f"replay from step 2 with {said}")
    action = pending(answer)
    assert action.arguments["from_step"] == 2
    (diff,) = action.arguments["edits"]["source_diffs"]
    assert diff["path"] == ".molar/molar.toml"
    assert f'+webhook_url = "http://app{shop.names.new_route}"' in diff["diff"]
    assert "Nothing has run yet" in answer.text


def test_several_changes_make_one_proposal_that_git_applies(shop: BrokenShop) -> None:
    names = shop.names
    answer = ask(
        shop,
        f"replay from step 2 with webhook_url = {names.new_route} and "
        f"`if not {names.rebate}` → `if {names.rebate}`",
    )
    diffs = pending(answer).arguments["edits"]["source_diffs"]
    assert [item["path"] for item in diffs] == [".molar/molar.toml", "prices.py"]


def test_a_scenario_edit_is_the_scenario_diff(shop: BrokenShop) -> None:
    answer = ask(shop, f'replay with use "Buy now" instead of "{shop.names.button}"')
    edits = pending(answer).arguments["edits"]
    assert edits["source_diffs"] == []
    assert '+2. click button "Buy now"' in edits["scenario_diff"]
    assert SCENARIO in edits["scenario_diff"]


def test_the_suggested_fix_completes_the_rename_and_takes_back_the_inversion(
    shop: BrokenShop,
) -> None:
    answer = ask(shop, "suggest a fix")
    diffs = {d["path"]: d["diff"] for d in pending(answer).arguments["edits"]["source_diffs"]}
    assert set(diffs) == {".molar/molar.toml", "prices.py"}
    assert f"+    if {shop.names.rebate}.valid():" in diffs["prices.py"]


def test_a_named_change_can_be_reverted(shop: BrokenShop) -> None:
    answer = ask(shop, f"replay from step 2 with revert the {shop.names.rebate} change")
    (diff,) = pending(answer).arguments["edits"]["source_diffs"]
    assert diff["path"] == "prices.py"


def test_unclear_words_are_asked_back(shop: BrokenShop) -> None:
    for words, back in (
        ("something better", "cannot read `something better` as a change"),
        ("no_such_key = 5", "`no_such_key` does not stand in the source"),
        ("revert the moon", "There are:"),
    ):
        answer = ask(shop, f"replay from step 2 with {words}")
        assert back in answer.text
        assert not answer.pending_actions.exists()
    assert "steps 1 to 2" in ask(shop, "replay from step 40 with a = 1").text


def test_an_unedited_replay_is_proposed_too(shop: BrokenShop) -> None:
    action = pending(ask(shop, "replay from step 2"))
    assert action.arguments["edits"] == {"scenario_diff": None, "source_diffs": []}


def test_without_a_repository_the_record_still_answers(shop: BrokenShop) -> None:
    shop.project.repo = "/nowhere.git"
    shop.project.save()
    shop.failed.refresh_from_db()
    text = ask(shop, "why did step 2 fail?").text
    assert "answered 404" in text
    assert "cannot be read" in text
    assert "cannot be read" in ask(shop, "suggest a fix").text


def test_a_commit_that_is_not_there_is_said_in_our_words_and_gits_stand_below(
    shop: BrokenShop,
) -> None:
    shop.failed.code_sha = "f" * 40
    shop.failed.save()
    text = ask(shop, "why did step 2 fail?").text
    assert "cannot be read. The repository has no commit ffffffffffff" in text
    assert "Word for word:\n    no such revision" in text
    assert "no such revision" not in text.partition("Word for word:")[0]
