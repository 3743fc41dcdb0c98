"""Django's accounts and passwords; the person of a session is read by a prepared statement."""

from typing import Final

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS

from trace_app.models.prepared import fetch

_COLUMNS: Final = [str(field.column) for field in User._meta.concrete_fields]
_ONE: Final = f"SELECT {', '.join(_COLUMNS)} FROM auth_user WHERE id = %s"  # noqa: S608 (columns)


class Accounts(ModelBackend):
    """One of AUTHENTICATION_BACKENDS; whatever is not said here is Django's."""

    def get_user(self, user_id: int) -> User | None:
        """The person with this key, unless the account is disabled."""
        rows = fetch(_ONE, [user_id])
        user = User.from_db(DEFAULT_DB_ALIAS, _COLUMNS, rows[0]) if rows else None
        return user if self.user_can_authenticate(user) else None
