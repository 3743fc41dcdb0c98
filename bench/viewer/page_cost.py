"""What the trace page weighs on the wire and in the browser, and what it costs the server."""

import gzip
import time
from collections.abc import Iterator

import httpx
from playwright.sync_api import Browser, Page, Response

from bench.figures import Figure
from bench.viewer.opening import cold_page
from bench.viewer.place import Place


def weight(browser: Browser, where: Place) -> Iterator[Figure]:
    """Of the heaviest of all traces: none of the three may depend on their length."""
    html, scripts, nodes = [], [], []
    for name in where.traces:
        with cold_page(browser, where.cookies) as page:
            answers = _answers(page, where.trace(name))
            sent = [one for one in answers if one.request.resource_type == "script"]
            html.append(len(answers[0].body()) / 1000)
            scripts.append(sum(len(gzip.compress(one.body(), 6)) for one in sent) / 1000)
            nodes.append(page.evaluate("document.querySelectorAll('*').length"))
    yield Figure("HTML of the page, the heaviest trace", "kB", (max(html),), 40, "less")
    yield Figure("script of the page, gzipped", "kB", (max(scripts),), 60, "less")
    yield Figure("DOM nodes, the heaviest trace", "nodes", (max(nodes),), 1_500, "less")


def _answers(page: Page, address: str) -> list[Response]:
    """What the page asked for until it rested, itself first."""
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    page.on("response", keep)
    page.goto(address, wait_until="networkidle")
    return answers


def server(_browser: Browser, where: Place) -> Iterator[Figure]:
    cookies = {one["name"]: one["value"] for one in where.cookies}
    few, _, most = (f"{count:,} events" for count in where.size.streams)
    ratios = []
    with httpx.Client(cookies=cookies, timeout=60) as client:
        for _ in range(where.size.runs + 1):
            least = _server_ms(client, where.trace(few))
            ratios.append(_server_ms(client, where.trace(most)) / least)
    name = f"server time, {most} against {few}"
    yield Figure(name, "times", tuple(ratios[1:]), 1.5, "less")


def _server_ms(client: httpx.Client, address: str) -> float:
    """The fastest of ten: what the machine did meanwhile is not the server's."""
    taken = []
    for _ in range(10):
        begin = time.perf_counter()
        client.get(address).raise_for_status()
        taken.append(time.perf_counter() - begin)
    return min(taken) * 1000
