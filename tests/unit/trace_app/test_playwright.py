"""Recorded Playwright zips of formats 3 to 10, both layouts, against counted expectations."""

import io
import json
import zipfile
from pathlib import Path
from random import Random
from typing import Any

import pytest

from trace_app.domain.archive import Archive
from trace_app.domain.bundle import RunInfo
from trace_app.domain.events import Event, encode_ndjson, parse_ndjson
from trace_app.domain.imported import imported_events
from trace_app.domain.playwright import Package, PlaywrightError, package_drafts, read_package
from trace_app.domain.playwright.modernise import Moderniser
from trace_app.domain.playwright.snapshot import Renderer
from trace_app.domain.playwright.titles import title_of
from trace_app.domain.playwright.values import decode
from trace_app.domain.sequence import Draft, assign_steps, number
from trace_app.domain.signature import Signature, compute
from trace_app.domain.steps import failing_step, step_rows

FOLDER = Path(__file__).parents[2] / "fixtures" / "playwright"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "EXPECTED.json").read_text())
FAILED = [name for name in EXPECTED if name != "py-pass.trace.zip"]
# Recorded by fixtures/playwright/record.py; the others show another shop.
OWN = ("py-1.30.0-fail.trace.zip", "py-1.35.0-fail.trace.zip", "py-1.63.0-fail.trace.zip")
LIBRARY = [name for name in EXPECTED if name.startswith("py-")]
# Recorded by fixtures/playwright/runner; up to format 3 a runner's zip is like the library's.
RUNNER = [name for name in EXPECTED if name.startswith("js-1") and EXPECTED[name]["version"] > 3]


def package_of(name: str) -> Package:
    with (FOLDER / name).open("rb") as file:
        return read_package(Archive(file))


def events_of(package: Package) -> list[Event]:
    return assign_steps(number(package_drafts(package), package.started_ms))


def signature_of(name: str) -> Signature | None:
    events = events_of(package_of(name))
    return compute(events, step_rows(events))


@pytest.mark.parametrize("name", EXPECTED)
def test_everything_recorded_is_found(name: str) -> None:
    package, expected = package_of(name), EXPECTED[name]
    errors = [one for one in package.page_events if one.method == "pageError"]
    others = len(package.page_events) - len(errors)
    found = {
        "steps": len(package.calls),
        "video": len(package.frames),
        "network": len(package.entries),
        "console": len(package.messages) + len(errors) + len(package.outputs),
        # Old formats repeat requests and load states as page events; those are counted, not kept.
        "dom": len(package.snapshots) + others + package.noise,
    }
    assert package.version == expected["version"]
    assert package.contexts == expected["contexts"]
    assert found == expected["ribbons"]
    assert [call.title for call in package.calls if call.error] == expected["failed_steps"]
    assert len(package.snapshots) == expected["snapshots"]
    assert len(package.frames) == expected["frames"]
    failed = [
        [entry.response["status"], entry.request["method"], entry.request["url"]]
        for entry in package.entries
        if entry.response.get("status", 0) >= 400
    ]
    assert failed == expected["http_errors"]
    console = [message for message in package.messages if message.kind == "error"]
    assert len(console) + len(errors) == expected["console_errors"]


@pytest.mark.parametrize("name", EXPECTED)
def test_events_are_numbered_the_same_way_each_time(name: str) -> None:
    one, two = events_of(package_of(name)), events_of(package_of(name))
    assert one == two
    assert [event.seq for event in one] == list(range(1, len(one) + 1))
    held = {event.seq: event for event in one}
    for event in one:
        if event.ref is not None:
            assert event.ref < event.seq
            assert held[event.ref].ts <= event.ts
            assert held[event.ref].step == event.step
    assert all(0 <= event.ts < 60_000 for event in one)


def test_one_failure_is_one_cluster_in_every_format() -> None:
    found = {name: signature_of(name) for name in FAILED}
    assert {signature.slug for signature in found.values() if signature} == {"webhook-404"}
    hashes = {name: signature.hash for name, signature in found.items() if signature}
    assert len({hashes[name] for name in OWN}) == 1
    assert len({hashes[name] for name in LIBRARY if name in FAILED and name not in OWN}) == 1
    first = found["py-fail.trace.zip"]
    assert first is not None
    assert first.parts.network is not None
    assert (first.parts.network.method, first.parts.network.path) == ("POST", "/api/stripe/webhook")
    assert first.parts.frame is not None
    assert first.parts.frame.function == "pay"
    assert signature_of("py-pass.trace.zip") is None


