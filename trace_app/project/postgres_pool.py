"""Whether a pooled connection is still good: asked of this machine, now and then of the server."""

import select
import time
from typing import Any, Final
from weakref import WeakKeyDictionary

from psycopg import Connection
from psycopg_pool import ConnectionPool

# A path that went silent, which only the server's answer shows, is noticed this late.
_SECONDS: Final = 5.0
_asked: WeakKeyDictionary[Connection[Any], float] = WeakKeyDictionary()


def check(connection: Connection[Any]) -> None:
    """Raises OperationalError for a connection that is closed.

    A server that ends a connection says so, and then there is something to read. Asking the server
    itself for each request would be one more way there and back.
    """
    now = time.monotonic()
    recent = now - _asked.get(connection, float("-inf")) < _SECONDS
    if recent and not _has_input(connection):
        return
    ConnectionPool.check_connection(connection)
    _asked[connection] = now


def _has_input(connection: Connection[Any]) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
