"""A recorded page in a sandboxed frame of ours: its pictures and inner frames show, nothing runs."""

import json
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import Page

from tests.harness.live import LiveStack
from tests.harness.record import BY, FAILED_ZIP, make_project
from trace_app.actions.ingest import ingest_zip
from trace_app.actions.teams import set_role
from trace_app.domain.ids import new_short_id
from trace_app.domain.roles import Role
from trace_app.models import Trace
from trace_app.queries.events import events


def sign_in(page: Page, live: LiveStack, user: User) -> None:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookie = {
        "name": settings.SESSION_COOKIE_NAME,
        "value": str(session.session_key),
        "url": live.url,
    }
    page.context.add_cookies([cookie])  # type: ignore[list-item]


def ingested(page: Page, live: LiveStack, path: Path) -> Trace:
    name = f"shots-{new_short_id().lower()}"
    project = make_project(name, name)
    user = User.objects.create_user(name)
    set_role(by=BY, team=project.team, user=user, role=Role.VIEWER)
    sign_in(page, live, user)
    return ingest_zip(by=BY, project=project, path=path)


def show(page: Page, live: LiveStack, trace: Trace, seq: int) -> list[str]:
    """Frames the snapshot as the trace page does; returns every address that was asked for."""
    address = live.url + reverse("trace_app:snapshot", args=[trace.short_id, seq])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route(
        f"{live.url}/framing",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<iframe id="shot" sandbox="" src="{address}" width="1280" height="720"></iframe>',
        ),
    )
    page.goto(f"{live.url}/framing")
    return asked


TRICKS: list[Any] = [
    ["SCRIPT", {}, "parent.postMessage('ran', '*')"],
    ["IMG", {"src": "x", "onerror": "parent.postMessage('ran', '*')"}],
    ["IFRAME", {"srcdoc": "<script>top.postMessage('ran', '*')</script>"}],
    ["META", {"http-equiv": "refresh", "content": "0;url=http://127.0.0.1:9/gone"}],
    ["STYLE", {}, "@import url(http://127.0.0.1:9/css); b{background:url(http://127.0.0.1:9/b)}"],
    ["LINK", {"rel": "stylesheet", "href": "http://127.0.0.1:9/link.css"}],
    ["svg", {}, ["image", {"href": "http://127.0.0.1:9/svg.png"}]],
]
CALL = {"callId": "call@1", "class": "Frame", "method": "goto", "params": {"url": "/"}}
BEGIN = {"version": 10, "wallTime": 1_795_000_000_000, "monotonicTime": 0, "origin": "library"}
PICTURE = {
    "_frameref": "frame@3",
    "pageref": "page@1",
    "_monotonicTime": 12,
    "time": 1,
    "startedDateTime": "2026-11-18T00:00:00.000Z",
    "request": {"method": "GET", "url": "http://app/p.png", "headers": []},
    "response": {"status": 200, "content": {"mimeType": "image/png", "_file": "resources/p.png"}},
}
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def recorded(frame: str, *children: Any, main: bool = False) -> dict[str, Any]:
    """A line with the snapshot of one frame; every trick stands behind the honest children."""
    html = ["HTML", {}, ["HEAD"], ["BODY", {}, *children, *TRICKS]]
    base = {"callId": "call@1", "phase": "after", "pageId": "page@1", "frameId": frame}
    rest = {"frameUrl": "http://app/", "doctype": "html", "html": html, "timestamp": 20}
    view = {"viewport": {"width": 800, "height": 600}, "resourceOverrides": []}
    return {"type": "frame-snapshot", "snapshot": {**base, **rest, **view, "isMainFrame": main}}


def hostile_zip(path: Path) -> Path:
    """A recorded page full of tricks, in two nested frames, with one honest picture."""
    picture = ["IMG", {"src": "http://app/p.png", "alt": "dot"}]
    lines = [
        {"type": "context-options", **BEGIN},
        {"type": "before", "startTime": 10, **CALL},
        recorded("frame@3", ["P", {}, "deepest"], picture),
        recorded("frame@2", ["P", {}, "middle"], ["IFRAME", {"src": "/snapshot/frame@3"}]),
        recorded(
            "frame@1", ["P", {}, "outer"], ["IFRAME", {"src": "/snapshot/frame@2"}], main=True
        ),
        {"type": "after", "callId": "call@1", "endTime": 30},
    ]
    resource = {"type": "resource-snapshot", "snapshot": PICTURE}
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("trace.trace", "".join(json.dumps(line) + "\n" for line in lines))
        made.writestr("trace.network", json.dumps(resource))
        made.writestr("resources/p.png", DOT)
    return path


def test_a_recorded_shop_shows_with_its_pictures(page: Page, live_stack: LiveStack) -> None:
    trace = ingested(page, live_stack, FAILED_ZIP)
    shots = [shot for shot in events(trace, kinds=("dom.snapshot",)) if shot.data["main"]]
    asked = show(page, live_stack, trace, shots[4].seq)
    frame = page.frame_locator("#shot")
    frame.get_by_text("Item 00").first.wait_for()
    pictures = frame.locator("img")
    assert pictures.count() >= 12
    widths = pictures.evaluate_all("all => all.map(one => one.naturalWidth)")
    assert all(width > 0 for width in widths)
    assert frame.locator("x-badge b").inner_text() == "beta"
    assert len(asked) == 2, asked


def test_hostile_pages_in_two_nested_frames_do_nothing(
    page: Page, live_stack: LiveStack, tmp_path: Path
) -> None:
    trace = ingested(page, live_stack, hostile_zip(tmp_path / "hostile.zip"))
    main = next(shot for shot in events(trace, kinds=("dom.snapshot",)) if shot.data["main"])
    page.add_init_script("addEventListener('message', event => { window.heard = event.data })")
    asked = show(page, live_stack, trace, main.seq)
    outer = page.frame_locator("#shot")
    outer.get_by_text("outer").wait_for()
    # An inner frame without a recorded snapshot stays empty; the recorded one comes first.
    middle = outer.frame_locator("iframe >> nth=0")
    middle.get_by_text("middle").wait_for()
    deepest = middle.frame_locator("iframe >> nth=0")
    deepest.get_by_text("deepest").wait_for()
    assert deepest.get_by_alt_text("dot").evaluate("one => one.naturalWidth") == 1
    page.wait_for_timeout(500)
    assert page.evaluate("window.heard") is None
    assert [url for url in asked if not url.startswith(("data:", "about:"))] == [
        f"{live_stack.url}/framing",
        live_stack.url + reverse("trace_app:snapshot", args=[trace.short_id, main.seq]),
    ]
