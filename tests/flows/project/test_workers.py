"""Workers that are killed while they wait: nothing goes deaf, and the stack starts them again."""

import os
import signal

from celery import current_app

from tests.harness.live import LiveStack, wait_for

SWEEP = "trace_app.sweep"


def done(live_stack: LiveStack, worker: str) -> bool:
    return f"Task {SWEEP}" in live_stack.stack.child(worker).written()


def test_an_idle_worker_is_killed_and_its_queue_goes_on(live_stack: LiveStack) -> None:
    before = live_stack.stack.child("worker").process.pid
    os.kill(before, signal.SIGKILL)
    live_stack.stack.child("worker").process.wait(10)
    live_stack.stack.keep_running()
    assert live_stack.stack.child("worker").process.pid != before
    current_app.send_task(SWEEP)
    wait_for("the new worker's first task", lambda: done(live_stack, "worker"), 60)


def test_one_of_two_is_killed_and_the_other_takes_the_next_task(live_stack: LiveStack) -> None:
    os.kill(live_stack.stack.child("runs-1").process.pid, signal.SIGKILL)
    live_stack.stack.child("runs-1").process.wait(10)
    current_app.send_task(SWEEP, queue="runs")
    wait_for("the other worker's task", lambda: done(live_stack, "runs-2"), 60)
    live_stack.stack.keep_running()
    assert live_stack.stack.child("runs-1").process.poll() is None
