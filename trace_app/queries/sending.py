"""What every upload asks before it is read: its project, its team's rules, whether it is known."""

from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, models

from trace_app.domain.redaction import RuleSet
from trace_app.models import Project, Team
from trace_app.models.prepared import fetch
from trace_app.queries.redaction import compiled

_BEFORE: Final = """
    SELECT (
        SELECT id FROM trace_app_trace
        WHERE project_id = %s AND upload_sha256 = %s AND NOT upload_sha256 = ''
    ), ARRAY(SELECT ARRAY[kind, value, name] FROM trace_app_redactionrule WHERE team_id = %s)
"""


def projects_of(team_id: UUID, slug: str) -> list[Project]:
    """The team's project of this name; two at most of its projects where none is named."""
    named = " AND project.slug = %s" if slug else ""
    asked = [team_id, slug] if slug else [team_id]
    return [_project(row) for row in fetch(f"{_projects()}{named} LIMIT 2", asked)]


def before(project: Project, upload_sha256: str) -> tuple[UUID | None, RuleSet]:
    """The key of the project's trace of these bytes, if there is one; the rules of its team."""
    [(known, rules)] = fetch(_BEFORE, [project.pk, upload_sha256, project.team_id])
    return known, compiled(rules)


@cache
def _projects() -> str:
    columns = [
        f"{table}.{column}"
        for table, model in (("project", Project), ("team", Team))
        for column in _columns(model)
    ]
    return f"""
        SELECT {", ".join(columns)} FROM trace_app_project AS project
        JOIN trace_app_team AS team ON team.id = team_id WHERE team_id = %s
    """  # noqa: S608 (names of columns)


def _project(row: tuple[Any, ...]) -> Project:
    names, of_team = _columns(Project), _columns(Team)
    project = Project.from_db(DEFAULT_DB_ALIAS, names, row[: len(names)])
    project.team = Team.from_db(DEFAULT_DB_ALIAS, of_team, row[len(names) :])
    return project


@cache
def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
