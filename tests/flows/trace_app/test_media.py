"""Frames, pages, bodies and sources of a record: served to those who may look, and inert."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.harness.record import BY, FAILED_ZIP, make_project
from trace_app.actions.ingest import ingest_zip
from trace_app.actions.teams import set_role
from trace_app.domain.events import Event
from trace_app.domain.playwright.snapshot import SNAPSHOT_POLICY
from trace_app.domain.roles import Role
from trace_app.models import Trace
from trace_app.queries.events import events
from trace_app.storage import blobs
from trace_app.storage.tickets import sign
from trace_app.views import media

pytestmark = pytest.mark.django_db


@pytest.fixture
def trace() -> Trace:
    return ingest_zip(by=BY, project=make_project(), path=FAILED_ZIP)


@pytest.fixture
def viewer(client: Client, trace: Trace) -> Client:
    user = User.objects.create_user("vera")
    set_role(by=BY, team=trace.project.team, user=user, role=Role.VIEWER)
    client.force_login(user)
    return client


def first(trace: Trace, kind: str) -> Event:
    return next(event for event in events(trace, kinds=(kind,)) if event.data.get("main", True))


def address(name: str, trace: Trace, *rest: object) -> str:
    return reverse(f"trace_app:{name}", args=[trace.short_id, *rest])


def test_a_frame_is_a_picture(viewer: Client, trace: Trace) -> None:
    shown = viewer.get(address("frame", trace, first(trace, "video.frame").seq))
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.content.startswith(b"\xff\xd8")
    assert "immutable" in shown.headers["Cache-Control"]
    assert viewer.get(address("frame", trace, first(trace, "dom.snapshot").seq)).status_code == 404
    assert viewer.get(address("frame", trace, 10**9)).status_code == 404


def test_a_page_comes_with_the_policy_that_stops_it(viewer: Client, trace: Trace) -> None:
    shown = viewer.get(address("snapshot", trace, first(trace, "dom.snapshot").seq))
    assert shown.status_code == 200
    assert shown.headers["Content-Security-Policy"] == SNAPSHOT_POLICY
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert b"<script" not in shown.content
    assert (
        viewer.get(address("snapshot", trace, first(trace, "video.frame").seq)).status_code == 404
    )


def test_bodies_are_text_whatever_they_claim(viewer: Client, trace: Trace) -> None:
    bodies = [
        event.data["body"]
        for event in events(trace, kinds=("network.response",))
        if "body" in event.data
    ]
    html = next(body for body in bodies if body["type"].startswith("text/html"))
    svg = next(body for body in bodies if "svg" in body["type"])
    for body in (html, svg):
        shown = viewer.get(address("member", trace, body["$member"]))
        assert shown.headers["Content-Type"].startswith("text/plain")
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("../secrets", "nothing", "resources/"):
        assert viewer.get(address("member", trace, name)).status_code == 404


def test_sources_are_served_as_recorded(viewer: Client, trace: Trace) -> None:
    path = first(trace, "step.start").data["file"]
    shown = viewer.get(address("source", trace), {"path": path})
    assert b"page.goto" in shown.content
    assert b"hunter2" not in shown.content
    assert viewer.get(address("source", trace), {"path": "/etc/passwd"}).status_code == 404


def test_strangers_see_nothing(client: Client, trace: Trace) -> None:
    seq = first(trace, "video.frame").seq
    assert client.get(address("frame", trace, seq)).status_code == 302
    client.force_login(User.objects.create_user("sam"))
    for name, rest in (
        ("frame", [seq]),
        ("snapshot", [seq]),
        ("member", ["trace.trace"]),
        ("source", []),
    ):
        assert client.get(address(name, trace, *rest)).status_code == 404


def test_a_lost_blob_and_one_too_large_to_show_are_said(
    viewer: Client, trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = address("blob", trace, trace.playwright_zip)
    size = FAILED_ZIP.stat().st_size
    assert viewer.get(blob).status_code == 200
    monkeypatch.setattr(media, "MAX_SHOWN", 1000)
    assert size > 1000
    assert viewer.get(blob).status_code == 404
    monkeypatch.setattr(media, "MAX_SHOWN", size)
    blobs.delete(trace.playwright_zip)
    assert viewer.get(blob).status_code == 404


def test_a_ticket_opens_one_blob_for_a_while(client: Client, trace: Trace) -> None:
    good = client.get(reverse("trace_app:signed_blob", args=[sign(trace.playwright_zip)]))
    assert good.status_code == 200
    assert good.headers["Content-Disposition"].startswith("attachment")
    forged = sign(trace.playwright_zip)[:-2] + "xx"
    assert client.get(reverse("trace_app:signed_blob", args=[forged])).status_code == 404
    assert client.get(reverse("trace_app:signed_blob", args=[sign("0" * 64)])).status_code == 404
