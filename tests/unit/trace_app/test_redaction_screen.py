"""The quick look at whole lines: what it passes over holds nothing that a close look would mask."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from trace_app.domain.events import Event, encode_ndjson, parse_ndjson
from trace_app.domain.line_search import Pattern
from trace_app.domain.lines import Lines, read_lines
from trace_app.domain.redaction import (
    Redactor,
    Rule,
    RuleKind,
    RuleSet,
    compile_rules,
    learn_lines,
    mask_lines,
)

fragments = st.sampled_from(
    [
        *("\n", "\r\n", "\t", "\x01", '"', "\\", " ", "=", ": ", "&", "?", "/", "_", "-", "é", ";"),
        *(
            "password",
            "Cookie",
            "set-cookie",
            "X-Api-Key",
            "token",
            "authorization",
            "_csrf__token",
        ),
        *("Bearer ", "abcdefgh12345678", "sid=abcdefgh12345678", "4242424242424242", "hunter22x"),
        *("sk_live_abcdefgh12345678", "hf_abcdefghij0123456789abcdefghij01", "http://u:pw123456@h"),
    ]
)
texts = st.lists(fragments, max_size=6).map("".join)
datas = st.dictionaries(
    texts | st.sampled_from(["text", "name", "value", "_password_", "httpOnly", "target"]),
    texts | st.lists(texts, max_size=3) | st.integers(0, 10**17),
    max_size=4,
)


@given(datas)
@settings(max_examples=600, deadline=None)
def test_a_line_that_the_screen_passes_holds_nothing_to_mask(data: dict[str, object]) -> None:
    event = Event(seq=1, ts=0, kind="console.message", data=data)
    looked_at = Redactor()
    looked_at.learn(data)
    by_line, piece = Redactor(), Lines.of([event])
    [masked] = mask_lines(by_line, [piece], learn_lines(by_line, [piece]))
    assert masked.events() == [looked_at.mask_event(event)]


def spelled(seq: int, data: dict[str, object], way: int) -> str:
    """The same event as recorders of other languages write it."""
    event = {"data": data, "seq": seq, "ts": 1.0, "kind": "app.log"}
    text = json.dumps(event, ensure_ascii=way % 2 == 0, separators=(",", ":") if way < 2 else None)
    return text.replace("/", "\\/") if way == 3 else text


def masked_by_line(redactor: Redactor, batch: list[Lines]) -> list[Event]:
    masked = mask_lines(redactor, batch, learn_lines(redactor, batch))
    return [event for piece in masked for event in piece.events()]


rules = compile_rules((Rule(RuleKind.KEY, "member", "m"), Rule(RuleKind.PATTERN, "x=[a-z]+", "p")))


@given(
    st.lists(st.tuples(datas, st.integers(0, 3)), min_size=1, max_size=8),
    st.sampled_from([compile_rules(), rules]),
    st.sampled_from([None, *compile_rules().screens, rules.screens[0]]),
)
@settings(max_examples=300, deadline=None)
def test_what_came_in_any_spelling_is_masked_as_if_it_had_been_decoded(
    sent: list[tuple[dict[str, object], int]], by: RuleSet, screen: Pattern | None
) -> None:
    filler = [spelled(no, {"text": f"line {no}"}, 1) for no in range(1, 20)]
    lines = [spelled(no, data, way) for no, (data, way) in enumerate(sent, start=20)]
    body = "\n".join([*filler, *lines]).encode(errors="replace")
    if b"\\u0000" in body:
        return
    events, quick, careful = parse_ndjson(body), Redactor(by), Redactor(by)
    for event in events:
        careful.learn(event.data)
    found = masked_by_line(quick, read_lines(body, screen=screen))
    assert found == [careful.mask_event(event) for event in events]
    assert quick.to_json()["rules"] == careful.to_json()["rules"]
    # Again, as a batch that nobody had searched before.
    again = Redactor(by)
    assert masked_by_line(again, [Lines.of(parse_ndjson(encode_ndjson(events)))]) == found


def test_a_learned_value_is_found_however_it_was_spelled() -> None:
    body = (
        b'{"seq":1,"ts":1,"kind":"app.log","data":{"text":"got \\u0068unter2x!"}}\n'
        b'{"seq":2,"ts":1,"kind":"app.log","data":{"password":"hunter2x"}}\n'
        + b"".join(b'{"seq":%d,"ts":1,"kind":"app.log","data":{}}\n' % no for no in range(3, 9))
    )
    [first, *_] = masked_by_line(Redactor(), read_lines(body, screen=compile_rules().screens[0]))
    assert first.data == {"text": "got ‹masked:1›!"}
