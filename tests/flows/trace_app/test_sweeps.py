"""What beat has swept: answers kept for repeated requests, and files of uploads that were killed."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.harness.record import make_project
from trace_app import tasks
from trace_app.actions.idempotency import KEPT, once
from trace_app.models import IdempotencyRecord, Team
from trace_app.storage.spool import spool_file, sweep

HOUR = 3600


@pytest.fixture
def team(db: None) -> Team:
    return make_project().team


@pytest.fixture
def spool(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.VAR_DIR = tmp_path
    with spool_file() as path:
        yield path.parent


def asked(team: Team, key: str, answer: int) -> dict[str, Any]:
    def work() -> tuple[int, dict[str, Any]]:
        return 201, {"answer": answer}

    _, said = once(team=team, endpoint="replays", key=key, request_sha256="a" * 64, work=work)
    return said


def test_an_answer_is_kept_for_seven_days_and_the_key_then_works_anew(team: Team) -> None:
    assert asked(team, "old", 1) == asked(team, "young", 1) == {"answer": 1}
    moment = timezone.now() - KEPT
    IdempotencyRecord.objects.filter(key="old").update(created=moment - timedelta(minutes=1))
    IdempotencyRecord.objects.filter(key="young").update(created=moment + timedelta(minutes=1))
    tasks.sweep_blobs()
    assert asked(team, "young", 2) == {"answer": 1}
    assert asked(team, "old", 2) == {"answer": 2}


def test_what_a_killed_upload_left_goes_after_an_hour(spool: Path, db: None) -> None:
    young, old = spool / "young", spool / "old"
    for path, age in ((young, HOUR - 60), (old, HOUR + 60)):
        path.write_bytes(b"half an upload")
        moment = path.stat().st_mtime - age
        os.utime(path, (moment, moment))
    tasks.sweep()
    assert young.exists()
    assert not old.exists()


def test_a_file_that_goes_while_it_is_looked_at_stops_nothing(spool: Path) -> None:
    (spool / "gone").symlink_to(spool / "nowhere")
    old = spool / "old"
    old.write_bytes(b"")
    os.utime(old, (1, 1))
    assert sweep() == 1
    assert not old.exists()
