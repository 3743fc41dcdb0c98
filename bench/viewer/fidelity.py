"""Our DOM snapshots beside those of Playwright's viewer, pixel by pixel.

`python -m bench.viewer.fidelity` compares at least 40 of the recorded zips' and writes
var/bench/snapshots.json; the suite compares a few.
"""

import base64
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import quote

from playwright.sync_api import Browser, Page, Route
from playwright.sync_api import Error as PlaywrightError

from bench.figures import Figure, line
from bench.viewer.opening import chromium
from bench.viewer.peer import serve_viewer, viewer_path
from scripts.loop_parts.machine import ROOT
from trace_app.domain.archive import Archive
from trace_app.domain.playwright import read_package
from trace_app.domain.playwright.model import Snapshot
from trace_app.domain.playwright.snapshot import SNAPSHOT_POLICY, Renderer

FIXTURES: Final = ROOT / "tests/fixtures/playwright"
REPORT: Final = ROOT / "var/bench/snapshots.json"
TARGET: Final = 0.3
_OURS: Final = "http://snapshot.invalid/"
# Both viewers mark the element an action went to, each in its own way: that is no difference.
_MARKS: Final = "[data-trace-target], [__playwright_target__] { outline: 0 !important }"
_DIFFERENT: Final = """async ([ours, theirs]) => {
  const pixels = async (png) => {
    const answer = await fetch("data:image/png;base64," + png);
    const image = await createImageBitmap(await answer.blob());
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height).data;
  };
  const [a, b] = [await pixels(ours), await pixels(theirs)];
  if (a.length !== b.length) return 100;
  let different = 0;
  for (let i = 0; i < a.length; i += 4) {
    const far = (n) => Math.abs(a[i + n] - b[i + n]) > 2;
    if (far(0) || far(1) || far(2)) different += 1;
  }
  return (100 * different) / (a.length / 4);
}"""


@dataclass(frozen=True)
class Compared:
    """How many percent of the pixels differ in one snapshot of a zip."""

    zip: str
    call: str
    phase: str
    percent: float


def compare(browser: Browser, path: Path, most: int) -> Iterator[Compared]:
    """Up to `most` snapshots of the zip, spread over its whole length, before and after calls."""
    with path.open("rb") as file, serve_viewer({"trace.zip": path}) as port:
        archive = Archive(file)
        package = read_package(archive)
        renderer = Renderer(package, lambda name: archive.read(name) if name in archive else None)
        chosen = _spread([one for one in package.snapshots if _comparable(one)], most)
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        blank, ours, theirs = context.new_page(), context.new_page(), context.new_page()
        # The viewer's service worker serves snapshots for as long as its page is open.
        viewer = context.new_page()
        viewer.goto(f"http://127.0.0.1:{port}{viewer_path('trace.zip', port)}")
        viewer.wait_for_selector(".tree-view-entry")
        for shot in chosen:
            rendered = renderer.render(shot.call_id, shot.phase)
            their_picture = _theirs(theirs, port, shot)
            if their_picture is None or rendered is None:
                continue
            pictures = [_ours(ours, rendered.html), their_picture]
            percent = blank.evaluate(_DIFFERENT, pictures)
            yield Compared(path.name, shot.call_id, shot.phase, float(percent))
        context.close()


def _comparable(shot: Snapshot) -> bool:
    return shot.is_main and shot.phase in ("before", "after") and shot.url != "about:blank"


def _spread(shots: list[Snapshot], most: int) -> list[Snapshot]:
    step = max(len(shots) / most, 1.0)
    return [shots[int(no * step)] for no in range(min(most, len(shots)))]


def _ours(page: Page, html: str) -> str:
    """A picture of our document under the policy that the product sends with it."""

    def answer(route: Route) -> None:
        headers = {"Content-Security-Policy": SNAPSHOT_POLICY, "Content-Type": "text/html"}
        route.fulfill(body=html, headers=headers)

    page.route(_OURS, answer)
    page.goto(_OURS)
    picture = _picture(page)
    page.unroute(_OURS)
    return picture


def _theirs(page: Page, port: int, shot: Snapshot) -> str | None:
    """None where the other viewer has no such snapshot."""
    zip_address = quote(f"http://127.0.0.1:{port}/trace.zip", safe="")
    where = f"http://127.0.0.1:{port}/snapshot/{quote(shot.call_id, safe='')}"
    try:
        page.goto(f"{where}?trace={zip_address}&phase={shot.phase}", wait_until="networkidle")
    except PlaywrightError:
        return None
    return _picture(page)


def _picture(page: Page) -> str:
    taken = page.screenshot(animations="disabled", caret="hide", style=_MARKS)
    return base64.b64encode(taken).decode()


def main() -> int:
    """Compare, print one line per zip and the median, and write the report."""
    found: list[Compared] = []
    with chromium() as browser:
        for path in sorted(FIXTURES.glob("*.zip")):
            of_zip = list(compare(browser, path, 8))
            found += of_zip
            worst = max((one.percent for one in of_zip), default=0.0)
            middle = median(one.percent for one in of_zip) if of_zip else 0.0
            numbers = f"{len(of_zip)} snapshots, median {middle:.3f} %, most {worst:.2f} %"
            _say(f"{path.name:<44} {numbers}")
    name = f"pixels that differ from Playwright's viewer, {len(found)} snapshots"
    figure = Figure(name, "%", tuple(one.percent for one in found), TARGET, "less")
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps([figure.to_json()], indent=2) + "\n")
    _say(line(figure.to_json()))
    return 0 if len(found) >= 40 else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
