"""molar.toml and the plan: what is read, what is refused and where, what the guest gets."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debugger.domain.scenario import parse as parse_scenario
from debugger.domain.scenario import to_plan
from debugger.domain.scenario.molar_toml import MolarError, parse

SCENARIO = """---
spec_version: "1.0"
id: 01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80
slug: checkout-stripe
clones: [{kind: stripe, seed: checkout-v1}, {kind: email}]
---
# Checkout
## Steps
1. click button "Pay now"
   - expect webhook stripe `payment_intent.succeeded` delivered
"""
MOLAR = """# how to run the shop
[app]
setup = "python -m pip install --target {deps} -r requirements.txt"
start = "python app.py"
ready = "/health"

[app.env]
STRIPE_API_BASE = "{clone.stripe.url}"

[app.state]
paths = ["var/shop.db"]

[clones.stripe]
webhook_url = "http://app/api/stripe/webhook"
products = [{name = "Enamel mug", price = 1000}]
"""


def test_reads_application_and_clones() -> None:
    config = parse(MOLAR)
    assert config.app.start == "python app.py"
    assert config.app.state_paths == ("var/shop.db",)
    assert config.clones["stripe"]["webhook_url"] == "http://app/api/stripe/webhook"
    assert config.clones["stripe"]["products"] == [{"name": "Enamel mug", "price": 1000}]


@pytest.mark.parametrize(
    ("old", "new", "line", "suggestion"),
    [
        ("start =", "sttart =", 4, "start"),
        ("[app]", "[app", 2, None),
        ("ready =", "raedy =", 5, "ready"),
        ('"var/shop.db"', '"../shop.db"', 11, None),
        ('"var/shop.db"', '"/etc/passwd"', 11, None),
        ("[clones.stripe]", "[clone.stripe]", 13, "clones"),
        ('STRIPE_API_BASE = "{clone.stripe.url}"', "STRIPE_API_BASE = 7", 8, None),
        ('start = "python app.py"\n', "", 2, None),
    ],
)
def test_refuses_with_line_and_nearest_key(
    old: str, new: str, line: int, suggestion: str | None
) -> None:
    with pytest.raises(MolarError) as caught:
        parse(MOLAR.replace(old, new))
    assert (caught.value.line, caught.value.suggestion) == (line, suggestion)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(noise: str) -> None:
    for text in (noise, MOLAR + noise):
        line = 1
        try:
            parse(text)
        except MolarError as error:
            line = error.line
        assert line >= 1


def test_the_plan_is_plain_json_with_config_from_molar() -> None:
    plan = to_plan(parse_scenario(SCENARIO, path="x.molar.md"), parse(MOLAR))
    assert json.loads(json.dumps(plan)) == plan
    steps = plan["steps"]
    assert isinstance(steps, list)
    assert steps[0]["action"] == {
        "verb": "click",
        "target": {"kind": "button", "value": "Pay now", "exact": True},
        "value": None,
        "options": {},
    }
    assert steps[0]["expectations"][0] == {
        "kind": "webhook",
        "line": 10,
        "text": "expect webhook stripe `payment_intent.succeeded` delivered",
        "negated": False,
        "clone": "stripe",
        "event": "payment_intent.succeeded",
    }
    clones = plan["clones"]
    assert isinstance(clones, list)
    assert clones[0]["config"]["webhook_url"] == "http://app/api/stripe/webhook"
    assert clones[1] == {"kind": "email", "seed": "trace", "config": {}}
