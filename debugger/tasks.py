"""What the worker and the beat call. The work is in `runner/replays.py` and the actions."""

from uuid import UUID

from celery import shared_task

from debugger.actions.replay_runs import sweep_replays
from debugger.runner import replays


@shared_task(name="debugger.run_replay")
def run_replay(replay_id: str) -> None:
    """Run one replay to its end; harmless when it has ended or runs elsewhere."""
    replays.run_replay(UUID(replay_id))


@shared_task(name="debugger.sweep")
def sweep() -> None:
    """Wake a worker for every replay that waits without one."""
    sweep_replays()
