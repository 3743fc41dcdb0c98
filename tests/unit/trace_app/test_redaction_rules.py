"""A team's rules: names, selectors, patterns in linear time, and what is spared."""

import time

import pytest

from trace_app.domain.events import Event
from trace_app.domain.lines import Lines
from trace_app.domain.redaction import (
    Redactor,
    Rule,
    RuleError,
    RuleKind,
    check_rule,
    compile_rules,
    mask_lines,
)


def redactor(kind: RuleKind, value: str, name: str = "mine") -> Redactor:
    return Redactor(compile_rules((Rule(kind, value, name),)))


def test_a_key_and_a_header() -> None:
    masking = redactor(RuleKind.KEY, "Customer-Number")
    assert masking.mask({"customer_number": "A-1", "customer": "Ann"}) == {
        "customer_number": "‹masked:1›",
        "customer": "Ann",
    }
    assert masking.mask_text("?customerNumber=A-12&x=1") == "?customerNumber=‹masked:2›&x=1"
    assert masking.to_json()["rules"] == {"mine": 2}
    masking = redactor(RuleKind.HEADER, "X-Order-Secret")
    assert masking.mask([["x-order-secret", "abc"]]) == [["x-order-secret", "‹masked:1›"]]


@pytest.mark.parametrize(
    ("selector", "attributes"),
    [
        ("#pan", {"id": "pan"}),
        ("input.card", {"class": "big card"}),
        ("[data-testid=pan]", {"data-testid": "pan"}),
        ("input#pan[name]", {"id": "pan", "name": "x"}),
        ("#iban, input.card,[data-testid=pan]", {"class": "card"}),
        ('input.token[name="x"]', {"class": "a token", "name": "x"}),
        ('[aria-label="Card number"]', {"aria-label": "Card number"}),
        ("""[title='a "b", ]c'],#x""", {"title": 'a "b", ]c'}),
        ('[id="über den"]', {"id": "über den"}),
    ],
)
def test_a_selector_masks_what_an_element_shows(selector: str, attributes: dict[str, str]) -> None:
    masking = redactor(RuleKind.SELECTOR, selector)
    node = ["INPUT", {**attributes, "__playwright_value_": "Q1"}, "Q2", ["B", {}, "Q3"]]
    page = ["DIV", {}, node, ["INPUT", {"__playwright_value_": "stays"}]]
    assert masking.mask(page) == [
        "DIV",
        {},
        [
            "INPUT",
            {**attributes, "__playwright_value_": "‹masked:1›"},
            "‹masked:2›",
            ["B", {}, "‹masked:3›"],
        ],
        ["INPUT", {"__playwright_value_": "stays"}],
    ]


@pytest.mark.parametrize(
    ("selector", "target"),
    [
        ("#pan", "#pan"),
        ("#pan", 'css "#pan"'),
        ("[data-testid=pan]", 'internal:testid=[data-testid="pan"s]'),
        ("input#pan", "locator('input#pan')"),
        (".iban, #pan", "#pan"),
        ('[placeholder="Card number"]', 'internal:attr=[placeholder="Card number"i]'),
    ],
)
def test_a_selector_masks_what_is_typed(selector: str, target: str) -> None:
    masking = redactor(RuleKind.SELECTOR, selector)
    assert masking.mask({"target": target, "value": "Q1"})["value"] == "‹masked:1›"
    assert masking.mask({"target": f"{target}ic", "value": "Q1"})["value"] == "Q1" or (
        target.endswith((")", '"', "]"))
    )


def test_a_pattern_masks_its_group_or_all_of_it() -> None:
    assert redactor(RuleKind.PATTERN, r"ORD-[0-9]{4}").mask_text("x ORD-1234.") == "x ‹masked:1›."
    masking = redactor(RuleKind.PATTERN, r"(?i)member: (\w+)")
    assert masking.mask_text("Member: ann, 3") == "Member: ‹masked:1›, 3"


