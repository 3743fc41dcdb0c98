"""A large Playwright recording: 2,005 calls, made from the shapes of a real one.

The recorded page's own lines are repeated with fresh call ids and later times, so every kind of
line keeps its real form and size; snapshots refer back as Playwright writes them.
"""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx

from bench.figures import Figure
from bench.place import ROOT, Place
from bench.processes import wait_until

RUNS = 5
CALLS = 2005
_SOURCE = ROOT / "tests/fixtures/playwright/py-fail.trace.zip"
_TIMES = ("startTime", "endTime", "time", "timestamp")


def measure(place: Place) -> Iterator[Figure]:
    """From the first byte of the upload until the trace can be viewed, and from the last byte."""
    whole, after = [], []
    with place.client() as client:
        for run in range(RUNS + 1):
            begin = time.perf_counter()
            answer, sent = _upload(client, archive(run))
            wait_until("the recording", lambda: _is_viewable(client, answer["short_id"]))  # noqa: B023
            whole.append(time.perf_counter() - begin)
            after.append(time.perf_counter() - sent)
        events = client.get(f"/v1/traces/{answer['short_id']}/summary.json").json()["events"]
    title = f"Playwright zip of {CALLS:,} calls, {events:,} events"
    yield Figure(f"{title}: viewable after upload", "s", after[1:], 3, "less")


def _upload(client: httpx.Client, content: bytes) -> tuple[dict[str, Any], float]:
    moments = [0.0]

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(content), 65_536):
            yield content[at : at + 65_536]
        moments[0] = time.perf_counter()

    headers = {"Content-Type": "application/zip", "Content-Length": str(len(content))}
    answer = client.post(
        "/v1/traces/ingest", params={"project": "bench"}, content=pieces(), headers=headers
    )
    answer.raise_for_status()
    return answer.json(), moments[0]


def _is_viewable(client: httpx.Client, trace: str) -> bool:
    return client.get(f"/v1/traces/{trace}/summary.json").status_code == 200


def archive(run: int = 0) -> bytes:
    """The zip; another run gives other bytes of the same recording."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(_SOURCE) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zip_,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "trace.trace":
                content = b"\n".join(map(_encode, _lines(content, run))) + b"\n"
            if name == "trace.network":
                content = b"\n".join(map(_encode, _network(content))) + b"\n"
            zip_.writestr(name, content)
    return out.getvalue()


def _lines(content: bytes, run: int) -> Iterator[dict[str, Any]]:
    """The recording's head once, then its calls again and again, some console lines left out."""
    recorded = [json.loads(line) for line in content.splitlines()]
    head, body = recorded[:_HEAD], recorded[_HEAD:]
    head[0]["title"] = f"shop, long, {run}"
    yield from head
    span = max(map(_last, body)) - min(filter(None, map(_last, body)))
    calls, spare = sum(line["type"] == "before" for line in head), _SPARE
    for again in range(CALLS):
        for line in body:
            calls += line["type"] == "before"
            if calls > CALLS:
                return
            if line["type"] == "console" and spare:
                spare -= 1
                continue
            yield _moved(line, again, span)


def _moved(line: dict[str, Any], again: int, span: float) -> dict[str, Any]:
    inner = {"snapshot": _moved(line["snapshot"], again, span)} if "snapshot" in line else {}
    times = {name: line[name] + again * span for name in _TIMES if name in line}
    ids = {name: f"{line[name]}-{again}" for name in ("callId", "parentId") if line.get(name)}
    return {**line, **times, **ids, **inner}


def _network(content: bytes) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in content.splitlines())


def _last(line: dict[str, Any]) -> float:
    moments = [line[name] for name in _TIMES if name in line]
    return float(max([*moments, _last(line["snapshot"]) if "snapshot" in line else 0.0]))


def _encode(line: dict[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode()


# Lines before the first navigation: options, and the page that is opened.
_HEAD = 4
# Console lines left out, so that the recording has as many events as it says.
_SPARE = 136
