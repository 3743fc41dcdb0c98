"""Every kind of hostile markup, in our frame and opened directly: it runs nothing and reaches nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page

from tests.harness.hostile_markup import beacon, write_hostile_zip
from tests.harness.live import LiveStack, wait_for
from tests.harness.viewer import SEED, sign_in, world
from trace_app.actions.ingest import ingest_zip
from trace_app.queries.events import events


@dataclass(frozen=True)
class Recorded:
    """Addresses of the snapshots by the name of their trick; what the beacon was asked for."""

    pages: dict[str, str]
    asked: list[str]


@pytest.fixture
def recorded(page: Page, live_stack: LiveStack, tmp_path: Path) -> Iterator[Recorded]:
    with beacon() as (out, asked):
        path = tmp_path / "hostile.zip"
        names = write_hostile_zip(path, out)
        trace = ingest_zip(by=SEED, project=world().project, path=path)
        shots = [shot for shot in events(trace, kinds=("dom.snapshot",)) if shot.data["main"]]
        addresses = [
            live_stack.url + reverse("trace_app:snapshot", args=[trace.short_id, shot.seq])
            for shot in shots
        ]
        sign_in(page, world().owner, live_stack.url)
        yield Recorded(dict(zip(names, addresses, strict=True)), asked)


def hear(page: Page) -> list[str]:
    """Notes what a page that runs could do: speak to its parent, open a window, ask the person."""
    heard: list[str] = []

    def ask(dialog: Dialog) -> None:
        heard.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def listen(said: str) -> None:
        heard.append(said)

    page.expose_function("toldTheTest", listen)
    page.add_init_script(
        "if (window === top) addEventListener('message', (event) => toldTheTest(String(event.data)))"
    )
    page.on("dialog", ask)
    page.on("popup", lambda opened: heard.append(f"window {opened.url}"))
    return heard


def test_the_beacon_hears_an_honest_page(page: Page) -> None:
    with beacon() as (out, asked):
        page.set_content(f"<img src='{out}/seen'>")
        assert wait_for("the beacon", lambda: asked, 15) == ["/seen"]


def test_framed_it_runs_nothing_and_reaches_nobody(
    page: Page, live_stack: LiveStack, recorded: Recorded
) -> None:
    assert len(recorded.pages) >= 23
    heard = hear(page)
    frames = "".join(
        f'<iframe sandbox="" title="{name}" src="{address}"></iframe>'
        for name, address in recorded.pages.items()
    )
    where = f"{live_stack.url}/framing"
    page.route(where, lambda route: route.fulfill(content_type="text/html", body=frames))
    page.goto(where)
    for number, name in enumerate(recorded.pages, start=1):
        page.frame_locator(f'iframe[title="{name}"]').get_by_text(f"honest {number}").wait_for(
            state="attached"
        )
    page.wait_for_timeout(600)
    assert (heard, recorded.asked, page.url) == ([], [], where)


def test_opened_directly_it_runs_nothing_and_reaches_nobody(
    page: Page, live_stack: LiveStack, recorded: Recorded
) -> None:
    heard = hear(page)
    for number, (name, address) in enumerate(recorded.pages.items(), start=1):
        page.goto(address)
        page.get_by_text(f"honest {number}", exact=True).wait_for(state="attached")
        for button in page.locator("#press").all():
            button.click(no_wait_after=True)
        assert page.url.rstrip("#") == address, name
        assert page.evaluate("window.origin") == "null", name
    page.wait_for_timeout(600)
    assert (heard, recorded.asked) == ([], [])


def test_no_snapshot_can_be_a_service_worker(
    page: Page, live_stack: LiveStack, recorded: Recorded
) -> None:
    page.goto(f"{live_stack.url}/traces")
    refused = page.evaluate(
        "url => navigator.serviceWorker.register(url).then(() => '', (error) => error.name)",
        recorded.pages["service worker"],
    )
    assert refused == "SecurityError"
