"""The same run ten times: verdicts, canonical clone bytes and the meaning of all events are the same.

Nor does the diff engine find anything that became worse.
"""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from debugger.runner import director
from debugger.runner.contract import RecordedStep, RunRequest, RunResult
from examples.shop_history import build
from trace_app.clients.git import GitRepository
from trace_app.domain.bundle import Bundle, open_bundle
from trace_app.domain.diff import TraceView, diff_traces
from trace_app.domain.events import Event
from trace_app.domain.paths import template_path

TIMES = 10


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., RunResult]:
    shop = tmp_path_factory.mktemp("shop") / "shop.git"
    build(shop)
    sha = GitRepository(shop).resolve("main")

    def run(**changes: Any) -> RunResult:
        out = tmp_path_factory.mktemp("run")
        request = RunRequest(
            repository=shop, sha=sha, scenario="checkout-stripe", out_dir=out, **changes
        )
        return director.run(request)

    return run


@pytest.fixture(scope="module")
def recorded(start: Callable[..., RunResult]) -> RunResult:
    result = start()
    assert (result.status, result.message) == ("passed", "")
    return result


def bundle_of(result: RunResult) -> Bundle:
    assert isinstance(result.bundle, Path), result.message
    return open_bundle(result.bundle.open("rb"))


def view(result: RunResult) -> TraceView:
    return TraceView.from_events("run", bundle_of(result).events())


def clone_bytes(result: RunResult) -> dict[tuple[int | None, str], str]:
    """The canonical state of each clone after each step."""
    return {
        (event.step, event.data["clone"]): json.dumps(event.data["state"], sort_keys=True)
        for event in bundle_of(result).events()
        if event.kind == "clone.state"
    }


def meaning(result: RunResult) -> dict[int, Counter[tuple[object, ...]]]:
    """Per step: how often each (lane, kind, semantic key, status or page text) occurred.

    Frames and DOM snapshots are samples, and a navigation may swallow one: how many there are is
    left out. What the page says at the end of the step is compared instead, word for word.
    """
    steps: dict[int, Counter[tuple[object, ...]]] = {}
    for event in bundle_of(result).events():
        if event.step and event.kind not in ("video.frame", "dom.snapshot"):
            said = event.data.get("status") or event.data.get("aria")
            key = (event.ribbon, event.kind, semantic_key(event), said)
            steps.setdefault(event.step, Counter())[key] += 1
    return steps


def semantic_key(event: Event) -> str:
    """What an event means regardless of when it happened."""
    data = event.data
    where = template_path(str(data.get("url") or data.get("path") or ""))
    what = data.get("method") or data.get("verb") or data.get("clone") or data.get("type") or ""
    text = str(data.get("title") or data.get("message") or data.get("text") or "")[:200]
    return f"{what}\x1f{where}\x1f{text}"


def test_the_same_replay_is_the_same_ten_times(
    start: Callable[..., RunResult], recorded: RunResult
) -> None:
    capsule = bundle_of(recorded).capsule()
    before = tuple(RecordedStep(no=step.no, status=step.status) for step in recorded.steps)
    whole_clones, whole_meaning = clone_bytes(recorded), meaning(recorded)
    whole = view(recorded)
    first: dict[int, Counter[tuple[object, ...]]] = {}

    def again(_: int) -> RunResult:
        return start(from_step=7, mode="restore", capsule=capsule, recorded=before)

    with ThreadPoolExecutor(2) as pool:
        replays = list(pool.map(again, range(TIMES)))
    for replay in replays:
        assert (replay.status, replay.mode) == ("passed", "restore")
        assert [step.status for step in replay.steps] == ["skipped"] * 6 + ["passed"] * 2
        clones, means = clone_bytes(replay), meaning(replay)
        # Not only among themselves: they are what the whole run recorded.
        assert clones == {key: whole_clones[key] for key in clones}
        assert {key[0] for key in clones} == {6, 7, 8}
        assert {no: means[no] for no in (7, 8)} == {no: whole_meaning[no] for no in (7, 8)}
        assert diff_traces(whole, view(replay)).new_regressions == ()
        first = first or means
        assert means == first
