"""The scenario language: what it reads, what it refuses and where, and that it renders the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debugger.domain.scenario import (
    Action,
    Expectation,
    ScenarioError,
    Target,
    format_action,
    format_expectation,
    parse,
    render,
)
from debugger.domain.scenario.edit import (
    add_expectation,
    append_step,
    invert_expectation,
    remove_expectation,
    replace_expectation,
    set_target,
)
from debugger.domain.scenario.expectations import METHODS
from debugger.domain.scenario.model import TARGET_KINDS

HEAD = """---
spec_version: "1.0"
id: 01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80
slug: checkout-stripe
description: A 90 % coupon is charged at the discounted price
clones: [{kind: stripe, seed: checkout-v1}, {kind: email}]
---
# Checkout with Stripe

The words before the steps are for people.

## Steps
"""
STEPS = """1. navigate `/`
2. click link "Enamel mug"
3. fill field "Email" with "ada@example.com"
4. click button "Pay now"
   - expect webhook stripe `payment_intent.succeeded` delivered
   - expect network POST `/api/*/webhook` status 200
5. expect clone stripe `payment_intents.-1.amount` equals 900
6. expect mail to ada@example.com containing "Thank you"
   - expect no console errors
"""
TEXT = HEAD + STEPS


def test_reads_front_matter_steps_and_nested_expectations() -> None:
    scenario = parse(TEXT, path=".molar/scenarios/checkout-stripe.molar.md")
    assert scenario.slug == "checkout-stripe"
    assert scenario.title == "Checkout with Stripe"
    assert [use.kind for use in scenario.head.clones] == ["stripe", "email"]
    assert [step.no for step in scenario.steps] == [1, 2, 3, 4, 5, 6]
    pay = scenario.steps[3]
    assert pay.action == Action("click", Target("button", "Pay now", exact=True))
    assert [e.kind for e in pay.expectations] == ["webhook", "network"]
    amount = scenario.steps[4].expectations[0]
    assert amount.args == {
        "clone": "stripe",
        "path": "payment_intents.-1.amount",
        "op": "equals",
        "value": 900,
    }
    assert TEXT.splitlines()[amount.line - 1].endswith(amount.text)


@pytest.mark.parametrize("change", [str, lambda t: t.replace("\n", "\r\n"), str.rstrip])
def test_renders_the_same_bytes(change) -> None:  # type: ignore[no-untyped-def]
    text = change(TEXT)
    assert render(parse(text)) == text


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "suggestion"),
    [
        ("slug: checkout-stripe", "slugg: checkout-stripe", 4, 1, "slug"),
        ("{kind: email}", "{kid: email}", 6, 46, "kind"),
        ("4. click", "4. clik", 16, 4, "click"),
        ('click button "Pay', 'click buton "Pay', 16, 10, "button"),
        ("expect webhook", "expect webhok", 17, 13, "webhook"),
        ("expect network POST", "expect network PST", 18, 21, "POST"),
        ("2. click", "3. click", 14, 1, "2."),
        ("delivered", "deliverd", 17, 55, "delivered"),
    ],
)
def test_refuses_with_place_and_nearest_word(
    old: str, new: str, line: int, column: int, suggestion: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(TEXT.replace(old, new, 1))
    error = caught.value
    assert (error.line, error.column, error.suggestion) == (line, column, suggestion)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no front matter",
        "---\nslug: [\n---\n",
        "---\na: &x [*x]\n---\n# T\n## Steps\n1. snapshot\n",
        "---\n" + "[" * 5000 + "\n---\n",
        "---\nslug: !!python/object:os.system x\n---\n",
        HEAD + "words that are no step\n",
        HEAD + "1. click button Pay\n",
        HEAD + '1. click button "Pay\n',
        HEAD + "1. expect clone stripe `a` equals NaN\n",
        HEAD + "1. expect clone stripe `a` equals 1e999\n",
        HEAD + "1. wait 5 h\n",
        HEAD + "   - expect no console errors\n",
        HEAD,
    ],
)
def test_refuses_malformed_text_with_a_line(text: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(text)
    assert caught.value.line >= 1


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(noise: str) -> None:
    for text in (noise, HEAD + noise, HEAD + "1. " + noise, f"---\n{noise}\n---\n"):
        try:
            again = render(parse(text))
        except ScenarioError as error:
            places = error.line, error.column
            again = text if min(places) >= 1 else "a place before the text"
        assert again == text


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
targets = st.builds(Target, st.sampled_from(TARGET_KINDS), words, st.booleans())
literals = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
arguments = st.one_of(
    st.tuples(
        st.just("text"), st.fixed_dictionaries({"value": words, "target": targets | st.none()})
    ),
    st.tuples(st.just("value"), st.fixed_dictionaries({"target": targets, "value": words})),
    st.tuples(st.just("url"), st.fixed_dictionaries({"value": words})),
    st.tuples(
        st.just("network"),
        st.fixed_dictionaries(
            {
                "method": st.sampled_from(METHODS),
                "path": words,
                "status": st.integers(100, 599),
            }
        ),
    ),
    st.tuples(st.just("webhook"), st.fixed_dictionaries({"clone": names, "event": words})),
    st.tuples(
        st.just("clone"),
        st.fixed_dictionaries(
            {"clone": names, "path": words, "op": st.just("equals"), "value": literals}
        ),
    ),
    st.tuples(st.just("mail"), st.fixed_dictionaries({"to": words, "contains": words})),
    st.tuples(st.just("console"), st.just({})),
)
expectations = st.builds(
    lambda kind_args, negated: Expectation(kind_args[0], kind_args[1], negated),
    arguments,
    st.booleans(),
)
actions = st.one_of(
    st.builds(lambda v: Action("navigate", value=v), words),
    st.builds(Action, st.sampled_from(["click", "hover", "wait"]), targets),
    st.builds(
        Action,
        st.sampled_from(["fill", "select", "upload", "press"]),
        targets,
        words,
    ),
    st.builds(lambda ms: Action("wait", options={"ms": ms}), st.integers(0, 120_000)),
    st.builds(lambda v: Action("snapshot", value=v), words | st.none()),
    st.builds(
        lambda clone, n: Action("advance_clock", options={"clone": clone, "seconds": n}),
        names | st.none(),
        st.integers(0, 10**9 - 1),
    ),
    st.builds(
        lambda c, m, p, s, t: Action(
            "inject_error",
            options={"clone": c, "method": m, "path": p, "status": s, "times": t},
        ),
        names,
        st.sampled_from(METHODS),
        words,
        st.integers(100, 599),
        st.integers(1, 9),
    ),
    st.builds(
        lambda m, p, v: Action("request", value=v, options={"method": m, "path": p}),
        st.sampled_from(METHODS),
        words,
        words | st.none(),
    ),
)


@given(expectations)
def test_an_expectation_reads_back_as_written(expectation: Expectation) -> None:
    line = format_expectation(expectation)
    step = parse(f"{HEAD}1. snapshot\n   - {line}\n").steps[0]
    assert step.expectations == (expectation,)
    assert step.expectations[0].text == line


@given(actions)
def test_an_action_reads_back_as_written(action: Action) -> None:
    assert parse(f"{HEAD}1. {format_action(action)}\n").steps[0].action == action


@given(expectations, st.integers(1, 6))
def test_adding_and_removing_an_expectation_leaves_the_rest(
    expectation: Expectation, step: int
) -> None:
    before = parse(TEXT)
    longer = add_expectation(before, step, expectation)
    changed = longer.step(step)
    assert changed is not None
    assert changed.expectations[-1] == expectation
    again = remove_expectation(longer, step, len(changed.expectations) - 1)
    assert render(again) == TEXT


def test_replaces_inverts_retargets_and_appends() -> None:
    scenario = parse(TEXT.rstrip())
    old = scenario.steps[4].expectations[0]
    inverted = replace_expectation(scenario, 5, 0, invert_expectation(old))
    assert "5. expect not clone stripe `payment_intents.-1.amount` equals 900" in render(inverted)
    renamed = set_target(scenario, 4, Target("button", "Pay today", exact=True))
    assert '4. click button "Pay today"' in render(renamed)
    longer = append_step(scenario, 'expect text "Done"')
    assert render(longer) == TEXT.rstrip() + '\n7. expect text "Done"'