def test_a_runners_steps_nest_and_its_output_and_attachments_are_kept() -> None:
    package = package_of("js-checkout-fails-on-webhook.trace.zip")
    events = events_of(package)
    rows = step_rows(events)
    pay = next(row for row in rows if row.title == "pay")
    inner = [row for row in rows if pay.number < row.number and row.depth > pay.depth]
    assert "Fill" in inner[0].title
    failed = failing_step(rows)
    assert failed is not None
    assert failed.title.startswith('Expect "toHaveText"')
    assert "\x1b" not in failed.error
    output = [event.data["text"] for event in events if event.kind == "app.log"]
    assert output == ["cart ok\n", "about to check status\n"]
    attached = [one for event in events for one in event.data.get("attachments", [])]
    assert [one["name"] for one in attached] == ["cart.json", "error-context", "screenshot"]
    assert all(one["$member"] in package.members for one in attached)


@pytest.mark.parametrize("name", RUNNER)
def test_what_runner_and_library_both_recorded_is_one_step(name: str) -> None:
    package = package_of(name)
    assert all(call.from_runner for call in package.calls)
    click = next(call for call in package.calls if "Pay now" in title_of(call))
    pay = next(call for call in package.calls if call.title == "pay")
    assert click.parent_id == pay.call_id
    assert click.params["selector"] == 'internal:role=button[name="Pay now"i]'
    phases = {shot.phase for shot in package.snapshots if shot.call_id == click.call_id}
    assert phases == {"before", "action", "after"}


def test_both_layouts_are_recorded_in_every_format() -> None:
    for layout in ("py-", "js-"):
        versions = {one["version"] for name, one in EXPECTED.items() if name.startswith(layout)}
        assert versions == set(range(3, 11))


@pytest.mark.parametrize("name", LIBRARY)
def test_sources_are_named_by_their_path(name: str) -> None:
    package = package_of(name)
    path = "/srv/shop-e2e/record.py" if name in OWN else "/srv/ci/shop-e2e/run/rec_py.py"
    assert list(package.sources) == [path]
    assert set(package.sources.values()) <= package.members
    assert all(call.stack[0].line > 0 for call in package.calls if call.stack)


@pytest.mark.parametrize("name", OWN)
def test_an_old_format_tells_the_whole_course(name: str) -> None:
    package = package_of(name)
    rows = step_rows(events_of(package))
    failed = failing_step(rows)
    assert failed is not None
    assert (failed.number, failed.line) == (9, 74)
    assert package.calls[8].stack[0].function == "pay"
    verbs = " ".join(call.method for call in package.calls)
    assert verbs == "newPage goto click expect click fill check click expect waitForTimeout"
    assert [one.text for one in package.messages if one.kind == "log"] == ["added 1"]
    assert {one.url.rpartition("/")[2] for one in package.snapshots} >= {"", "pay", "terms"}
    shots = [(one.call_id, one.phase) for one in package.snapshots if one.is_main]
    assert len(shots) == len(set(shots))
    assert {phase for _, phase in shots} == {"before", "action", "after"}
    paid = next(one for one in package.entries if one.request["method"] == "POST")
    assert paid.request["postData"]["_file"] in package.members
    assert paid.response["content"]["_file"] in package.members
    starts = [call.start_ms for call in package.calls]
    assert starts[0] < paid.start_ms <= paid.end_ms < (package.calls[-1].end_ms or 0)
    assert all(starts[0] - 50 < frame.wall_ms for frame in package.frames)


def modern(version: int, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for _, line in Moderniser(version).lines(enumerate(lines, start=1))]


def test_format_3_is_unwrapped() -> None:
    metadata = {
        "id": "call@5",
        "type": "Frame",
        "method": "click",
        "params": {"selector": "#a"},
        "startTime": 10,
        "endTime": 20,
        "apiName": "page.click",
        "log": ["waiting"],
        "snapshots": [{"title": "before", "snapshotName": "before@call@5"}],
        "error": {"error": {"message": "no", "stack": "s", "name": "Error"}},
    }
    hidden = {"type": "action", "metadata": {"internal": True, "method": "x"}}
    tracing = {"type": "action", "metadata": {"method": "tracingStart"}}
    snapshot = {
        "type": "frame-snapshot",
        "snapshot": {"snapshotName": "before@call@5", "frameId": "f"},
    }
    before, log, after, shot = modern(
        3, {"type": "action", "metadata": metadata}, hidden, tracing, snapshot
    )
    assert (before["type"], before["title"], before["class"]) == ("before", "page.click", "Frame")
    assert (log["type"], log["message"]) == ("log", "waiting")
    assert after["error"]["message"] == "no"
    assert (shot["snapshot"]["callId"], shot["snapshot"]["phase"]) == ("call@5", "before")


def test_format_4_joins_console_messages() -> None:
    created = {
        "type": "event",
        "method": "__create__",
        "params": {
            "type": "ConsoleMessage",
            "guid": "m1",
            "initializer": {"type": "error", "text": "boo"},
        },
    }
    said = {"type": "event", "method": "console", "params": {"message": {"guid": "m1"}}, "time": 5}
    (message,) = modern(4, created, said)
    assert (message["type"], message["messageType"], message["text"]) == ("console", "error", "boo")


