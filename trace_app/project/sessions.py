"""Django's sessions in the database, read by a prepared statement: every page reads one."""

from typing import Any, Final

from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.utils import timezone

from trace_app.models.prepared import fetch

_LIVE: Final = """
    SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s
"""


class SessionStore(InDatabase):
    """The engine that SESSION_ENGINE names; whatever is not said here is Django's."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing, and no key, where there is none or it has expired."""
        rows = fetch(_LIVE, [self.session_key, timezone.now()])
        if rows:
            return self.decode(rows[0][0])
        self._session_key = None
        return {}
