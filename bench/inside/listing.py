"""Asks for pages, clusters and words in a full list; prints JSON of milliseconds and counts."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from statistics import median, quantiles
from typing import Any

# Set up as the web server is, its collector included.
import_module("trace_app.project.asgi")

from django.contrib.auth.models import User  # noqa: E402  # after the settings are loaded
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from bench.inside.many_traces_words import SEARCHES  # noqa: E402
from trace_app.domain.filters import Filters  # noqa: E402
from trace_app.models import Team, Trace  # noqa: E402
from trace_app.permissions import VIEW, teams_with  # noqa: E402
from trace_app.queries import clusters, traces  # noqa: E402

DEPTHS = (0, 1_000, 100_000, 500_000, 950_000)
FILTERS = ("status=failed", "view=failed", "scenario=checkout-coupon", "author=dev7", "q=refund")


class Queries:
    """Counts and times what is asked of the database."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        begin = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - begin


@contextmanager
def counted() -> Iterator[Queries]:
    queries = Queries()
    with connection.execute_wrapper(queries):
        yield queries


def main() -> None:
    count, runs = int(sys.argv[1]), int(sys.argv[2])
    user = User.objects.get(username="reader")
    teams = list(teams_with(user, VIEW))
    cursors = [_cursor(depth * count // 1_000_000) for depth in DEPTHS]
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(user)
    asked = [_ask(client, teams, cursors) for _ in range(runs + 1)][1:]

    def samples(name: str) -> list[float]:
        return [taken[name] for taken, _ in asked]

    told: dict[str, list[float]] = {name: samples(name) for name in ("day", "month", "words")}
    for kind in ("sql", "page"):
        # Of each depth the median of the runs, and of the depths the slowest.
        told[kind] = max((samples(f"{kind} {depth}") for depth in DEPTHS), key=median)
    queries = [number for _, numbers in asked for number in numbers]
    sys.stdout.write(json.dumps({**told, "queries": queries}) + "\n")


def _ask(
    client: Client, teams: list[Team], cursors: list[str]
) -> tuple[dict[str, float], list[int]]:
    """One run: what each question took, in milliseconds, and how many queries each page made."""
    depths = list(zip(DEPTHS, cursors, strict=True))
    taken = {f"sql {no}": _sql(partial(traces.find, teams, Filters(), at)) for no, at in depths}
    taken["day"] = _sql(lambda: clusters.recent(teams, span=clusters.DAY))
    taken["month"] = _sql(lambda: clusters.recent(teams, span=clusters.MONTH))
    searches = [_sql(partial(traces.find, teams, Filters(q=q))) for q in SEARCHES]
    taken["words"] = quantiles(searches, n=10)[8]
    shown = {no: _page(client, f"/traces?cursor={at}") for no, at in depths}
    taken |= {f"page {no}": milliseconds for no, (milliseconds, _) in shown.items()}
    filtered = [_page(client, f"/traces?{query}") for query in FILTERS]
    return taken, [number for _, number in (*shown.values(), *filtered)]


def _cursor(depth: int) -> str:
    """The cursor of the page that begins behind so many traces."""
    if not depth:
        return ""
    return traces._write_cursor(Trace.objects.only("created", "pk")[depth])


def _sql(call: Callable[[], object]) -> float:
    with counted() as queries:
        call()
    return queries.seconds * 1000


def _page(client: Client, path: str) -> tuple[float, int]:
    with counted() as queries:
        begin = time.perf_counter()
        answer = client.get(path)
        taken = time.perf_counter() - begin
    assert answer.status_code == 200, answer.status_code
    assert b"<tbody>" in answer.content, path
    return taken * 1000, queries.count


main()
