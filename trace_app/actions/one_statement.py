"""A finished and digested run, stored by one statement: a document goes in, rows come of it.

A statement is a transaction of its own, and building it is done once: see
docs/adr/0016-a-small-run-is-one-statement.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import msgspec
from django.db import IntegrityError, connection, models

from trace_app.models import (
    AuditEntry,
    CloneState,
    EventChunk,
    EventIndex,
    NotableEvent,
    Signature,
    Step,
    Trace,
)
from trace_app.models.prepared import fetch

# The tables that belong to a trace, under the names they have in the document.
_OWN: Final[dict[str, type[models.Model]]] = {
    "steps": Step,
    "chunks": EventChunk,
    "clone_states": CloneState,
    "notable": NotableEvent,
    "index": EventIndex,
    "audit": AuditEntry,
}
# Set by the statement.
_MADE: Final = {
    "signature_id": "cluster.id",
    "search": """
        setweight(to_tsvector('simple', concat(body->>'strong', ' ', cluster.slug)), 'A')
        || setweight(to_tsvector('simple', body->>'weak'), 'B')
    """,
}
_encoder: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Rows:
    """What is stored, none of it saved: `own` has the lists of rows under the names in `_OWN`.

    `words` are the strong and the weak words of the search; the signature's slug is added to them.
    """

    trace: Trace
    signature: Signature | None
    words: tuple[str, str]
    own: dict[str, Sequence[models.Model]]


def store(rows: Rows) -> None:
    """Stores the trace with all its rows, and its signature's row where there is none.

    Raises IntegrityError, and then nothing is stored, also where the same upload is stored already.
    """
    strong, weak = rows.words
    document: dict[str, object] = {
        "trace": _columns(rows.trace),
        "signature": _columns(rows.signature) if rows.signature else {},
        "strong": strong,
        "weak": weak,
        **{name: [_columns(row) for row in some] for name, some in rows.own.items()},
    }
    found = fetch(_statement(), [_encoder.encode(document).decode()])
    if not found:
        raise IntegrityError("The same upload is stored already.")
    [(rows.trace.signature_id,)] = found
    rows.trace._state.adding, rows.trace._state.db = False, connection.alias


def _columns(row: models.Model) -> dict[str, Any]:
    """Every column with what it holds; bytes as PostgreSQL reads them from text."""
    texts, raw = _fields(type(row))
    held = row.__dict__
    columns = {column: held[name] for column, name in texts}
    for column, name in raw:
        columns[column] = f"\\x{held[name].hex()}"
    return columns


@cache
def _fields(model: type[models.Model]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(column, attribute) of every column that is sent: as it is, and as bytes."""
    texts: list[tuple[str, str]] = []
    raw: list[tuple[str, str]] = []
    for field in model._meta.concrete_fields:
        if not isinstance(field, models.AutoField) and field.column not in _MADE:
            kind = raw if isinstance(field, models.BinaryField) else texts
            kind.append((str(field.column), field.attname))
    return texts, raw


@cache
def _statement() -> str:
    """The statement; its one parameter is the document.

    A signature that is there is only read, so that nobody waits for its row; of two that make the
    same one the second waits and takes the first one's. `seen` comes last, for the same reason.
    """
    signature = ", ".join(column for column, _ in _fields(Signature)[0])
    own = "".join(f", {name} AS ({_insert(name, model)})" for name, model in _OWN.items())
    return f"""
        WITH sent AS (SELECT %s::jsonb AS body),
        signed AS (
            SELECT * FROM {_sent(Signature, "signature")} WHERE given.id IS NOT NULL
        ),
        held AS (
            SELECT own.id, own.slug, own.first_seen, own.last_seen
            FROM signed JOIN trace_app_signature AS own USING (project_id, hash)
        ),
        made AS (
            INSERT INTO trace_app_signature ({signature}) SELECT {signature} FROM signed
            WHERE NOT EXISTS (SELECT FROM held)
            ON CONFLICT (project_id, hash) DO UPDATE
            SET last_seen = greatest(trace_app_signature.last_seen, excluded.last_seen)
            RETURNING id, slug
        ),
        cluster AS (SELECT id, slug FROM held UNION ALL SELECT id, slug FROM made),
        stored AS (
            {_insert_trace()}
            ON CONFLICT (project_id, upload_sha256) WHERE NOT upload_sha256 = '' DO NOTHING
            RETURNING created, signature_id, project_id, scenario_slug
        ){own},
        named AS (
            INSERT INTO trace_app_scenarioname (project_id, slug)
            SELECT project_id, scenario_slug FROM stored
            WHERE scenario_slug > '' AND NOT EXISTS (
                SELECT FROM trace_app_scenarioname AS known
                WHERE known.project_id = stored.project_id AND slug = scenario_slug)
            ON CONFLICT DO NOTHING
        ),
        seen AS (
            UPDATE trace_app_signature AS signature
            SET first_seen = least(signature.first_seen, created),
                last_seen = greatest(signature.last_seen, created)
            FROM stored, held
            WHERE signature.id = held.id AND NOT created
                BETWEEN held.first_seen AND held.last_seen + interval '1 second'
        )
        SELECT signature_id FROM stored
    """  # noqa: S608 (names of tables and columns)


def _insert_trace() -> str:
    plain = [column for column, _ in _fields(Trace)[0]]
    values = [*(f"given.{column}" for column in plain), *_MADE.values()]
    return f"""
        INSERT INTO trace_app_trace ({", ".join([*plain, *_MADE])})
        SELECT {", ".join(values)}
        FROM sent, {_sent(Trace, "trace")} LEFT JOIN cluster ON true
    """  # noqa: S608 (names of tables and columns)


def _insert(name: str, model: type[models.Model]) -> str:
    """Rows of one table, where the trace is stored."""
    table = model._meta.db_table
    columns = [column for some in _fields(model) for column, _ in some]
    return f"""
        INSERT INTO {table} ({", ".join(columns)})
        SELECT {", ".join(f"given.{column}" for column in columns)}
        FROM {_sent(model, name, "set")} WHERE EXISTS (SELECT FROM stored)
    """  # noqa: S608 (names of tables and columns)


def _sent(model: type[models.Model], name: str, several: str = "") -> str:
    """The part of the document that has this name, as a row or a set of rows of a table.

    A sub-select, which is made once: a join would hash the document for each of its parts.
    """
    part = f"(SELECT body->'{name}' FROM sent)"  # noqa: S608 (a name)
    return f"jsonb_populate_record{several}(NULL::{model._meta.db_table}, {part}) AS given"