def test_a_pattern_is_found_behind_escapes_of_json() -> None:
    masking = redactor(RuleKind.PATTERN, r'say "[a-z]+"')
    piece = Lines.of([Event(seq=1, ts=0, kind="app.log", data={"text": 'I say "please"'})])
    [masked] = mask_lines(masking, [piece])
    assert masked.events()[0].data == {"text": "I ‹masked:1›"}


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (RuleKind.PATTERN, "(?=x)y", "cannot be used"),
        (RuleKind.PATTERN, r"(a)\1", "cannot be used"),
        (RuleKind.PATTERN, "^abc", "Leave out ^"),
        (RuleKind.PATTERN, "abc$", "Leave out $"),
        (RuleKind.PATTERN, "a*", "empty text"),
        (RuleKind.PATTERN, "(a)(b)", "At most one group"),
        (RuleKind.PATTERN, "(?:a{900}){900}", "cannot be used"),
        (RuleKind.PATTERN, "x" * 501, "at most 500"),
        (RuleKind.PATTERN, "[", "cannot be used"),
        (RuleKind.SELECTOR, "div > p", "In div > p write one element itself"),
        (RuleKind.SELECTOR, "#a, form #pan", "In form #pan write one element itself"),
        (RuleKind.SELECTOR, ".card .secret", "In .card .secret write one element itself"),
        (RuleKind.SELECTOR, "[name = card]", "no space either"),
        (RuleKind.SELECTOR, "[name=card i]", "no space either"),
        (RuleKind.SELECTOR, "#1a", "begin with a letter"),
        (RuleKind.SELECTOR, "[label=Card number]", "a value of other characters in quotes"),
        (RuleKind.SELECTOR, ".md\\:w", "leave out escapes"),
        (RuleKind.SELECTOR, "x" * 201, "write at most 200 characters"),
        (RuleKind.SELECTOR, "p+p", "write one element itself"),
        (RuleKind.SELECTOR, "p:not(.x)", "leave out :hover"),
        (RuleKind.SELECTOR, "[name^=card]", "compare an attribute by = alone"),
        (RuleKind.SELECTOR, "[name~=card]", "compare an attribute by = alone"),
        (RuleKind.SELECTOR, "*", "in place of"),
        (RuleKind.SELECTOR, r"#a\31", "leave out escapes"),
        (RuleKind.SELECTOR, "#a,,#b", "between two commas"),
        (RuleKind.SELECTOR, "#a,", "between two commas"),
        (RuleKind.SELECTOR, "", "at most 500"),
        (RuleKind.KEY, "a b", "letters, digits"),
        (RuleKind.OFF, "everything", "built-in rules are"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(kind: RuleKind, value: str, says: str) -> None:
    with pytest.raises(RuleError, match=says.replace("^", r"\^").replace("$", r"\$")):
        check_rule(Rule(kind, value))


def test_a_hostile_pattern_takes_linear_time() -> None:
    masking = redactor(RuleKind.PATTERN, r"(?:a+)+b")
    began = time.process_time()
    masking.mask_text("a" * 200_000)
    # A backtracking engine would need longer than the universe has; this is no benchmark.
    assert time.process_time() - began < 20


def test_what_is_spared_stays() -> None:
    rules = compile_rules(
        (
            Rule(RuleKind.ALLOW_VALUE, "4242424242424242"),
            Rule(RuleKind.ALLOW_NAME, "next_token"),
            Rule(RuleKind.ALLOW_NAME, "token"),
            Rule(RuleKind.ALLOW_NAME, "x-api-key"),
        )
    )
    held = {"card": "4242424242424242", "token": "page-2", "headers": [["X-Api-Key", "public"]]}
    assert Redactor(rules).mask(held) == held
    assert Redactor(rules).mask({"password": "pw"}) == {"password": "‹masked:1›"}


def test_the_same_rules_are_compiled_once() -> None:
    rules = (Rule(RuleKind.KEY, "pan", "mine"),)
    assert compile_rules(rules) is compile_rules(tuple(rules))


def test_only_hit_lines_are_decoded() -> None:
    events = [
        Event(seq=no, ts=no, kind="app.log", data={"text": f"line {no} by the author"})
        for no in range(1, 50)
    ]
    clean = Lines.of(events)
    assert mask_lines(Redactor(), [clean])[0] is clean
    events[20] = Event(seq=21, ts=21, kind="app.log", data={"password": "hunter2"})
    [masked] = mask_lines(Redactor(), [Lines.of(events)])
    changed = [
        no
        for no, (before, after) in enumerate(zip(events, masked.events(), strict=True))
        if before != after
    ]
    assert changed == [20]
