"""The API key of a request. Reads only."""

from typing import Final

from django.db import DEFAULT_DB_ALIAS

from trace_app.models import ApiKey
from trace_app.models.prepared import fetch

# What a request asks of its key, in the model's order.
_ASKED: Final = ("id", "team_id", "name", "scopes", "last_used")
# Not through the ORM, which takes longer to build this than the database to answer it.
_LIVE: Final = f"""
    SELECT {", ".join(_ASKED)} FROM trace_app_apikey WHERE key_hash = %s AND revoked IS NULL
"""  # noqa: S608 (constants)


def live_key(key_hash: str) -> ApiKey | None:
    """The key with this hash, if there is one and it is not revoked; of its row what is asked."""
    rows = fetch(_LIVE, [key_hash])
    return ApiKey.from_db(DEFAULT_DB_ALIAS, _ASKED, rows[0]) if rows else None
