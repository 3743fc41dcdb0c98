"""The offline Debugger's grammar: which words ask for what."""

import pytest

from debugger.domain.changes import REPLACE, REVERT, SET, Change, parse_changes
from debugger.domain.intents import (
    CloneChange,
    CompareGreen,
    Help,
    Intent,
    ReplayFrom,
    Show,
    ShowEvent,
    Simple,
    Source,
    SuggestFix,
    Why,
    parse_question,
)


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("why did step 7 fail?", Why(7)),
        ("Why did it fail", Why(None)),
        ("what went wrong in step 3?", Why(3)),
        ("what changed in the Stripe clone between step 6 and 7?", CloneChange("stripe", 6, 7)),
        (
            "what changed in the stripe clone between step 6 and step 7",
            CloneChange("stripe", 6, 7),
        ),
        ("what changed in the email clone at step 4?", CloneChange("email", 3, 4)),
        ("show the stripe clone", CloneChange("stripe", None, None)),
        ("compare with the last green run", CompareGreen(None)),
        ("what changed since the last green run in the network?", CompareGreen("network")),
        ("compare with the last green run on release/2", CompareGreen(None, "release/2")),
        ("suggest a fix", SuggestFix()),
        ("can you propose an edit?", SuggestFix()),
        ("fix it", SuggestFix()),
        ("show network errors", Show("network", None, True)),
        ("show console errors in step 7", Show("console", 7, True)),
        ("list the requests of step 2", Show("network", 2, False)),
        ("show seq 214", ShowEvent(214)),
        ("what is (seq:214)?", ShowEvent(214)),
        ("which traces are similar?", Simple("similar")),
        ("what does mender say?", Simple("mender")),
        ("which commit caused this?", Simple("suspects")),
        ("who broke it?", Simple("suspects")),
        ("list steps", Simple("steps")),
        ("read .molar/molar.toml", Source(".molar/molar.toml", None)),
        ("search for `webhook_url`", Source(None, "webhook_url")),
        ("help", Help(asked=True)),
        ("tell me a joke", Help(asked=False)),
        ("", Help(asked=False)),
    ],
)
def test_questions(question: str, intent: Intent) -> None:
    assert parse_question(question) == intent


@pytest.mark.parametrize(
    ("words", "change"),
    [
        (
            'webhook_url = "/api/webhooks/stripe"',
            Change(SET, "webhook_url", "/api/webhooks/stripe"),
        ),
        ("retries: 3", Change(SET, "retries", "3")),
        ("set timeout to 30", Change(SET, "timeout", "30")),
        ('"Pay now" → "Complete order"', Change(REPLACE, "Pay now", "Complete order", None, True)),
        ("`a == b` -> `a != b`", Change(REPLACE, "a == b", "a != b", None, True)),
        (
            'use "Complete order" instead of "Pay now"',
            Change(REPLACE, "Pay now", "Complete order"),
        ),
        ("/api/b instead of /api/a", Change(REPLACE, "/api/a", "/api/b")),
        (
            'change the button "Pay now" to "Buy"',
            Change(REPLACE, "Pay now", "Buy", None, True),
        ),
        ("replace 9000 with 900", Change(REPLACE, "9000", "900", None, True)),
        (
            "point webhook_url at /api/webhooks/stripe",
            Change(REPLACE, "webhook_url", "/api/webhooks/stripe", None, True),
        ),
        ("webhook_url to /x/y", Change(REPLACE, "webhook_url", "/x/y", None, True)),
        (
            "x = 1 in shop/app.py",
            Change(SET, "x", "1", "shop/app.py"),
        ),
        ("revert the coupon change", Change(REVERT, "the coupon change")),
        ("undo pricing.py", Change(REVERT, "pricing.py")),
        ("the coupon commit reverted", Change(REVERT, "coupon commit")),
    ],
)
def test_one_change(words: str, change: Change) -> None:
    changes, unclear = parse_changes(words)
    assert unclear == ()
    assert changes == (change,)


def test_changes_are_joined_by_and_but_quotes_and_values_keep_theirs() -> None:
    changes, unclear = parse_changes(
        'webhook_url = "/a and b", `x and y` → `x or y` and title = Salt and pepper'
    )
    assert unclear == ()
    assert [(c.old, c.new) for c in changes] == [
        ("webhook_url", "/a and b"),
        ("x and y", "x or y"),
        ("title", "Salt and pepper"),
    ]


def test_words_without_a_change_are_given_back() -> None:
    changes, unclear = parse_changes("the webhook fixed somehow nicely")
    assert changes == ()
    assert unclear[0].text == "the webhook fixed somehow nicely"


@pytest.mark.parametrize(
    ("question", "step", "count"),
    [
        ("replay from step 7 with webhook_url = '/api/webhooks/stripe'", 7, 1),
        ("Replay from step 7 with `a` → `b` and revert pricing.py", 7, 2),
        ("rerun step 3 with x = 1", 3, 1),
        ("replay with x = 1", None, 1),
        ("replay from step 7", 7, 0),
        ("replay it", None, 0),
        ("please re-run from step 2: use /b instead of /a", 2, 1),
        ("change webhook_url to /api/b", None, 1),
        ("what if we use 5 instead of 6?", None, 1),
    ],
)
def test_replays(question: str, step: int | None, count: int) -> None:
    intent = parse_question(question)
    assert isinstance(intent, ReplayFrom), intent
    assert (intent.step, len(intent.changes), intent.unclear) == (step, count, ())
