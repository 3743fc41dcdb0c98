"""Unedited fast-forward replays of the shop's green branch: nothing becomes worse.

Restored ones are compared in test_runner_determinism.py, with ten of them.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from debugger.runner.contract import RecordedStep
from debugger.runner.director import RunRequest, RunResult, run
from examples.shop_history import build
from trace_app.clients.git import GitRepository
from trace_app.domain.bundle import Bundle, open_bundle
from trace_app.domain.diff import TraceView, diff_traces

STEP = 7
TIMES = 3


def opened(result: RunResult, read: Any) -> Any:
    assert result.bundle is not None, result.message
    with result.bundle.open("rb") as file:
        return read(open_bundle(file))


def view(result: RunResult) -> TraceView:
    return TraceView.from_events("run", opened(result, Bundle.events))


def clone_bytes(result: RunResult) -> list[str]:
    """The canonical state of every clone after each step that really ran."""
    return [
        f"{event.step} {event.data['clone']} {json.dumps(event.data['state'], sort_keys=True)}"
        for event in opened(result, Bundle.events)
        if event.kind == "clone.state" and event.step is not None and event.step >= STEP
    ]


def test_unedited_replays_of_main_find_no_regression(tmp_path: Path) -> None:
    shop = tmp_path / "shop.git"
    build(shop)
    sha = GitRepository(shop).resolve("main")

    def play(name: str, **more: Any) -> RunResult:
        out = tmp_path / name
        return run(
            RunRequest(repository=shop, sha=sha, scenario="checkout-stripe", out_dir=out, **more)
        )

    first = play("first")
    assert first.status == "passed", (first.message, first.log_tail)
    capsule = opened(first, Bundle.capsule)
    steps = tuple(RecordedStep(item.no, item.status) for item in first.steps)

    def replay(number: int) -> RunResult:
        name = f"replay-{number}"
        return play(name, from_step=STEP, mode="fast_forward", capsule=capsule, recorded=steps)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(replay, range(TIMES)))
    assert {(result.status, result.mode) for result in results} == {("passed", "fast_forward")}
    before = view(first)
    for result in results:
        assert diff_traces(before, view(result)).new_regressions == ()
        assert clone_bytes(result) == clone_bytes(first)
