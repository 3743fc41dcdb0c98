"""The rows of the table: what is opened, what is read, and what it must be."""

import gzip
import time
from collections.abc import Iterator
from typing import Final

import httpx
from playwright.sync_api import Browser, Page, Response

from bench.figures import Figure
from bench.viewer.opening import Opened, click_to_snapshot, cold_page, open_cold
from bench.viewer.peer import viewer_path
from bench.viewer.place import Place
from bench.viewer.scrubbing import percentile95, scrub

RUNS: Final = 5
OUR_ROWS: Final = ".steps .step"
PEER_ROWS: Final = ".actions-tree-view .tree-view-entry"


def measure(browser: Browser, where: Place) -> Iterator[Figure]:
    """Every figure, the two viewers by turns within each row."""
    yield from _short(browser, where)
    yield from _long(browser, where)
    yield from _clicks(browser, where)
    yield from _streams(browser, where)
    yield from _scrubbing(browser, where)
    yield from _weight(browser, where)
    yield from _server(where)


def _short(browser: Browser, where: Place) -> Iterator[Figure]:
    ours, peers = _pairs(browser, where, "short")
    useful, peer_list = _useful(ours), [one.list for one in peers]
    yield _ms("first useful paint, 16 steps, cold", useful, 400)
    yield _share("the same beside Playwright's viewer", useful, peer_list)
    shots, peer_shots = [one.snapshot for one in ours], [one.snapshot for one in peers]
    yield _ms("first DOM snapshot, 16 steps, cold", shots, 600)
    yield _share("the same beside Playwright's viewer", shots, peer_shots)


def _long(browser: Browser, where: Place) -> Iterator[Figure]:
    size = f"{where.long['calls']:,} calls, {where.long['bytes'] / 1e6:.0f} MB"
    ours, peers = _pairs(browser, where, "long")
    yield _ms(f"steps and ribbons, {size}, cold", _useful(ours), 1_000)
    yield _share("the same beside Playwright's list", _useful(ours), [one.list for one in peers])
    shots = [one.snapshot for one in ours]
    yield _ms(f"first DOM snapshot, {size}, cold", shots, 1_200)
    yield _share("the same beside Playwright's viewer", shots, [one.snapshot for one in peers])
    ours, peers = _pairs(browser, where, "long", slow=True)
    yield _ms(f"steps and ribbons, {size}, 50 Mbit/s", _useful(ours), 1_500)
    yield _share("the same beside Playwright's list", _useful(ours), [one.list for one in peers])


def _clicks(browser: Browser, where: Place) -> Iterator[Figure]:
    for name, label in (("short", "16 steps"), ("long", f"{where.long['calls']:,} calls")):
        with cold_page(browser, where.cookies) as page:
            open_cold(page, where.trace(name), ribbons=True)
            page.wait_for_timeout(1_000)
            rows = page.locator(OUR_ROWS).count()
            ours = [click_to_snapshot(page, OUR_ROWS, no) for no in _chosen(rows)]
        with cold_page(browser, []) as page:
            _open_peer(page, where, name)
            page.wait_for_timeout(1_000)
            peers = [click_to_snapshot(page, PEER_ROWS, no) for no in _chosen(16)]
        yield _ms(f"step click to its snapshot, {label}", ours, 100)
        yield _share("the same beside Playwright's viewer", ours, peers, 1.0)


def _chosen(rows: int) -> list[int]:
    """Rows apart from one another, none of them the one shown at first."""
    return [no for no in (2, 5, 8, 11, 3) if no < rows]


def _streams(browser: Browser, where: Place) -> Iterator[Figure]:
    for count, target in ((100_000, 150), (1_000_000, 500)):
        samples = []
        for _ in range(RUNS + 1):
            with cold_page(browser, where.cookies) as page:
                address = where.trace(f"{count:,} events")
                seen = open_cold(page, address, ribbons=True, snapshot=False)
                samples.append((seen.ribbons or 0) - seen.first_byte)
        yield _ms(f"ribbons after the first byte, {count:,} events", samples[1:], target)