def test_format_3_joins_dialogs() -> None:
    made = {"type": "Dialog", "guid": "d1", "initializer": {"type": "alert", "message": "No"}}
    shown = {"dialog": {"guid": "d1"}}
    (dialog,) = modern(
        3,
        {"type": "event", "metadata": {"type": "Dialog", "method": "__create__", "params": made}},
        {"type": "event", "metadata": {"type": "Page", "method": "dialog", "params": shown}},
    )
    assert dialog["params"] == {"type": "alert", "message": "No"}


def test_format_8_uses_the_runners_ids_and_names_phases() -> None:
    before = {"type": "before", "callId": "call@7", "stepId": "pw@3", "beforeSnapshot": "x1"}
    shot = {"type": "frame-snapshot", "snapshot": {"callId": "call@7", "snapshotName": "x1"}}
    frame = {"type": "screencast-frame", "sha1": "page@1-2.jpeg"}
    first, second, third = modern(8, before, shot, frame)
    assert first["callId"] == "pw@3"
    assert second["snapshot"]["callId"] == "pw@3"
    assert second["snapshot"]["originalCallId"] == "call@7"
    assert second["snapshot"]["phase"] == "before"
    assert third["file"] == "resources/page@1-2.jpeg"


def test_a_page_looks_the_same_in_every_format() -> None:
    pages = set()
    for name in OWN:
        with (FOLDER / name).open("rb") as file:
            archive = Archive(file)
            package = read_package(archive)
            renderer = Renderer(package, lambda member, held=archive: held.read(member))  # type: ignore[misc]
            shelf, paying = package.calls[2].call_id, package.calls[7].call_id
            shown = [renderer.render(shelf, "before"), renderer.render(paying, "action")]
        pages.add(tuple(page.html for page in shown if page))
    assert len(pages) == 1
    shelf_page, paying_page = pages.pop()
    assert "sans-serif" in shelf_page
    assert "data:image/svg+xml" in shelf_page
    assert "All sales are final." in paying_page
    assert 'value="Ada"' in paying_page
    assert "<button data-trace-target" in paying_page


ODD: list[Any] = [
    *(None, True, -1, 2**60, 1e308, "", "x\x00y", [], {}, [[1, 2]], {"a": [{}]}, "call@9"),
    "2026-13-45T99:00Z",
]


def damaged(name: str, random: Random) -> io.BytesIO:
    """The recording with a few values replaced by odd ones."""
    out = io.BytesIO()
    with zipfile.ZipFile(FOLDER / name) as source, zipfile.ZipFile(out, "w") as made:
        for member in source.namelist():
            if not member.endswith((".trace", ".network")):
                continue
            lines = [json.loads(line) for line in source.read(member).splitlines()][:40]
            for line in random.sample(lines, min(4, len(lines))):
                holder = line
                while True:
                    key = random.choice(list(holder))
                    if (
                        not isinstance(holder[key], dict)
                        or not holder[key]
                        or random.random() < 0.3
                    ):
                        break
                    holder = holder[key]
                holder[key] = random.choice(ODD)
            made.writestr(member, "".join(json.dumps(line) + "\n" for line in lines))
    return out


@pytest.mark.parametrize("seed", range(40))
def test_odd_values_are_read_or_refused_with_their_place(seed: int) -> None:
    random = Random(seed)
    archive = Archive(damaged(random.choice(list(EXPECTED)), random))
    try:
        package = read_package(archive)
    except PlaywrightError as error:
        assert error.member.endswith((".trace", ".network"))  # noqa: PT017
        return
    events = imported_events(package, RunInfo(status="failed"), package.started_ms)
    assert parse_ndjson(encode_ndjson(events)) == events
    renderer = Renderer(package, lambda member: None)
    for recorded in package.snapshots[::5]:
        renderer.render(recorded.call_id, recorded.phase)


def test_broken_text_in_a_recording_is_mended() -> None:
    assert decode(b'{"a":"\\ud83d!","b":"\\ud83d\\ude00"}') == {"a": "\ufffd!", "b": "\U0001f600"}


@pytest.mark.parametrize(
    ("version", "code"), [(11, "newer_format"), (2, "older_format"), (None, "no_version")]
)
def test_other_formats_are_refused_by_name(version: int | None, code: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("trace.trace", json.dumps({"type": "context-options", "version": version}))
    with pytest.raises(PlaywrightError) as refused:
        read_package(Archive(out))
    assert refused.value.code == code


def test_a_completion_never_precedes_what_it_completes() -> None:
    late = Draft(wall_ms=20, lane="b", kind="network.request", key="k")
    early = Draft(wall_ms=10, lane="a", kind="network.response", ref_key="k", data={"status": 200})
    first, second = number([late, early], origin_ms=5)
    assert (first.kind, second.kind, second.ref) == ("network.request", "network.response", 1)
    assert second.ts == first.ts == 15
