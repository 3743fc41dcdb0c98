"""Replays through the running product: worker, sandbox, browser, child trace and difference."""

import os
import signal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from debugger.actions.replays import cancel_replay, request_replay
from debugger.domain.edits import Edits
from debugger.domain.replay_states import ENDED, ReplayMode, ReplayStatus
from debugger.models import Replay
from tests.flows.debugger.recorded import SEED, House, greeting, record, steps
from tests.flows.debugger.toy import Toy
from tests.harness.live import LiveStack, wait_for
from trace_app.actions.ingest import ingest_bundle
from trace_app.domain.roles import Role
from trace_app.models import Trace
from trace_app.storage import capsules


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Toy, Path]:
    """The toy's repository and the bundle of one run of it."""
    return record(tmp_path_factory.mktemp("recording"))


@pytest.fixture
def house(live_stack: LiveStack, recording: tuple[Toy, Path], tmp_path: Path) -> House:
    return House.build(tmp_path, recording[0])


@pytest.fixture
def trace(house: House, recording: tuple[Toy, Path]) -> Trace:
    return ingest_bundle(by=SEED, project=house.project, path=recording[1])


def ended(replay: Replay, seconds: float = 60) -> Replay:
    def look() -> Replay | None:
        found = Replay.objects.get(pk=replay.pk)
        return found if found.status in ENDED else None

    return wait_for(f"the end of replay {replay.pk}", look, seconds)


def ask(house: House, trace: Trace, from_step: int, edits: Edits, **more: object) -> Replay:
    by = house.person(Role.MEMBER)
    return request_replay(by=by, trace=trace, from_step=from_step, edits=edits, **more)  # type: ignore[arg-type]


def test_an_unedited_replay_restores_and_finds_no_regression(house: House, trace: Trace) -> None:
    replay = ended(ask(house, trace, 4, Edits()))
    assert (replay.status, replay.mode) == (ReplayStatus.SUCCEEDED, ReplayMode.RESTORE)
    run = replay.runs.get()
    assert run.trace is not None
    assert (run.trace.parent, run.trace.source) == (trace, "replay")
    assert run.trace.pinned is None
    assert replay.diff["new_regressions"] == []
    assert replay.ran_blobs["app.py"]
    assert replay.sandbox_level in ("L3", "L2", "L1")
    assert run.verdicts["5"] == "passed"


def test_an_edit_that_breaks_a_step_is_a_failed_replay_with_its_regression(
    house: House, trace: Trace
) -> None:
    replay = ended(ask(house, trace, 5, greeting("Hello")))
    assert (replay.status, replay.mode) == (ReplayStatus.FAILED, ReplayMode.FAST_FORWARD)
    assert any(found["kind"] == "step" for found in replay.diff["new_regressions"])
    assert replay.changed_before


def test_a_scenario_edit_runs_from_its_step(house: House, trace: Trace) -> None:
    edits = steps('expect text "A book."', 'expect text "A book"')
    replay = ended(ask(house, trace, 4, edits))
    assert (replay.status, replay.mode) == (ReplayStatus.SUCCEEDED, ReplayMode.RESTORE)


def test_repeat_reports_the_spread(house: House, trace: Trace) -> None:
    replay = ended(ask(house, trace, 4, Edits(), repeat=2))
    assert replay.status == ReplayStatus.SUCCEEDED
    assert "2 of 2 runs passed" in replay.message
    first, second = replay.runs.all()
    assert first.verdicts == second.verdicts
    assert first.trace != second.trace


def test_an_application_that_does_not_start_is_an_error_with_its_log(
    house: House, trace: Trace
) -> None:
    replay = ended(ask(house, trace, 4, greeting('" + None + "')))
    assert replay.status == ReplayStatus.ERROR
    assert "TypeError" in replay.log_tail
    client = Client()
    client.force_login(house.person(Role.VIEWER))
    page = client.get(reverse("debugger:replay", args=[replay.pk])).content.decode()
    assert "TypeError" in page


def test_a_running_replay_is_called_off(house: House, trace: Trace) -> None:
    replay = ask(house, trace, 3, steps('fill field "Name" with "Grace"', "wait 60 s"))
    wait_for("a step", lambda: Replay.objects.get(pk=replay.pk).progress.get("step"), 30)
    cancel_replay(by=SEED, replay=replay)
    assert ended(replay, 20).status == ReplayStatus.CANCELED


def test_without_a_capsule_the_steps_before_run_again(house: House, trace: Trace) -> None:
    capsules.delete(trace)
    replay = ended(ask(house, trace, 4, Edits(), mode=ReplayMode.RESTORE))
    assert (replay.status, replay.mode) == (ReplayStatus.SUCCEEDED, ReplayMode.FAST_FORWARD)
    assert "No state was kept" in replay.mode_reason


def test_a_killed_worker_is_replaced(live_stack: LiveStack, house: House, trace: Trace) -> None:
    replay = ask(house, trace, 3, steps('fill field "Name" with "Grace"', "wait 5 s"))

    def busy() -> list[int]:
        workers = [live_stack.stack.child(name).process.pid for name in ("runs-1", "runs-2")]
        return [worker for worker in workers if children(worker)]

    running = wait_for("the sandbox", busy, 60)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    replay = ended(replay, 120)
    assert (replay.status, replay.tries) == (ReplayStatus.FAILED, 2)
    assert replay.runs.count() == 1


def children(pid: int) -> list[int]:
    """The processes that a process started, whichever of its threads did."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in found for child in file.read_text().split()]