def _scrubbing(browser: Browser, where: Place) -> Iterator[Figure]:
    frames, script = [], []
    for _ in range(RUNS):
        with cold_page(browser, where.cookies) as page:
            page.goto(where.trace("1,000,000 events"))
            page.wait_for_selector(".trace[data-ready]")
            gaps, spent = scrub(browser, page)
            frames.append(percentile95(gaps))
            script.append(percentile95(spent))
    yield _ms("scrubbing 1,000,000 events, frame p95", frames, 20)
    yield _ms("scrubbing 1,000,000 events, script p95", script, 8)


def _weight(browser: Browser, where: Place) -> Iterator[Figure]:
    html, scripts, nodes = [], [], []
    for name in where.traces:
        with cold_page(browser, where.cookies) as page:
            answers: list[Response] = []
            page.on("response", answers.append)
            page.goto(where.trace(name), wait_until="networkidle")
            sent = [one for one in answers if one.request.resource_type == "script"]
            html.append(len(answers[0].body()) / 1000)
            scripts.append(sum(len(gzip.compress(one.body(), 6)) for one in sent) / 1000)
            nodes.append(page.evaluate("document.querySelectorAll('*').length"))
    yield Figure("HTML of the page, the heaviest trace", "kB", (max(html),), 40, "less")
    yield Figure("script of the page, gzipped", "kB", (max(scripts),), 60, "less")
    yield Figure("DOM nodes, the heaviest trace", "nodes", (max(nodes),), 1_500, "less")


def _server(where: Place) -> Iterator[Figure]:
    cookies = {one["name"]: one["value"] for one in where.cookies}
    ratios = []
    with httpx.Client(cookies=cookies, timeout=60) as client:
        for _ in range(RUNS + 1):
            few = _server_ms(client, where.trace("100 events"))
            ratios.append(_server_ms(client, where.trace("1,000,000 events")) / few)
    name = "server time, 1,000,000 events against 100"
    yield Figure(name, "times", tuple(ratios[1:]), 1.5, "less")


def _server_ms(client: httpx.Client, address: str) -> float:
    """The fastest of ten: what the machine did meanwhile is not the server's."""
    taken = []
    for _ in range(10):
        begin = time.perf_counter()
        client.get(address).raise_for_status()
        taken.append(time.perf_counter() - begin)
    return min(taken) * 1000


def _pairs(
    browser: Browser, where: Place, name: str, *, slow: bool = False
) -> tuple[list[Opened], list[Opened]]:
    """Both viewers by turns; the first turn only wakes servers and browser."""
    ours, peers = [], []
    for _ in range(RUNS + 1):
        with cold_page(browser, where.cookies) as page:
            ours.append(open_cold(page, where.trace(name, slow=slow), ribbons=True))
        with cold_page(browser, []) as page:
            peers.append(_open_peer(page, where, name, slow=slow))
    return ours[1:], peers[1:]


def _open_peer(page: Page, where: Place, name: str, *, slow: bool = False) -> Opened:
    port = where.slow_peer if slow else where.peer
    address = f"http://127.0.0.1:{port}{viewer_path(f'{name}.zip', port)}"
    return open_cold(page, address, ribbons=False)


def _useful(opened: list[Opened]) -> list[float]:
    return [max(one.list, one.ribbons or 0) for one in opened]


def _ms(name: str, samples: list[float], target: float) -> Figure:
    return Figure(name, "ms", tuple(samples), target, "less")


def _share(name: str, ours: list[float], peers: list[float], target: float = 0.5) -> Figure:
    """Each run's figure divided by the peer's in the same turn."""
    pairs = zip(ours, peers, strict=True)
    return Figure(name, "of peer", tuple(our / peer for our, peer in pairs), target, "less")
