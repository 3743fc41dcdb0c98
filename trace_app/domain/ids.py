"""Names of traces: UUIDv7 for machines, nine base58 characters for people.

Not a lookup: uniqueness is the database's business.
"""

import re
import secrets
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
SHORT_ID_LENGTH: Final = 9
_SHORT_ID: Final = re.compile(rf"[{BASE58}]{{{SHORT_ID_LENGTH}}}")


def new_id() -> UUID:
    """A UUIDv7: sorts by the time it was made."""
    return uuid7()


def new_short_id() -> str:
    """52 random bits; not a secret, only hard to collide."""
    return "".join(secrets.choice(BASE58) for _ in range(SHORT_ID_LENGTH))


def is_short_id(text: str) -> bool:
    """Whether the text could be a short id; it need not exist."""
    return _SHORT_ID.fullmatch(text) is not None
