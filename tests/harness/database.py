"""The second database of a run: the one that the running product works on."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from celery import current_app
from django.apps import apps
from django.db import connection, connections
from kombu import pools
from psycopg import sql

from trace_app.project import broker

LIVE_DATABASE = "trace_live"


def connected_to(name: str) -> str:
    """Return DATABASE_URL with another database's name."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def copy_database(source: str, copy: str) -> None:
    """Make `copy` anew from `source`, which nobody may be connected to."""
    drop_database(copy)
    statement = sql.SQL("CREATE DATABASE {copy} TEMPLATE {source}")
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement.format(copy=sql.Identifier(copy), source=sql.Identifier(source)))


def drop_database(name: str) -> None:
    """Remove a database and every connection to it."""
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    statement = sql.SQL("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement.format(name=sql.Identifier(name)))


@contextlib.contextmanager
def orm_on(name: str) -> Iterator[None]:
    """Let this process's ORM work on another database for a while, in every thread."""
    before = connection.settings_dict["NAME"]
    _switch(name)
    try:
        yield
    finally:
        _switch(before)


def _switch(name: str) -> None:
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = name
    # Once a test has emptied its database, the same content type has another id in each.
    apps.get_model("contenttypes", "ContentType").objects.clear_cache()
    send_wake_ups_here()


def send_wake_ups_here() -> None:
    """Send this process's wake-ups to the queue of the database that its ORM works on.

    Beside the running product a worker takes them; in the test database nobody does, but sending
    them into a database that is not there would cost ten seconds each.
    """
    conf = current_app.conf
    database: Any = connection.settings_dict
    conf.broker_transport_options = broker.transport_options(conf.broker_url, database)
    pools.reset()
    current_app.amqp._producer_pool = None  # type: ignore[attr-defined]
    current_app._pool = None  # type: ignore[attr-defined]
