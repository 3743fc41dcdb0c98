"""Evidence and classes from facts: what points where, and how sure that is."""

from typing import Any

import pytest

from mender_handoff.domain.classification import (
    RERUNS_MAX,
    WEIGHTS,
    Evidence,
    analysis_line,
    analysis_markdown,
    classify,
    reruns_worth,
)
from mender_handoff.domain.evidence import Change, Facts, find
from trace_app.domain.events import Event

SHA = "d" * 40


def assertion(**data: Any) -> Event:
    return Event(seq=40, ts=1.0, kind="assertion", step=3, data={"ok": False, **data})


def action(target: str) -> Event:
    data = {"verb": "click", "target": target, "ok": False}
    return Event(seq=41, ts=1.0, kind="agent.action", step=3, level="error", data=data)


def names(facts: Facts) -> set[str]:
    return {one.name for one in find(facts)}


def test_a_removed_route_that_answered_404() -> None:
    parts = {"network": {"method": "POST", "path": "/hooks/pay", "status": 404, "seq": 12}}
    change = Change("app/urls.py", SHA, ('route("/hooks/pay")',), ('route("/pay/hooks")',))
    found = find(Facts((), parts, (change,)))
    assert [one.name for one in found][:1] == ["failing_path_removed"]
    assert found[0].seqs == (12,)
    assert "app/urls.py (ddddddd)" in found[0].text
    verdict = classify(found, ["failed"])
    assert verdict.classification == "product_bug"
    assert verdict.confidence > 0.7


def test_a_templated_path_is_looked_for_by_its_literal_piece() -> None:
    parts = {"network": {"method": "GET", "path": "/orders/{n}/status", "status": 404, "seq": 5}}
    change = Change("app.py", SHA, ('"/orders/<id>/status"',), ())
    assert "failing_path_removed" in names(Facts((), parts, (change,)))


def test_documentation_is_no_cause() -> None:
    parts = {"network": {"method": "POST", "path": "/hooks/pay", "status": 404, "seq": 12}}
    change = Change("README.md", SHA, ("POST /hooks/pay",), ())
    assert names(Facts((), parts, (change,))) == set()


def test_a_renamed_label_is_the_scenarios_bug() -> None:
    change = Change("t/refund.html", SHA, ("<button>Refund</button>",), ("<button>Back</button>",))
    found = find(Facts((action('button "Refund"'),), {}, (change,)))
    assert classify(found, ["failed"]).classification == "scenario_bug"
    assert "Refund" in analysis_line(classify(found), found)


def test_a_label_that_still_stands_somewhere_in_the_file_was_not_renamed() -> None:
    change = Change("t/refund.html", SHA, ("<b>Refund</b>",), ("<button>Refund</button>",))
    assert "label_renamed" not in names(Facts((action('button "Refund"'),), {}, (change,)))


def test_a_removed_expected_text_is_the_products_bug() -> None:
    event = assertion(kind="mail", text='expect mail to a@b.c containing "Dear Ann"', actual="")
    change = Change("mail.txt", SHA, ("Dear Ann",), ("Hi",))
    assert change.kind == "source"
    assert classify(find(Facts((event,), {}, (change,)))).classification == "product_bug"


def test_code_about_what_failed_was_changed() -> None:
    event = assertion(kind="mail", text='expect mail to a@b.c containing "Hello Ann"', actual="")
    change = Change("shop/accounts.py", SHA, ("mail.send(to, name=n)",), ("mail.send(to)",))
    found = find(Facts((event,), {}, (change,)))
    assert "related_code_changed" in {one.name for one in found}
    assert classify(found, ["failed"] * 3).classification == "product_bug"
    assert reruns_worth(found) == 3
    other = Change("shop/emailing.py", SHA, ("x",), ("y",))
    assert "related_code_changed" not in names(Facts((event,), {}, (other,)))
    page = assertion(kind="text", text='expect text "mail"', actual="")
    assert "related_code_changed" not in names(Facts((page,), {}, (change,)))


def test_only_configuration_changed() -> None:
    change = Change("requirements.lock", SHA, ("a==1",), ("a==2",))
    assert classify(find(Facts((), {}, (change,)))).classification == "env"


def test_both_verdicts_are_a_flake_whatever_else_there_is() -> None:
    strong = [Evidence("failing_path_removed", ""), Evidence("server_error", "")]
    assert classify(strong, ["failed", "passed"]).classification == "flake"
    assert classify(strong, ["failed", "failed"]).classification == "product_bug"


def test_failed_reruns_wear_the_case_for_a_flake_out() -> None:
    found = [Evidence("same_code_was_green", "")]
    assert classify(found).classification == "flake"
    assert classify(found, ["failed"] * 3).classification == "unsure"


def test_nothing_known_is_unsure() -> None:
    verdict = classify(())
    assert (verdict.classification, verdict.confidence) == ("unsure", 0.0)
    assert analysis_line(verdict, ()) == "No evidence points to a cause."


def test_reruns_are_few_only_where_the_change_explains_the_failure() -> None:
    assert reruns_worth([Evidence("label_renamed", "")]) == 1
    assert reruns_worth([Evidence("source_changed", "")]) == RERUNS_MAX


@pytest.mark.parametrize("name", sorted(WEIGHTS))
def test_no_single_reason_is_certain(name: str) -> None:
    one = Evidence(name, "why", (7,))
    verdict = classify([one])
    assert 0 < WEIGHTS[name][1] < 1
    assert verdict.confidence <= 0.9
    assert "seq:7" in analysis_markdown(verdict, [one], ["failed"])
