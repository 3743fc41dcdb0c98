"""Keeps the names that the list offers to choose from, and forgets those without a trace."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef

from trace_app.models import ScenarioName, Trace


def keep(trace: Trace) -> None:
    """Keeps the name of the digested trace's scenario, if it has one."""
    if trace.scenario_slug:
        name = ScenarioName(project_id=trace.project_id, slug=trace.scenario_slug)
        ScenarioName.objects.bulk_create([name], ignore_conflicts=True)


def forget(projects: Collection[UUID]) -> None:
    """Forgets the names of these projects that no trace has.

    A first trace that is being stored at this moment is not seen; the next one brings its name.
    """
    has_it = Trace.objects.filter(project=OuterRef("project_id"), scenario_slug=OuterRef("slug"))
    ScenarioName.objects.filter(~Exists(has_it), project__in=projects).delete()
