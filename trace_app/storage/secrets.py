"""Encryption of the few secrets that must be sent again, and keyed hashes of those that need not."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from django.conf import settings


def encrypt(text: str, *, purpose: str) -> bytes:
    """Encrypt for a column; `purpose` separates the keys of different columns."""
    return _fernet(purpose).encrypt(text.encode())


def decrypt(stored: bytes | memoryview, *, purpose: str) -> str:
    """Return what `encrypt` was given; empty for an empty column.

    Raises cryptography.fernet.InvalidToken when SECRET_KEY is not the one it was stored with.
    """
    return _fernet(purpose).decrypt(bytes(stored)).decode() if stored else ""


def keyed_hash(text: str, *, purpose: str) -> str:
    """Return a hex HMAC-SHA256 under SECRET_KEY: it can be looked up, not reversed."""
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).hexdigest()


def _fernet(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(purpose)))


def _key(purpose: str) -> bytes:
    material = f"trace:{purpose}:{settings.SECRET_KEY}".encode()
    return hashlib.sha256(material).digest()
