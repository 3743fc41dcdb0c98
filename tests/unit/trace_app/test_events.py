"""The event contract: what a line may hold, at its limits and one beyond."""

import contextlib
import json
from array import array
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from trace_app.domain.chunks import pack, unpack, unpack_some
from trace_app.domain.events import (
    KIND_RIBBON,
    KINDS,
    LEVELS,
    MAX_DEPTH,
    MAX_KEYS,
    MAX_LINE_BYTES,
    MAX_SEQ,
    MAX_STEP,
    RIBBONS,
    Event,
    EventError,
    encode_ndjson,
    parse_ndjson,
)
from trace_app.domain.index import build_index, join_indexes, read_index
from trace_app.domain.line_search import Pattern
from trace_app.domain.lines import NO_STEP, lines_of, read_lines
from trace_app.domain.redaction import compile_rules


def line(**fields: Any) -> bytes:
    return json.dumps({"seq": 1, "ts": 0, "kind": "app.log", "data": {}, **fields}).encode()


def refusal(body: bytes, **options: Any) -> EventError:
    with pytest.raises(EventError) as refused:
        parse_ndjson(body, **options)
    return refused.value


def test_every_kind_has_a_ribbon() -> None:
    assert set(KIND_RIBBON) == set(KINDS)
    assert set(KIND_RIBBON.values()) == set(RIBBONS)
    assert KIND_RIBBON["clone.webhook"] == KIND_RIBBON["step.end"] == "agent"
    assert KIND_RIBBON["page.error"] == "console"


def test_gaps_and_jitter_are_allowed() -> None:
    body = b"\n".join([line(seq=1, ts=9), line(seq=7, ts=8.5), b"", line(seq=MAX_SEQ)]) + b"\n"
    assert [event.seq for event in parse_ndjson(body)] == [1, 7, MAX_SEQ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"seq": 0}, "bad_field"),
        ({"seq": MAX_SEQ + 1}, "bad_field"),
        ({"seq": True}, "bad_field"),
        ({"seq": 1.5}, "bad_field"),
        ({"seq": "1"}, "bad_field"),
        ({"ts": -0.001}, "bad_field"),
        ({"ts": "0"}, "bad_field"),
        ({"level": "fatal"}, "bad_field"),
        ({"step": -1}, "bad_field"),
        ({"kind": "app.log "}, "unknown_kind"),
        ({"data": None}, "bad_field"),
        ({"more": 1}, "bad_field"),
        ({"ref": 1}, "bad_ref"),
        ({"data": {"a\x00": 1}}, "nul_character"),
    ],
)
def test_a_field_out_of_its_rule_is_refused(fields: dict[str, Any], code: str) -> None:
    assert refusal(line(**fields)).code == code


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize("extra", [-1, 0, 1])
@pytest.mark.parametrize(
    ("code", "at"),
    [
        ("too_deep", lambda extra: {"data": nested(MAX_DEPTH + extra)}),
        ("too_many_keys", lambda extra: {"data": dict.fromkeys(map(str, range(MAX_KEYS + extra)))}),
        ("bad_field", lambda extra: {"seq": MAX_SEQ + extra}),
        ("bad_field", lambda extra: {"seq": 1 - extra}),
        ("bad_field", lambda extra: {"ts": -extra}),
        ("bad_field", lambda extra: {"step": MAX_STEP + extra}),
        ("bad_field", lambda extra: {"step": -extra}),
        ("bad_field", lambda extra: {"dur": -extra}),
    ],
    ids=["depth", "keys", "seq_highest", "seq_lowest", "ts", "step_highest", "step_lowest", "dur"],
)
def test_a_line_at_its_limits(code: str, at: Callable[[int], dict[str, Any]], extra: int) -> None:
    sent = line(**at(extra))
    if extra > 0:
        assert (refusal(sent).code, refusal(sent).line) == (code, 1)
    else:
        assert len(parse_ndjson(sent)) == 1


def test_a_line_of_endless_depth_is_refused() -> None:
    assert refusal(b'{"seq":1,"ts":0,"kind":"app.log","data":' + b'{"a":' * 100_000).code


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_line_may_have_a_mebibyte(extra: int) -> None:
    room = MAX_LINE_BYTES - len(line(seq=2, data={"t": ""}))
    body = line() + b"\n" + line(seq=2, data={"t": "x" * (room + extra)})
    if extra > 0:
        assert (refusal(body).code, refusal(body).line) == ("line_too_long", 2)
    else:
        assert len(parse_ndjson(body)) == 2


def test_the_number_of_events_is_bounded() -> None:
    body = encode_ndjson(Event(seq=n, ts=0, kind="app.log", data={}) for n in range(1, 12))
    assert len(parse_ndjson(body, max_events=11)) == 11
    refused = refusal(body, max_events=10)
    assert (refused.code, refused.line) == ("too_many_events", 11)


def test_a_batch_goes_on_above_the_last_number() -> None:
    assert parse_ndjson(line(seq=6), after_seq=5)
    assert refusal(line(seq=5), after_seq=5).code == "seq_not_increasing"


scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
values = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
).filter(lambda value: "\\u0000" not in json.dumps(value))


@st.composite
def traces(draw: st.DrawFn) -> list[Event]:
    steps = draw(st.lists(st.integers(1, 1000), max_size=600))
    seq = 0
    found: list[Event] = []
    for gap in steps:
        seq += gap
        found.append(
            Event(
                seq=seq,
                ts=draw(st.floats(0, 1e9).map(lambda ts: round(ts, 3))),
                kind=draw(st.sampled_from(KINDS)),
                step=draw(st.none() | st.integers(0, 500)),
                level=draw(st.none() | st.sampled_from(LEVELS)),
                data={"v": draw(values)} if len(found) < 5 else {},
            )
        )
    return found


@given(traces())
@settings(max_examples=30, deadline=None)
def test_lines_and_chunks_give_back_what_they_were_given(trace: list[Event]) -> None:
    if trace:
        assert parse_ndjson(encode_ndjson(trace)) == trace
    chunks = list(pack(lines_of(trace)))
    assert all(chunk.count <= 256 for chunk in chunks)
    stored = [event for chunk in chunks for event in unpack(chunk.body)]
    assert sorted(stored, key=lambda event: event.seq) == trace
    some = [event.seq for event in trace[::7]]
    chosen = [event for chunk in chunks for event in unpack_some(chunk.body, some)]
    assert sorted(event.seq for event in chosen) == some
    index = read_index(build_index(lines_of(trace)))
    assert list(index.seq) == [event.seq for event in trace]
    assert list(index.ts) == pytest.approx([event.ts for event in trace])
    assert [RIBBONS[code] for code in index.ribbon] == [event.ribbon for event in trace]
    assert [None if no == NO_STEP else no for no in index.step] == [event.step for event in trace]
    assert [trace[no].level for no in index.errors] == ["error"] * len(index.errors)


def test_the_indexes_of_batches_become_one() -> None:
    events = [Event(seq=no, ts=no / 8, kind="app.log", data={}) for no in range(1, 18_001)]
    batches = (events[:17_000], events[17_000:17_002], events[17_002:])
    passing: list[int] = []
    blobs = [build_index(lines_of(batch)) for batch in batches]
    index = read_index(join_indexes(blobs, lambda columns: passing.append(len(columns))))
    assert list(index.seq) == [event.seq for event in events]
    assert list(index.ts) == [event.ts for event in events]
    assert passing == [17_000, 2, 998]
    with pytest.raises(ValueError, match="no index"):
        join_indexes([b"\x91\xc4\x01x"], lambda _: None)


def test_an_index_in_the_form_that_was_written_once_is_read() -> None:
    whole = [array("q", [5, 1, 2]), array("q", [1_500, 500, 1_000_000]), array("H", [0, 1, 65535])]
    seq, ts, step = (column.tobytes() for column in whole)
    part = msgspec.msgpack.encode([seq, ts, b"\x01\x02\x03", step, b"\xff\x03\xff", 1.5])
    packed = zstandard.ZstdCompressor(level=3).compress(part)
    index = read_index(msgspec.msgpack.encode([packed]))
    assert (list(index.seq), list(index.ts)) == ([5, 6, 8], [1.5, 2.0, 1002.0])
    assert (index.reach, index.errors) == (1002.0, [1])


def test_what_an_event_completes_is_found_beside_it() -> None:
    events = [
        Event(seq=no, ts=no, kind="app.log", ref=no - 3 if no > 3 else None, data={"seq": no})
        for no in range(1, 600, 2)
    ]
    first, second = pack(lines_of(events))
    assert [one.seq for one in unpack_some(first.body, [1, 2, 9, 511, 513])] == [1, 9, 511]
    asked = unpack_some(first.body, [1, 9, 511], with_asked=True)
    assert sorted(one.seq for one in asked) == [1, 9, 511]
    even = [Event(seq=9, ts=0, kind="app.log", data={}), *events[5:]]
    even[3] = Event(seq=17, ts=0, kind="app.log", ref=9, data={})
    [chunk, *_] = pack(lines_of(even))
    assert [one.seq for one in unpack_some(chunk.body, [17], with_asked=True)] == [17, 9]
    assert [one.seq for one in unpack_some(second.body, [1, 599], with_asked=True)] == [599]


def test_a_chunk_is_full_at_256_lines_or_64_kibibytes() -> None:
    def sizes(*lengths: int) -> list[int]:
        events = [
            Event(seq=seq, ts=0, kind="app.log", data={"t": "x" * length})
            for seq, length in enumerate(lengths, start=1)
        ]
        return [chunk.count for chunk in pack(lines_of(events))]

    assert sizes(*[1] * 513) == [256, 256, 1]
    assert sizes(*[40_000] * 5) == [2, 2, 1]
    assert sizes(100_000, 1, 1) == [1, 2]


def outcome(read: Callable[[bytes], list[Event]], body: bytes) -> object:
    try:
        return read(body)
    except EventError as error:
        return error.line, error.code


def quickly(body: bytes) -> list[Event]:
    return [event for piece in read_lines(body, max_events=40) for event in piece.events()]


