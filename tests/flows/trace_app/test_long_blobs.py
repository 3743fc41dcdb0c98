"""Long blobs of a bundle come in masked and go out again, and are never held whole."""

import random
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.record import BY, make_project, webhook_run
from trace_app.actions.ingest import ingest_bundle
from trace_app.domain.bundle import RunInfo, open_bundle, sha256_hex
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.contents import held
from trace_app.domain.events import Event
from trace_app.domain.redaction.windows import MARGIN, WINDOW
from trace_app.models import Project, Trace
from trace_app.queries.events import events
from trace_app.storage import blobs
from trace_app.storage.exports import export_bundle

# Long enough not to be packed to nothing.
CHANCE = random.Random(7)
LINES = "".join(
    f"the shop answered {CHANCE.choice('abcdef') * 3} {n}\n" for n in range(5000)
).encode()
PASSWORD = b'{"password": "correct horse"}\n'
# The password lies over the end of the first window, again without its name behind it.
LONG = b"".join(
    (
        (LINES * 99)[: WINDOW - 20],
        PASSWORD,
        LINES * 20,
        b"typed: correct horse\n",
    )
)
CLEAN = LINES[1:] * 90


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@contextmanager
def holding_less_than(size: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < size


def bundle(path: Path) -> Path:
    kept = {sha256_hex(body): held(body) for body in (LONG, CLEAN, b"short, correct horse")}
    body = {"$blob": f"sha256:{sha256_hex(LONG)}", "size": len(LONG)}
    said = Event(seq=11, ts=6.5, kind="app.log", data={"stream": "stdout", "body": body})
    found = webhook_run()
    with path.open("wb") as out:
        write_bundle(
            out, run=RunInfo(status="failed"), events=[*found[:-1], said, found[-1]], blobs=kept
        )
    return path


def kept(trace: Trace) -> dict[str, bytes]:
    names = trace.trace_blobs.values_list("blob_id", "blob__size")
    found = {sha256: blobs.open_blob(sha256).read() for sha256, _ in names}
    assert dict(names) == {sha256: len(body) for sha256, body in found.items()}
    return found


def test_a_long_blob_is_masked_stored_and_exported_piece_by_piece(
    project: Project, tmp_path: Path
) -> None:
    path = bundle(tmp_path / "run.zip")
    with holding_less_than(4 * (WINDOW + 2 * MARGIN)):
        trace = ingest_bundle(by=BY, project=project, path=path)
    found = kept(trace)
    masked = LONG.replace(b"correct horse", "‹masked:1›".encode())
    assert set(found.values()) == {masked, CLEAN, "short, ‹masked:1›".encode()}
    assert all(sha256_hex(body) == sha256 for sha256, body in found.items())
    names = [event.data["body"]["$blob"] for event in events(trace) if event.seq == 11]
    assert names == [f"sha256:{sha256_hex(masked)}"]
    (where,) = [one for one in trace.runner["redaction"]["where"] if one["place"] == "blobs"]
    assert where["times"] == 3
    with holding_less_than(2 * MARGIN):
        exported = export_bundle(trace)
    with exported:
        again = open_bundle(exported)
        assert {sha256: again.blob(sha256) for sha256 in again.blobs} == found
