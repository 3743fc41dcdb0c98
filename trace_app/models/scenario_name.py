"""The names of scenarios that a project has traces of."""

from django.db import models

from trace_app.models.project import Project


class ScenarioName(models.Model):
    """One name to choose from in the list: at a million traces, looking for them takes too long.

    It is kept when a trace is digested, and so masked; it goes with the last of its traces.
    """

    pk = models.CompositePrimaryKey("project", "slug")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    slug = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.slug
