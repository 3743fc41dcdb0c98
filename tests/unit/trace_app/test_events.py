"""The event contract: what a line may hold, at its limits and one beyond."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trace_app.domain.chunks import build_index, pack, read_index, unpack
from trace_app.domain.events import (
    KIND_RIBBON,
    KINDS,
    LEVELS,
    MAX_DEPTH,
    MAX_KEYS,
    MAX_LINE_BYTES,
    MAX_SEQ,
    RIBBONS,
    Event,
    EventError,
    encode_ndjson,
    parse_ndjson,
)


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


def test_depth_and_keys_at_their_limits() -> None:
    assert parse_ndjson(line(data=nested(MAX_DEPTH)))
    assert refusal(line(data=nested(MAX_DEPTH + 1))).code == "too_deep"
    keys = {f"k{number}": 0 for number in range(MAX_KEYS)}
    assert parse_ndjson(line(data=keys))
    assert refusal(line(data={**keys, "one": 0})).code == "too_many_keys"
    assert refusal(b'{"seq":1,"ts":0,"kind":"app.log","data":' + b'{"a":' * 100_000).code


def test_a_line_may_have_a_mebibyte() -> None:
    room = MAX_LINE_BYTES - len(line(data={"t": ""}))
    assert parse_ndjson(line(data={"t": "x" * room}))
    refused = refusal(line() + b"\n" + line(seq=2, data={"t": "x" * (room + 1)}))
    assert (refused.code, refused.line) == ("line_too_long", 2)


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
    chunks = list(pack(trace))
    assert all(chunk.count <= 256 for chunk in chunks)
    stored = [event for chunk in chunks for event in unpack(chunk.body)]
    assert sorted(stored, key=lambda event: event.seq) == trace
    index = read_index(build_index(trace))
    assert list(index.seq) == [event.seq for event in trace]
    assert [us / 1000 for us in index.ts_us] == pytest.approx([event.ts for event in trace])


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(EventError):
        assert parse_ndjson(body)
