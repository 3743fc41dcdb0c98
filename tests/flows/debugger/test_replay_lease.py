"""The replay's row decides who works on it, whatever the broker or a killed worker does."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from debugger.actions import replay_runs
from debugger.actions.replay_runs import Ending, LeaseLostError
from debugger.actions.replays import request_replay
from debugger.domain.edits import Edits
from debugger.domain.replay_states import ReplayStatus
from debugger.models import Replay
from tests.flows.debugger.recorded import SEED, House
from trace_app.actions import teams
from trace_app.domain.roles import Role

pytestmark = pytest.mark.django_db
OUTCOME = {
    "status": "passed",
    "verdicts": {"3": "passed"},
    "ran_blobs": {},
    "changed_before": [],
    "sandbox_level": "L2",
    "mode": "restore",
}
DONE = Ending(ReplayStatus.SUCCEEDED)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.build(tmp_path)


@pytest.fixture
def replay(house: House) -> Replay:
    by = house.person(Role.MEMBER)
    return request_replay(by=by, trace=house.trace(), from_step=3, edits=Edits())


def lose_worker(replay: Replay) -> None:
    """What the database looks like some time after a worker was killed."""
    past = timezone.now() - timedelta(seconds=1)
    Replay.objects.filter(pk=replay.pk).update(lease_until=past)


def test_a_leased_replay_is_nobody_elses(replay: Replay) -> None:
    assert replay_runs.claim_replay(replay.pk) is not None
    assert replay_runs.claim_replay(replay.pk) is None
    assert replay_runs.sweep_replays() == 0


def test_the_sweep_finds_what_waits_without_a_worker(replay: Replay) -> None:
    assert replay_runs.sweep_replays() == 1
    replay_runs.claim_replay(replay.pk)
    lose_worker(replay)
    assert replay_runs.sweep_replays() == 1


def test_a_worker_that_comes_back_changes_nothing(replay: Replay) -> None:
    old = replay_runs.claim_replay(replay.pk)
    lose_worker(replay)
    new = replay_runs.claim_replay(replay.pk)
    assert old is not None
    assert new is not None
    assert (old.tries, new.tries) == (1, 2)
    assert not replay_runs.renew_lease(old.pk, old.tries)
    assert replay_runs.cancel_wanted(old.pk, old.tries)
    assert not replay_runs.finish_replay(old.pk, old.tries, DONE)
    with pytest.raises(LeaseLostError):
        replay_runs.record_run(old, number=1, outcome=OUTCOME, bundle=None)
    assert replay_runs.finish_replay(new.pk, new.tries, DONE)
    assert Replay.objects.get(pk=replay.pk).status == ReplayStatus.SUCCEEDED


def test_a_kept_run_is_not_repeated(replay: Replay) -> None:
    claimed = replay_runs.claim_replay(replay.pk)
    assert claimed is not None
    replay_runs.record_run(claimed, number=1, outcome=OUTCOME, bundle=None)
    kept = Replay.objects.get(pk=replay.pk)
    assert (kept.runs.get().status, kept.mode, kept.sandbox_level) == ("passed", "restore", "L2")


def test_a_replay_that_kills_its_workers_ends(replay: Replay) -> None:
    for _ in range(replay_runs.MAX_TRIES):
        assert replay_runs.claim_replay(replay.pk) is not None
        lose_worker(replay)
    assert replay_runs.claim_replay(replay.pk) is None
    ended = Replay.objects.get(pk=replay.pk)
    assert ended.status == ReplayStatus.ERROR
    assert "lost 3 times" in ended.message


def test_the_right_is_asked_for_again_when_it_runs(house: House, replay: Replay) -> None:
    assert replay.requested_by is not None
    teams.set_role(by=SEED, team=house.team, user=replay.requested_by, role=Role.VIEWER)
    assert replay_runs.claim_replay(replay.pk) is None
    assert Replay.objects.get(pk=replay.pk).status == ReplayStatus.REFUSED