def carefully(body: bytes) -> list[Event]:
    return parse_ndjson(body, max_events=40)


broken_lines = st.sampled_from(
    [
        b"",
        b" ",
        b"{}",
        b"\xff",
        b"[" + line(seq=9) + b"]",
        line(seq=5) + line(seq=6),
        line(seq=5) + b" " + line(seq=6),
        line(seq=7, ref=7),
        line(seq=7, data={"a\x00": 1}),
        line(seq=7, data=nested(MAX_DEPTH + 1)),
        line(seq=7)[:-5],
        line(seq=7)[-5:],
        b'{"seq":8,',
        b'"ts":1,"kind":"app.log","data":{}}',
        line(seq=3) + b"\r",
        *(
            b'{"seq":8,"ts":1,"kind":"app.log","data":' + data + b"}"
            for data in (
                *(
                    b"1",
                    b"null",
                    b'"{}"',
                    b"[{}]",
                    b" { } ",
                    b'{"a":1, "a":2}',
                    b'{"data":[1]}',
                    b'{"a":\r1}',
                ),
                *(
                    b'{"a":1e999}',
                    b'{"a":-1E999}',
                    b'{"a":[1e5, 1.50]}',
                    b'{"a":1' + b"0" * 400 + b".0}",
                ),
                *(b'{"a":12345678901234567890}', b'{"a":01}', b'{"a":tru}', b'{"a":1,}', b"{a:1}"),
                *(
                    b'{"a":"\xff"}',
                    b'{"a":"\xc3\xa9"}',
                    b'{"a":"\xed\xa0\x80"}',
                    b'{"a":"\\ud800"}',
                ),
                *(
                    b'{"a":"\\u0000"}',
                    b'{"a":"\\u00e9\\/"}',
                    b'{"\\u0000":1}',
                    b'{"a":"\\x"}',
                    b'{"a":"\t"}',
                ),
            )
        ),
        b'{"data":{"a":1},"kind":"app.log", "seq" : 8 ,"ts":1}',
        b'{"s\\u0065q":8,"ts":1,"kind":"app.log","data":{}}',
        line(seq=8, data={str(no): no for no in range(MAX_KEYS + 1)}),
        line(seq=8, data={"a": [{}] * MAX_DEPTH}),
        line(seq=8, data={"a": "x" * 9000}),
    ]
)


@given(
    st.lists(st.integers(1, 50).map(lambda seq: line(seq=seq)) | broken_lines, max_size=6),
    st.integers(0, 60),
    st.sampled_from([b"\n", b"\r\n", b"\n\n"]),
)
@settings(max_examples=400, deadline=None)
def test_the_quick_reading_takes_and_refuses_what_the_careful_one_does(
    odd: list[bytes], good: int, newline: bytes
) -> None:
    rising = [line(seq=seq) for seq in range(1, good + 1)]
    for body in (newline.join(rising + odd), newline.join(odd + rising) + newline):
        assert outcome(quickly, body) == outcome(carefully, body)


def test_what_is_taken_is_written_as_this_program_writes_it() -> None:
    body = (
        b'{"ts": 1, "seq": 1, "kind": "app.log", "data": {"p\\u0061ssword": "https:\\/\\/a"}}\n'
        b'{"seq":2,"ts":1,"kind":"app.log","data":{"n":1e2}}'
    )
    [piece] = read_lines(body)
    assert piece.text == (
        b'{"seq":1,"ts":1.0,"kind":"app.log","data":{"password":"https://a"}}\n'
        b'{"seq":2,"ts":1.0,"kind":"app.log","data":{"n":100.0}}\n'
    )


@pytest.mark.parametrize("screen", [None, compile_rules().screens[0]], ids=["alone", "screened"])
def test_what_only_looks_like_two_events_is_one(screen: Pattern | None) -> None:
    good = line(seq=3, data={"text": "}{ password", "list": [{}, {"a": {}}]})
    [piece] = read_lines(good + b"\n" + line(seq=4), screen=screen)
    assert piece.events() == parse_ndjson(good + b"\n" + line(seq=4))
    for body in (line(seq=1) + b" " + line(seq=2) + b"\n", b"\n" + line(seq=1) + b"\n{}\n"):
        with pytest.raises(EventError) as caught:
            read_lines(body, screen=screen)
        with pytest.raises(EventError) as expected:
            parse_ndjson(body)
        assert (caught.value.line, caught.value.code) == (expected.value.line, expected.value.code)


def test_a_long_body_is_read_in_pieces_that_know_their_line_numbers() -> None:
    lines = [line(seq=seq, data={"t": "x" * 700}) for seq in range(1, 4001)]
    body = b"\n".join(lines)
    pieces = read_lines(body)
    assert len(pieces) > 3
    assert [event for piece in pieces for event in piece.events()] == parse_ndjson(body)
    lines[3500] = line(seq=3500)
    for read in (read_lines, parse_ndjson):
        with pytest.raises(EventError) as caught:
            read(b"\n".join(lines))
        assert (caught.value.line, caught.value.code) == (3501, "seq_not_increasing")


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(EventError):
        assert parse_ndjson(body)
