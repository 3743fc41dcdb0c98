"""Short-lived addresses of blobs: whoever holds one may read that blob for ten minutes."""

from typing import Final

from django.core import signing

LIFETIME_SECONDS: Final = 600
_SALT: Final = "trace blob"


def sign(sha256: str) -> str:
    """A ticket for one blob."""
    return signing.dumps(sha256, salt=_SALT)


def verify(ticket: str) -> str | None:
    """The blob of a ticket; None for one that is forged or too old."""
    try:
        sha256: str = signing.loads(ticket, salt=_SALT, max_age=LIFETIME_SECONDS)
    except signing.BadSignature:
        return None
    return sha256
