"""What a person waits for, in both viewers by turns: first paint, first snapshot, next step."""

from collections.abc import Iterator
from statistics import median
from typing import Final

from playwright.sync_api import Browser, Page

from bench.figures import Figure, number
from bench.viewer.opening import Opened, click_to_snapshot, cold_page, open_cold
from bench.viewer.peer import viewer_path
from bench.viewer.place import MEGABITS, Place
from bench.viewer.scrubbing import percentile95, scrub

OUR_ROWS: Final = ".steps .step"
PEER_ROWS: Final = ".actions-tree-view .tree-view-entry"
# Rows apart from one another, none of them the one shown at first.
_CLICKED: Final = (2, 5, 8, 11, 3)


def short(browser: Browser, where: Place) -> Iterator[Figure]:
    ours, peers = _pairs(browser, where, "short")
    useful, peer_list = _useful(ours), [one.list for one in peers]
    yield from _beside("steps and ribbons, 16 steps, cold", useful, peer_list, 400, 0.5)
    shots, peer_shots = [one.snapshot for one in ours], [one.snapshot for one in peers]
    yield from _beside("first DOM snapshot, 16 steps, cold", shots, peer_shots, 600, 0.5)


def long(browser: Browser, where: Place) -> Iterator[Figure]:
    ours, peers = _pairs(browser, where, "long")
    size, lists = _size(where), [one.list for one in peers]
    yield from _beside(f"steps and ribbons, {size}, cold", _useful(ours), lists, 1_000)
    shots, peer_shots = [one.snapshot for one in ours], [one.snapshot for one in peers]
    yield from _beside(f"first DOM snapshot, {size}, cold", shots, peer_shots, 1_200)


def slow(browser: Browser, where: Place) -> Iterator[Figure]:
    ours, peers = _pairs(browser, where, "long", slow=True)
    name = f"steps and ribbons, {_size(where)}, {MEGABITS} Mbit/s"
    yield from _beside(name, _useful(ours), [one.list for one in peers], 1_500)


def clicks(browser: Browser, where: Place) -> Iterator[Figure]:
    for name, label in (("short", "16 steps"), ("long", f"{where.long['calls']:,} calls")):
        with cold_page(browser, where.cookies) as page:
            open_cold(page, where.trace(name), ribbons=True)
            page.wait_for_selector(".trace[data-ready]")
            ours = _clicked(page, OUR_ROWS)
        with cold_page(browser, []) as page:
            _open_peer(page, where, name)
            peers = _clicked(page, PEER_ROWS)
        yield from _beside(f"step click to its snapshot, {label}", ours, peers, 100)


def _clicked(page: Page, rows: str) -> list[float]:
    page.wait_for_timeout(1_000)
    return [click_to_snapshot(page, rows, no) for no in _CLICKED]


def streams(browser: Browser, where: Place) -> Iterator[Figure]:
    for count, target in zip(where.size.streams[1:], (150, 500), strict=True):
        samples = []
        for _ in range(where.size.runs + 1):
            with cold_page(browser, where.cookies) as page:
                address = where.trace(f"{count:,} events")
                seen = open_cold(page, address, ribbons=True, snapshot=False)
                samples.append((seen.ribbons or 0) - seen.first_byte)
        yield _ms(f"ribbons after the first byte, {count:,} events", samples[1:], target)


def scrubbing(browser: Browser, where: Place) -> Iterator[Figure]:
    frames, script = [], []
    most = f"{where.size.streams[-1]:,} events"
    for _ in range(where.size.runs):
        with cold_page(browser, where.cookies) as page:
            page.goto(where.trace(most))
            page.wait_for_selector(".trace[data-ready]")
            gaps, spent = scrub(browser, page)
            frames.append(percentile95(gaps))
            script.append(percentile95(spent))
    yield _ms(f"scrubbing {most}, frame p95", frames, 20)
    yield _ms(f"scrubbing {most}, script p95", script, 8)


def _pairs(
    browser: Browser, where: Place, name: str, *, slow: bool = False
) -> tuple[list[Opened], list[Opened]]:
    """Both viewers by turns; the first turn only wakes servers and browser."""
    ours, peers = [], []
    for _ in range(where.size.runs + 1):
        with cold_page(browser, where.cookies) as page:
            ours.append(open_cold(page, where.trace(name, slow=slow), ribbons=True))
        with cold_page(browser, []) as page:
            peers.append(_open_peer(page, where, name, slow=slow))
    return ours[1:], peers[1:]


def _open_peer(page: Page, where: Place, name: str, *, slow: bool = False) -> Opened:
    port = where.slow_peer if slow else where.peer
    address = f"http://127.0.0.1:{port}{viewer_path(f'{name}.zip', port)}"
    return open_cold(page, address, ribbons=False)


def _size(where: Place) -> str:
    return f"{where.long['calls']:,} calls, {where.long['bytes'] / 1e6:.0f} MB"


def _useful(opened: list[Opened]) -> list[float]:
    return [max(one.list, one.ribbons or 0) for one in opened]


def _beside(
    name: str, ours: list[float], peers: list[float], most: float, share: float | None = None
) -> Iterator[Figure]:
    """Our figure, and each run's share of the peer's in the same turn."""
    yield _ms(name, ours, most)
    pairs = zip(ours, peers, strict=True)
    note = f"Playwright's viewer: {number(median(peers))} ms"
    shares = tuple(our / peer for our, peer in pairs)
    yield Figure("the same as a share of the peer's", "", shares, share, "less", note)


def _ms(name: str, samples: list[float], target: float) -> Figure:
    return Figure(name, "ms", tuple(samples), target, "less")
