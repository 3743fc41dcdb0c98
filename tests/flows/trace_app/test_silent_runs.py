"""Silent runs are ended by what they are when their row is locked, not by what they were."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.harness.record import BY, make_project
from trace_app.actions import append as actions_append
from trace_app.actions.append import abort_silent, open_trace
from trace_app.domain.open_run import OpenRun
from trace_app.models import Project, Trace


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@pytest.mark.parametrize("change", ["batch", "end", "deletion"])
def test_a_run_that_changes_while_silent_ones_are_ended_stops_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    for _ in range(3):
        open_trace(by=BY, project=project, run=OpenRun())
    long_ago = timezone.now() - timedelta(hours=1)
    Trace.objects.update(last_batch=long_ago)
    changed: list[UUID] = []

    def meanwhile(trace: Trace) -> None:
        """What somebody does to another of the runs that were found silent."""
        if changed:
            return
        other = Trace.objects.filter(status="running").exclude(pk=trace.pk).order_by("created")
        changed.extend(other.values_list("pk", flat=True))
        victim = Trace.objects.filter(pk__in=changed)
        if change == "batch":
            victim.update(last_batch=timezone.now())
        elif change == "end":
            victim.update(status="passed")
        else:
            victim.delete()

    monkeypatch.setattr(actions_append, "notify", meanwhile)
    assert abort_silent() == 1
    left = set(Trace.objects.filter(pk__in=changed).values_list("status", flat=True))
    assert left == {"batch": {"running"}, "end": {"passed"}, "deletion": set()}[change]
    assert len(changed) == 2
