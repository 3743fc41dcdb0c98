"""Whatever JSON stands where a recorder usually writes something else, every reader copes."""

import json
from random import Random
from typing import Any

import pytest

from trace_app.domain.diff import TraceView, diff_traces
from trace_app.domain.event_text import describe
from trace_app.domain.events import KINDS, Event, Kind
from trace_app.domain.evidence import curl
from trace_app.domain.network_rows import rows
from trace_app.domain.paths import path_of, split_url
from trace_app.domain.signature import compute
from trace_app.domain.steps import step_rows

KEYS = [
    "actual",
    "args",
    "attachments",
    "body",
    "boundary",
    "clone",
    "cookies",
    "data",
    "depth",
    "dur",
    "duration",
    "error",
    "event",
    "expected",
    "failing_step",
    "file",
    "frame",
    "headers",
    "height",
    "host",
    "html",
    "image",
    "kind",
    "level",
    "line",
    "local",
    "location",
    "message",
    "method",
    "mime",
    "name",
    "ok",
    "page",
    "path",
    "phase",
    "port",
    "resource_type",
    "scenario",
    "session",
    "size",
    "source",
    "stack",
    "state",
    "status",
    "step",
    "stream",
    "target",
    "text",
    "title",
    "type",
    "url",
    "value",
    "verb",
    "viewport",
    "width",
]
ODD: list[Any] = [
    *(None, True, False, 0, -1, 3, 1e300, -1e300, "", "x", "http://[", "//[/a?b=c", "9" * 50),
    *([], {}, [None], [1], ["x"], [[]], [["a"]], [["a", "b"]], [{}], [{"name": 1}]),
    *({"a": 1}, {"a": {"b": []}}, {"message": []}, {"$blob": 1}, {"$member": 3}),
]


def odd_run(chance: Random) -> list[Event]:
    def data() -> dict[str, Any]:
        return {key: chance.choice(ODD) for key in KEYS if chance.random() < 0.6}

    def event(seq: int, kind: Kind) -> Event:
        ref = seq - 1 if seq > 1 and chance.random() < 0.5 else None
        step, level = chance.choice([None, 0, 1, 2]), chance.choice([None, "error"])
        return Event(seq=seq, ts=seq, kind=kind, step=step, ref=ref, level=level, data=data())  # type: ignore[arg-type]

    kinds: list[Any] = chance.choices(KINDS, k=25)
    return [event(seq, kind) for seq, kind in enumerate(kinds, start=1)]


@pytest.mark.parametrize("seed", range(60))
def test_every_reader_copes(seed: int) -> None:
    one, two = odd_run(Random(seed)), odd_run(Random(seed + 1000))
    for event, asked in zip(one, two, strict=True):
        assert describe(event, None)
        assert describe(event, asked)
        assert isinstance(curl(event.data), str)
    compute(one, step_rows(one))
    rows(one)
    views = [
        TraceView.from_events(name, tuple(held), steps=[], page_text={})
        for name, held in (("a", one), ("b", two))
    ]
    assert json.dumps(diff_traces(*views).to_json())


def test_an_address_that_cannot_be_read_has_no_parts() -> None:
    assert path_of("http://[") == ""
    assert split_url("http://[").netloc == ""
    assert path_of("http://app") == "/"
    assert path_of("http://app/a?b#c") == "/a"
