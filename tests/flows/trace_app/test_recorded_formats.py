"""Every recorded format, through the door and back out: ribbons, steps, failure, files."""

import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.harness.record import BY, PLAYWRIGHT, make_project
from trace_app.actions.ingest import ingest_zip
from trace_app.actions.processing import process
from trace_app.actions.teams import set_role
from trace_app.domain.archive import Archive
from trace_app.domain.events import RIBBONS
from trace_app.domain.roles import Role
from trace_app.models import Trace
from trace_app.queries.events import events
from trace_app.storage import blobs

pytestmark = pytest.mark.django_db
EXPECTED: dict[str, Any] = json.loads((PLAYWRIGHT / "EXPECTED.json").read_text())


def ingested(name: str) -> Trace:
    trace = ingest_zip(by=BY, project=make_project(), path=PLAYWRIGHT / name)
    assert process(str(trace.pk))
    trace.refresh_from_db()
    return trace


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(User.objects.create_user("vera"))
    return client


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording_is_a_trace_with_everything_in_it(viewer: Client, name: str) -> None:
    trace, expected = ingested(name), EXPECTED[name]
    set_role(by=BY, team=trace.project.team, user=User.objects.get(), role=Role.VIEWER)
    failed = [step.title for step in trace.steps.all() if step.status == "failed"]
    assert trace.status == ("failed" if expected["failed_steps"] else "passed")
    # A runner's step also names what it acted on.
    assert [title.split(" locator(")[0] for title in failed] == expected["failed_steps"]
    assert trace.steps.count() == expected["ribbons"]["steps"]
    assert {one: trace.summary["counts"][one]["total"] > 0 for one in RIBBONS} == dict.fromkeys(
        RIBBONS, True
    )
    assert trace.summary["counts"]["video"]["total"] == expected["frames"]
    found = trace.signature.slug if trace.signature else None
    assert found == ("webhook-404" if expected["failed_steps"] else None)

    kinds: dict[str, Any] = {}
    for event in events(trace):
        kinds.setdefault(event.kind, event)
    base = f"/traces/{trace.short_id}"
    picture = viewer.get(f"{base}/frames/{kinds['video.frame'].seq}")
    assert picture.content.startswith(b"\xff\xd8")
    page = viewer.get(f"{base}/snapshots/{kinds['dom.snapshot'].seq}")
    assert b"<html" in page.content.lower()
    body = kinds["network.response"].data["body"]["$member"]
    assert b"<html" in viewer.get(f"{base}/members/{body}").content.lower()
    line = next(one for one in events(trace) if one.kind == "step.start" and "file" in one.data)
    source = viewer.get(f"{base}/source", {"path": line.data["file"]})
    assert source.status_code == 200
    assert len(source.content.splitlines()) >= line.data["line"]


def test_a_runners_attachments_and_output_are_served(viewer: Client) -> None:
    trace = ingested("js-checkout-fails-on-webhook.trace.zip")
    set_role(by=BY, team=trace.project.team, user=User.objects.get(), role=Role.VIEWER)
    assert max(step.depth for step in trace.steps.all()) >= 2
    printed = [one.data["text"] for one in events(trace, kinds=("app.log",))]
    assert "about to check status\n" in printed
    attached = {
        one["name"]: one for event in events(trace) for one in event.data.get("attachments", [])
    }
    base = f"/traces/{trace.short_id}/members"
    assert json.loads(viewer.get(f"{base}/{attached['cart.json']['$member']}").content)
    shot = viewer.get(f"{base}/{attached['screenshot']['$member']}")
    assert shot.headers["Content-Type"] == "image/png"
    assert shot.content.startswith(b"\x89PNG")
    listed = viewer.get(f"/traces/{trace.short_id}/panels/artifacts").content.decode()
    for name, one in attached.items():
        assert f'href="{base}/{one["$member"]}" target="_blank" rel="noopener">{name}</a>' in listed
    assert [one["name"] for one in trace.summary["attachments"]] == [
        "cart.json",
        "screenshot",
        "error-context",
    ]


class Counting(io.BufferedReader):
    """A file that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


def test_one_member_is_read_without_the_rest_of_the_zip() -> None:
    trace = ingested("js-checkout-fails-on-webhook.trace.zip")
    file = Counting(blobs.open_blob(trace.playwright_zip).file.detach())  # type: ignore[attr-defined]
    archive = Archive(file)
    directory = file.taken
    name = next(one for one in archive.names() if one.endswith(".jpeg"))
    picture = archive.read(name)
    assert picture.startswith(b"\xff\xd8")
    assert directory < 60_000
    assert file.taken - directory < len(picture) + 2000
