"""Hostile uploads and batches: each is refused with its place and what to do; nothing changes."""

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.record import BY, FAILED_ZIP, make_project, webhook_run
from trace_app.actions.append import abort_silent
from trace_app.actions.ingest import ingest_bundle, ingest_zip
from trace_app.actions.projects import create_api_key
from trace_app.domain.bundle import MAX_RUN_MS, RunInfo, sha256_hex
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.contents import held
from trace_app.domain.events import Event, encode_ndjson
from trace_app.models import Project, Trace
from trace_app.storage import blobs

MIB = 1024**2
TABLES = ("trace", "eventchunk", "step", "appendbatch", "blob", "traceblob", "eventindex")


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@pytest.fixture
def api(project: Project, client: Client) -> Client:
    key = create_api_key(by=BY, team=project.team, name="ci", scopes=["ingest", "read"])
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key.secret}"
    client.raise_request_exception = False
    return client


def stored() -> list[str]:
    """A hash of every row that an upload or a batch could touch."""
    with connection.cursor() as cursor:
        return [
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) "
                f"FROM trace_app_{table} t"
            ).fetchone()[0]
            for table in TABLES
        ]


def line(seq: int = 11, **fields: Any) -> bytes:
    return json.dumps({"seq": seq, "ts": 1, "kind": "app.log", "data": {}, **fields}).encode()


def nested(depth: int) -> dict[str, Any]:
    return {"a": nested(depth - 1)} if depth > 1 else {}


GOOD = line(11)
BATCHES: dict[str, tuple[bytes, str, int, int]] = {
    # what is sent: (body, code, line, status)
    "truncated": (GOOD + b"\n" + line(12)[:-3], "not_json", 2, 400),
    "wrong encoding": (
        GOOD + b"\n" + '{"seq":12,"kind":"é"}'.encode("latin-1"),
        "not_json",
        2,
        400,
    ),
    "utf-16": (GOOD.decode().encode("utf-16"), "not_json", 1, 400),
    "NUL byte": (b"\x00" + GOOD, "not_json", 1, 400),
    "NUL character": (line(data={"t": "a\x00"}), "nul_character", 1, 400),
    "NaN": (b'{"seq":11,"ts":NaN,"kind":"app.log","data":{}}', "not_json", 1, 400),
    "infinite": (b'{"seq":11,"ts":1e999,"kind":"app.log","data":{}}', "bad_field", 1, 400),
    "depth 65": (GOOD + b"\n" + line(12, data=nested(65)), "too_deep", 2, 400),
    "2,001 keys": (line(data=dict.fromkeys(map(str, range(2001)), 0)), "too_many_keys", 1, 400),
    "duplicated seq": (GOOD + b"\n" + GOOD, "seq_not_increasing", 2, 400),
    "decreasing seq": (line(13) + b"\n" + GOOD, "seq_not_increasing", 2, 400),
    "seq that is stored": (line(10), "seq_conflict", 0, 409),
    "negative ts": (GOOD + b"\n" + line(12, ts=-1), "bad_field", 2, 400),
    "unknown kind": (line(kind="network.maybe"), "unknown_kind", 1, 400),
    "1 MiB + 1": (GOOD + b"\n" + line(12, data={"t": "x" * MIB}), "line_too_long", 2, 400),
    "array": (b"[" + GOOD + b"]", "not_an_object", 1, 400),
    "empty": (b"", "empty", 1, 400),
    "blank": (b"\n \n", "empty", 1, 400),
}


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_is_refused_by_its_line(api: Client, name: str) -> None:
    body, code, number, status = BATCHES[name]
    ref = api.post("/v1/traces", "{}", content_type="application/json").json()["short_id"]
    url = f"/v1/traces/{ref}/events"
    whole = encode_ndjson(Event(seq=n, ts=n, kind="app.log", data={}) for n in range(1, 11))
    assert api.post(url, whole, content_type="application/x-ndjson").status_code == 200
    before = stored()
    for sent, headers in ((body, {}), (gzip.compress(body, 0), {"Content-Encoding": "gzip"})):
        refused = api.post(url, sent, content_type="application/x-ndjson", headers=headers)
        answer = refused.json()
        assert (refused.status_code, answer["error"]) == (status, code), answer
        assert answer.get("line", 0) == number
        assert len(answer["message"]) > 10
    assert stored() == before
    # What was refused left nothing behind: the trace goes on.
    assert api.post(url, GOOD, content_type="application/x-ndjson").json()["accepted"] == 1


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_trace_holds_a_million_events(api: Client, extra: int) -> None:
    ref = api.post("/v1/traces", "{}", content_type="application/json").json()["short_id"]
    Trace.objects.filter(short_id=ref).update(event_count=999_990, last_seq=10)
    body = b"\n".join(line(seq) for seq in range(11, 21 + extra))
    before = stored()
    url = f"/v1/traces/{ref}/events"
    answer = api.post(url, body, content_type="application/x-ndjson")
    assert answer.status_code == (413 if extra > 0 else 200)
    if extra > 0:
        assert answer.json()["error"] == "too_many_events"
        assert stored() == before


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        info = zipfile.ZipInfo("trace.trace")
        info.external_attr = 0o120777 << 16
        made.writestr(info, "/etc/passwd")
    return out.getvalue()


