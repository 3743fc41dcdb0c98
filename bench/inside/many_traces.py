"""Fills the list's table by COPY, with its indexes made afterwards; the argument is how many."""

import random
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402  # after the settings are loaded
from django.db import connection  # noqa: E402

from trace_app.actions.projects import create_project  # noqa: E402
from trace_app.actions.teams import create_team, set_role  # noqa: E402
from trace_app.domain.roles import Role  # noqa: E402
from trace_app.domain.system import System  # noqa: E402
from trace_app.models import Project, Signature, Trace  # noqa: E402

BY = System("bench")
DAYS = 60
SIGNATURES = 500
WORDS = (
    *("checkout", "coupon", "cart", "login", "signup", "search", "filter", "invoice", "refund"),
    *("webhook", "payment", "email", "address", "shipping", "profile", "password", "export"),
    *("import", "dashboard", "report", "upload", "download", "gallery", "settings"),
)
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'trace_app_trace'
    AND indexname NOT IN (
        SELECT conname FROM pg_constraint WHERE conrelid = 'trace_app_trace'::regclass)
"""

# What digesting each of them would have kept.
NAMES = """
    INSERT INTO trace_app_scenarioname (project_id, slug)
    SELECT DISTINCT project_id, scenario_slug FROM trace_app_trace
"""


def main() -> None:
    count = int(sys.argv[1])
    team = create_team(by=BY, slug="bench", name="Bench")
    user = User.objects.create_user("reader", "reader@example.com", "reader")
    set_role(by=BY, team=team, user=user, role=Role.MEMBER)
    project = create_project(by=BY, team=team, slug="bench", name="Bench", repo="/nowhere")
    now = datetime.now(UTC)
    signatures = _signatures(project, now)
    columns = {
        str(field.column): field.get_db_prep_save(field.value_from_object(prototype), connection)
        for prototype in [Trace(project=project, title="", tier="hot", origin="zip")]
        for field in Trace._meta.concrete_fields
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        names = ", ".join(f'"{name}"' for name in columns)
        with cursor.copy(f"COPY trace_app_trace ({names}) FROM STDIN") as copy:
            for changed in _rows(count, signatures, now):
                copy.write_row([changed.get(name, value) for name, value in columns.items()])
        cursor.execute(NAMES)
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE")
        # A million traces come in months, not in a minute: what is still to be written to the disk
        # would be written while pages are asked for.
        cursor.execute("CHECKPOINT")


def _signatures(project: Project, now: datetime) -> list[Signature]:
    rows = [
        Signature(
            project=project,
            hash=f"{no:016x}",
            slug=f"{WORDS[no % len(WORDS)]}-{400 + no % 100}",
            first_seen=now - timedelta(days=DAYS),
            last_seen=now - timedelta(minutes=no * 20),
            parts={"failure": {"kind": "network", "target": "webhook", "message": "answered 404"}},
        )
        for no in range(SIGNATURES)
    ]
    return Signature.objects.bulk_create(rows)


def _rows(count: int, signatures: list[Signature], now: datetime) -> Iterator[dict[str, Any]]:
    chance = random.Random(7)
    gap = timedelta(days=DAYS) / count
    for no in range(count):
        created = now - gap * (count - no)
        failed = chance.random() < 0.1
        # The first signatures are frequent, the last ones rare.
        signature = signatures[int(SIGNATURES * chance.random() ** 3)] if failed else None
        word, other = chance.choice(WORDS), chance.choice(WORDS)
        number, author = chance.randrange(20_000), f"dev{chance.randrange(40)}"
        sha, branch = f"{chance.getrandbits(160):040x}", f"feature/{other}-{number}"
        title = f"{word} {other} {number % 300}"
        slug = f"{word}-{other}"
        found = [*word.split(), other, str(number % 300), slug, author, branch, sha, "feature"]
        yield {
            "id": _key(created, no),
            "short_id": _short(no),
            "title": title,
            "status": "failed" if failed else "passed",
            "source": "pr" if no % 3 else "schedule",
            "scenario_slug": slug,
            "branch": branch,
            "author": author,
            "code_sha": sha,
            "pr_number": number if no % 3 else None,
            "created": created,
            "started": created,
            "finished": created,
            "processed": created,
            "duration_ms": chance.random() * 60_000,
            "event_count": 500,
            "error_count": int(failed),
            "failing_step": 7 if failed else None,
            "error_line": f"expected {number} to equal {number + 1}" if failed else "",
            "signature_id": signature.pk if signature else None,
            "pinned": created if no % 5000 == 0 else None,
            "upload_sha256": f"{no:064x}",
            "search": _vector([*found, *([signature.slug] if signature else [])]),
        }


def _vector(words: list[str]) -> str:
    return " ".join(f"'{word}':{no}" for no, word in enumerate(dict.fromkeys(words), start=1))


def _key(created: datetime, no: int) -> uuid.UUID:
    """A UUIDv7 of that moment (RFC 9562, 5.7)."""
    head = (int(created.timestamp() * 1000) << 80) | (7 << 76) | ((no & 0xFFF) << 64)
    return uuid.UUID(int=head | (2 << 62) | no)


_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _short(no: int) -> str:
    text = ""
    for _ in range(9):
        no, digit = divmod(no, len(_DIGITS))
        text += _DIGITS[digit]
    return text


main()
