"""A trace as lists show it: some columns of its row, and of the rows it belongs to. Reads only.

Not the model: filling fifty instances of it takes longer than finding their rows.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from trace_app.domain.states import FINISHED
from trace_app.models import Trace
from trace_app.models.prepared import fetch


class ListedProject(NamedTuple):
    """What lists show of a project."""

    slug: str
    team_id: UUID


class ListedSignature(NamedTuple):
    """What lists show of a signature."""

    slug: str
    hash: str


class ListedParent(NamedTuple):
    """What lists show of the run that another one was made from."""

    short_id: str


class ListedTrace(NamedTuple):
    """Columns of a trace, by their names in the model; the last three are of other rows."""

    id: UUID
    short_id: str
    title: str
    status: str
    source: str
    origin: str
    tier: str
    scenario_slug: str
    test_id: str
    branch: str
    pr_number: int | None
    code_sha: str
    author: str
    check_id: str
    created: datetime
    started: datetime | None
    duration_ms: float
    last_seq: int
    event_count: int
    failing_step: int | None
    failing_seq: int | None
    error_line: str
    pinned: datetime | None
    thaw_requested: datetime | None
    mender_state: str
    processed: datetime | None
    viewable_ms: float | None
    signature_id: UUID | None
    project: ListedProject
    signature: ListedSignature | None
    parent: ListedParent | None

    @property
    def pk(self) -> UUID:
        """The key, as the model calls it."""
        return self.id

    @property
    def is_finished(self) -> bool:
        """Whether the run has ended, in whatever way."""
        return self.status in FINISHED


type AnyTrace = Trace | ListedTrace

# Sub-selects: to plan joins with these tables would take longer than all the rest.
_ROWS: Final = """
    SELECT {columns},
        (SELECT ARRAY[slug, team_id::text] FROM trace_app_project WHERE id = project_id),
        (SELECT ARRAY[slug, hash] FROM trace_app_signature WHERE id = signature_id),
        (SELECT short_id FROM trace_app_trace AS made_from WHERE id = trace_app_trace.parent_id)
    FROM trace_app_trace WHERE id = ANY(ARRAY({keys})) ORDER BY created DESC, id DESC LIMIT {most}
"""


def statement(keys: str, most: int) -> str:
    """The statement for the newest of the traces whose keys the statement `keys` gives."""
    return _ROWS.format(columns=", ".join(ListedTrace._fields[:-3]), keys=keys, most=most)


def read(sql: str, parameters: Sequence[Any], *, prepared: bool = False) -> list[ListedTrace]:
    """What such a statement gives; one query. `prepared` is for a text that comes again."""
    if prepared:
        return [_listed(row) for row in fetch(sql, parameters)]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [_listed(row) for row in cursor.fetchall()]


@lru_cache(maxsize=512)
def _project(slug: str, team: str) -> ListedProject:
    """Most traces of a page are of one project."""
    return ListedProject(slug, UUID(team))


def _listed(row: Sequence[Any]) -> ListedTrace:
    *columns, (slug, team), signed, made_from = row
    project = _project(slug, team)
    signature = ListedSignature(*signed) if signed else None
    parent = ListedParent(made_from) if made_from else None
    return ListedTrace._make((*columns, project, signature, parent))