def encrypted() -> bytes:
    plain = zipped({"trace.trace": b"x"})
    at = plain.index(b"PK\x01\x02") + 8
    return plain[:at] + b"\x01\x00" + plain[at + 2 :]


def crowded() -> bytes:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", *([0] * 11), 5, *([0] * 6))
    entries = b"".join(entry + b"%05d" % number for number in range(60_001))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60_001, 60_001, len(entries), 0, 0)
    return entries + end


def with_frame(content: bytes) -> bytes:
    sha256 = sha256_hex(content)
    image = {"$blob": f"sha256:{sha256}", "type": "image/jpeg", "size": len(content)}
    events = [
        *webhook_run()[:-1],
        Event(seq=10, ts=7, kind="video.frame", data={"image": image, "width": 9, "height": 9}),
    ]
    out = io.BytesIO()
    write_bundle(out, run=RunInfo(status="failed"), events=events, blobs={sha256: held(content)})
    return out.getvalue()


def replaced(name_ends: str, content: bytes) -> bytes:
    """The recorded zip with the first member of this kind replaced."""
    out, done = io.BytesIO(), False
    with zipfile.ZipFile(FAILED_ZIP) as source, zipfile.ZipFile(out, "w") as made:
        for name in source.namelist():
            hit = not done and name.endswith(name_ends)
            made.writestr(name, content if hit else source.read(name))
            done = done or hit
    assert done
    return out.getvalue()


def damaged() -> bytes:
    body = bytearray(zipped({"trace.trace": bytes(range(256)) * 40}))
    body[60:80] = bytes(20)
    return bytes(body)


