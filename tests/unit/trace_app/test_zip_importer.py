"""Properties of the zip importer: whatever a zip holds, it is read or refused by name."""

import io
import json
import zipfile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.record import FAILED_ZIP
from trace_app.domain.archive import Archive, ArchiveError
from trace_app.domain.bundle import RunInfo, is_bundle, open_bundle
from trace_app.domain.events import EventError, parse_ndjson
from trace_app.domain.imported import imported_events
from trace_app.domain.lines import lines_of
from trace_app.domain.playwright import PlaywrightError, is_playwright, read_package
from trace_app.domain.redaction import Redactor, compile_rules, learn_zip, rewrite_zip

NAMES = ("trace.trace", "trace.network", "trace.stacks", "0-trace.trace", "run.json", "../x")
TYPES = ("context-options", "before", "after", "event", "console", "frame-snapshot", "action")
KEYS = (
    "callId",
    "startTime",
    "endTime",
    "params",
    "snapshot",
    "sha1",
    "error",
    "parentId",
    "wallTime",
)
RULES = compile_rules()
WHOLE = FAILED_ZIP.read_bytes()

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
records = st.dictionaries(st.sampled_from(KEYS), anything, max_size=5).flatmap(
    lambda fields: st.sampled_from(TYPES).map(lambda type_: {"version": 8, "type": type_, **fields})
)
lines = records.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30)
members = st.dictionaries(st.sampled_from(NAMES), st.lists(lines, max_size=6).map(b"\n".join))


def read(body: bytes) -> bool:
    """Whether the zip is read into events that the contract accepts; False where it is refused."""
    try:
        archive = Archive(io.BytesIO(body))
        if is_bundle(archive.names()):
            bundle = open_bundle(io.BytesIO(body))
            events = bundle.events() if bundle.has_events else imported_events(None, bundle.run, 0)
        elif is_playwright(archive.names()):
            redactor = Redactor(RULES)
            learn_zip(archive, redactor)
            rewrite_zip(archive, io.BytesIO(), redactor)
            events = imported_events(read_package(archive), RunInfo(status="failed"), 0)
        else:
            return False
    except (ArchiveError, PlaywrightError, EventError):
        return False
    written = b"".join(piece.text for piece in lines_of(events))
    assert [event.seq for event in parse_ndjson(written, max_events=10**6)] == [
        event.seq for event in events
    ]
    return True


def zipped(held: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in held.items():
            made.writestr(name, content)
    return out.getvalue()


def test_bytes_that_are_no_text_are_masked_as_bytes() -> None:
    # Found by `make fuzz`: a short member with a byte that UTF-8 does not know.
    trace = b'{"version":8,"type":"context-options","browserName":"chromium","options":{}}'
    held = {"trace.trace": trace, "trace.stacks": b"{}", "resources/a": b"\xf8", "b": b'{"\xf8"'}
    assert read(zipped(held))


def test_the_recorded_one_is_read() -> None:
    assert read(WHOLE)


@given(members)
@settings(max_examples=150, deadline=None)
def test_any_members_are_read_or_refused(held: dict[str, bytes]) -> None:
    read(zipped(held))


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_damaged_zip_is_read_or_refused(at: int, over: bytes) -> None:
    read(WHOLE[:at] + over + WHOLE[at + len(over) :])


@given(st.integers(0, len(WHOLE) - 1))
@settings(max_examples=30, deadline=None)
def test_a_cut_zip_is_refused(length: int) -> None:
    assert not read(WHOLE[:length])


@given(st.lists(anything, max_size=3))
@settings(max_examples=50, deadline=None)
def test_any_run_json_is_read_or_refused(values: list[Any]) -> None:
    for value in values:
        read(zipped({"run.json": json.dumps(value).encode()}))
