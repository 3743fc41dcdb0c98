"""Which message broker Celery uses: PostgreSQL unless CELERY_BROKER_URL names another.

A message only wakes a worker; the job's row is the truth, so brokers can be swapped freely.
"""

import os
from urllib.parse import quote

from psycopg.conninfo import make_conninfo

from trace_app.project.environment import DatabaseSettings


def url(database: DatabaseSettings) -> str:
    """Return CELERY_BROKER_URL, or the pgmq URL of the database the product already has."""
    if given := os.environ.get("CELERY_BROKER_URL"):
        return given
    # kombu cannot express a socket directory in its URL: the transport options carry the truth.
    return f"pgmq://{quote(database['USER'])}@localhost/{quote(database['NAME'])}"


def transport_options(broker_url: str, database: DatabaseSettings) -> dict[str, object]:
    """Return kombu's options for the broker's scheme.

    PostgreSQL: LISTEN wakes the worker (a few ms), so long polling is off, and no extension is
    created, because `install_queue` has laid plain SQL. Redis: a dead worker's message comes
    back within a second instead of minutes.
    """
    scheme = broker_url.partition(":")[0]
    if scheme == "pgmq":
        return {
            "conn_string": conninfo(database),
            "init_extension": False,
            "use_notify": True,
            "wait_time_seconds": 0,
            "notify_throttle_interval_ms": 0,
            # LISTEN tells of each new message, and a free worker reads what waits before it listens
            # again. This interval bounds how long a message lies of which nobody was told: one
            # that was given back, or that came while the connection was lost.
            "polling_interval": 1.0,
            "pool_size": 4,
            "pool_timeout": 10,
        }
    if scheme in {"redis", "rediss", "sentinel"}:
        return {"unacked_restore_interval": 1, "unacked_restore_throttle": 1}
    return {}


def conninfo(database: DatabaseSettings) -> str:
    """Return libpq's keyword form of Django's database settings, for the broker's connections.

    Not a URL: the pgmq client reads no socket directory out of one. They do not wait for the disk:
    a message that a crash of the server loses is sent again by a sweep, which finds its row.
    """
    parts: dict[str, str] = {
        "host": database["HOST"],
        "port": database["PORT"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "dbname": database["NAME"],
    }
    # Only libpq's own words: Django's OPTIONS also hold the pool and other objects.
    parts |= {key: value for key, value in database["OPTIONS"].items() if isinstance(value, str)}
    given = parts.get("options", "")
    parts["options"] = f"{given} -c synchronous_commit=off".strip()
    return make_conninfo(**{key: value for key, value in parts.items() if value})