HTML = b"<html><script>alert(1)</script>"
HUGE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">2L", 60_000, 60_000) + bytes(20)
WHOLE = FAILED_ZIP.read_bytes()
UPLOADS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    # what is sent: (body, code, how the member's name ends)
    "zip slip": (lambda: zipped({"../../etc/cron.d/x": b""}), "unsafe_name", "cron.d/x"),
    "absolute": (lambda: zipped({"/etc/passwd": b""}), "unsafe_name", "/etc/passwd"),
    "backslash": (lambda: zipped({"a\\..\\..\\b": b""}), "unsafe_name", "b"),
    "symlink": (linked, "link_member", "trace.trace"),
    "bomb": (lambda: zipped({"trace.trace": bytes(64 * MIB)}), "ratio_too_high", "trace.trace"),
    "60,001 members": (crowded, "too_many_members", ""),
    "encrypted": (encrypted, "encrypted_member", "trace.trace"),
    "truncated": (lambda: WHOLE[: len(WHOLE) // 2], "not_a_zip", ""),
    "damaged": (damaged, "damaged_member", "trace.trace"),
    "not a zip": (lambda: b"hello", "not_a_zip", ""),
    "a zip of something else": (lambda: zipped({"a.txt": b"x"}), "not_a_trace", ""),
    "empty": (lambda: b"", "empty", ""),
    "a broken line": (lambda: zipped({"trace.trace": b"{"}), "not_json", "trace.trace"),
    "a page for a frame": (lambda: replaced(".jpeg", HTML), "not_a_picture", ".jpeg"),
    "a huge frame": (lambda: replaced(".jpeg", HUGE), "picture_too_large", ".jpeg"),
    "a page for a blob": (lambda: with_frame(HTML), "not_a_picture", sha256_hex(HTML)),
}


@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload_is_refused_by_its_member(api: Client, project: Project, name: str) -> None:
    make, code, member = UPLOADS[name]
    ingest_zip(by=BY, project=project, path=FAILED_ZIP.with_name("py-pass.trace.zip"))
    before = stored()
    refused = api.post("/v1/traces/ingest", make(), content_type="application/zip")
    answer = refused.json()
    assert (refused.status_code, answer["error"]) == (400, code), answer
    assert answer.get("member", "").endswith(member)
    assert bool(answer.get("member")) == bool(member)
    assert len(answer["message"]) > 10
    assert stored() == before


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_calendar_has_in_utc_is_none(api: Client, text: str) -> None:
    run = {"status": "failed", "started_at": text, "error": {"message": "no"}}
    body = zipped({"run.json": json.dumps(run).encode()})
    sent = api.post("/v1/traces/ingest", body, content_type="application/zip")
    opened = api.post("/v1/traces", {"started_at": text}, content_type="application/json")
    for answer, is_known in ((sent, False), (opened, True)):
        assert answer.status_code == 201, answer.content
        shown = api.get(f"/v1/traces/{answer.json()['short_id']}").json()
        assert bool(shown["started"]) is is_known


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_run_lasts_a_year_at_most_and_is_exported(api: Client, extra: int) -> None:
    run = {"status": "failed", "duration_ms": MAX_RUN_MS + extra, "error": {"message": "no"}}
    body = zipped({"run.json": json.dumps(run).encode()})
    sent = api.post("/v1/traces/ingest", body, content_type="application/zip")
    if extra > 0:
        assert (sent.status_code, sent.json()["member"]) == (400, "run.json")
    else:
        exported = api.get(f"/v1/traces/{sent.json()['short_id']}/export")
        assert zipfile.is_zipfile(io.BytesIO(b"".join(exported)))


def test_ten_minutes_without_a_batch_end_a_run(api: Client) -> None:
    refs = []
    # The clock of a test stands still in the database alone: it may take some seconds.
    for seconds in (570, 601):
        ref = api.post("/v1/traces", "{}", content_type="application/json").json()["short_id"]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE trace_app_trace SET last_batch = now() - %s * interval '1 second'"
                " WHERE short_id = %s",
                [seconds, ref],
            )
        refs.append(ref)
    assert abort_silent() == 1
    found = dict(Trace.objects.values_list("short_id", "status"))
    assert [found[ref] for ref in refs] == ["running", "aborted"]


fields: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["seq", "ts", "kind", "step", "ref", "dur", "level", "data", "more"]),
    st.none() | st.integers() | st.floats() | st.text(max_size=9) | st.just({}) | st.just([]),
)
some_lines = st.lists(
    fields.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40) | st.just(GOOD),
    max_size=4,
).map(b"\n".join)


@given(some_lines)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_batch_is_stored_or_refused(api: Client, body: bytes) -> None:
    ref = api.post("/v1/traces", "{}", content_type="application/json").json()["short_id"]
    url = f"/v1/traces/{ref}/events"
    answer = api.post(url, body, content_type="application/x-ndjson")
    assert answer.status_code in (200, 400), answer.content
    assert answer.status_code == 200 or answer.json()["message"]


def test_uploads_take_the_blobs_they_share_in_one_order(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that took them each in its own order would wait for each other for ever."""
    stored: list[str] = []
    monkeypatch.setattr(blobs, "put", lambda sha256, _: stored.append(sha256))
    contents = {sha256_hex(body): body for body in (b"%d" % number for number in range(9))}
    for no, order in enumerate((list(contents), [*reversed(contents)])):
        path = tmp_path / f"{no}.zip"
        with path.open("wb") as out:
            named = {sha256: held(contents[sha256]) for sha256 in order}
            write_bundle(out, run=RunInfo(status="passed"), events=webhook_run(), blobs=named)
        ingest_bundle(by=BY, project=project, path=path)
    assert stored == sorted(contents) * 2
