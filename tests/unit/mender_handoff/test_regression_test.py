"""The scenario that tests a fix: what is added, what counts as weakened, what is inverted."""

from typing import Any

from debugger.domain.scenario import parse, render
from mender_handoff.guard.domain.proof import differences
from mender_handoff.guard.domain.regression_test import extend, from_diff, inverted, weakened

TEXT = """---
spec_version: "1.0"
id: 01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80
slug: pay
description: Paying
clones: [{kind: stripe, seed: s}]
---
# Paying

## Steps

1. navigate `/`
   - expect text "Shop"
2. click button "Pay"
   - expect webhook stripe `paid` delivered
3. expect clone stripe `payments.-1.amount` equals 900
"""


def diff(**dimensions: list[dict[str, Any]]) -> dict[str, Any]:
    return {"dimensions": {name: {"rows": rows} for name, rows in dimensions.items()}}


def network(step: int, before: int | None, after: int | None, path: str) -> dict[str, Any]:
    detail = {"method": "POST", "path_b": path, "status_a": before, "status_b": after}
    return {"step_a": step, "detail": detail}


def clone(step: int, path: str, before: object, after: object) -> dict[str, Any]:
    detail = {"clone": "stripe", "path": path, "before": before, "after": after, "op": "changed"}
    return {"step_a": step, "detail": detail}


def lines(found: dict[str, Any], step: int = 2) -> list[str]:
    return [one.line for one in from_diff(found, parse(TEXT), step)]


def test_what_the_replay_changed_becomes_expectations() -> None:
    found = diff(
        network=[network(2, 404, 200, "/hooks?x=1")], clones=[clone(2, "charges[0].net", 9000, 900)]
    )
    assert lines(found) == [
        "expect network POST `/hooks` status 200",
        "expect clone stripe `charges.0.net` equals 900",
    ]
    text = render(extend(parse(TEXT), from_diff(found, parse(TEXT), 2)))
    assert "`paid` delivered\n   - expect network POST `/hooks` status 200\n   - expect" in text


def test_what_the_scenario_says_already_is_not_said_twice() -> None:
    assert lines(diff(clones=[clone(2, "payments[0].amount", 9000, 900)])) == []


def test_a_moved_webhook_is_expected_at_its_new_address() -> None:
    detail = {"clone": "stripe", "webhook": "paid", "status_a": 404, "status_b": 200}
    row = {"step_a": 2, "detail": detail | {"url_a": "http://app/a", "url_b": "http://app/b"}}
    assert lines(diff(clones=[row])) == ["expect network POST `/b` status 200"]


def test_volatile_values_and_the_clones_own_log_are_left_out() -> None:
    rows = [
        clone(2, "charges[0].created", 1, 2),
        clone(2, "charges[0].id", "a", "b"),
        clone(2, "events[0].data.amount", 9000, 900),
        clone(2, "charges[0].list", [1], [2]),
    ]
    assert lines(diff(clones=rows)) == []


def test_nothing_is_added_before_the_failing_step_or_from_worse_answers() -> None:
    rows = [network(1, 404, 200, "/a"), network(2, 200, 500, "/b"), network(2, None, 200, "/c")]
    assert lines(diff(network=rows)) == []


def test_weakened() -> None:
    old = parse(TEXT)
    assert weakened(old, old) == []
    assert weakened(old, parse(TEXT.replace("equals 900", "equals 9000")))[0].startswith("step 3")
    without = TEXT.replace("   - expect webhook stripe `paid` delivered\n", "")
    assert weakened(old, parse(without)) == ["step 2: expect webhook stripe `paid` delivered"]
    more = TEXT.replace(
        '   - expect text "Shop"\n', '   - expect text "Shop"\n   - expect url "/"\n'
    )
    assert weakened(old, parse(more)) == []


def test_the_expectation_after_the_edit_is_inverted() -> None:
    new = parse(TEXT.replace('button "Pay"', 'button "Buy"'))
    turned = inverted(parse(TEXT), new)
    assert turned is not None
    assert (turned.step, turned.line) == (2, "expect not webhook stripe `paid` delivered")
    assert 'button "Buy"' in render(turned.scenario)


def test_a_scenario_without_expectations_has_nothing_to_invert() -> None:
    bare = parse(TEXT.partition("1. navigate")[0] + "1. navigate `/`\n")
    assert inverted(bare, bare) is None


PARTS: dict[str, Any] = {
    "network": {"method": "POST", "path": "/a", "status": 404, "seq": 5},
    "frame": None,
}


def test_red_must_be_the_same_failure() -> None:
    here = (7, 'click "Pay"')
    other_seq = {**PARTS, "network": {**PARTS["network"], "seq": 99}}
    assert differences(PARTS, other_seq, wanted_step=here, found_step=here) == []
    other = {**PARTS, "network": {**PARTS["network"], "status": 500}}
    assert differences(PARTS, other, wanted_step=here, found_step=here)
    assert differences(PARTS, {**PARTS, "network": None}, wanted_step=here, found_step=here)
    frame = {**PARTS, "frame": {"file": "a.py", "function": "f"}}
    assert differences(PARTS, frame, wanted_step=here, found_step=here)


def test_a_step_may_move_or_be_reworded_but_not_both() -> None:
    here = (7, 'click "Pay"')
    assert differences(PARTS, PARTS, wanted_step=here, found_step=(8, 'click "Pay"')) == []
    assert differences(PARTS, PARTS, wanted_step=here, found_step=(7, 'click "Buy"')) == []
    assert differences(PARTS, PARTS, wanted_step=here, found_step=(8, 'click "Buy"'))
