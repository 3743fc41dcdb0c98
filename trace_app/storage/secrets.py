"""Encryption of what must be read again, and keyed hashes of what need not."""

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


def encrypt_bytes(content: bytes, *, purpose: str) -> bytes:
    """Encrypt a file; `purpose` separates the keys of different files."""
    return _fernet(purpose).encrypt(content)


def decrypt_bytes(stored: bytes, *, purpose: str) -> bytes:
    """Return what `encrypt_bytes` was given. Raises cryptography.fernet.InvalidToken."""
    return _fernet(purpose).decrypt(stored)


def keyed_hash(text: str, *, purpose: str) -> str:
    """Return a hex HMAC-SHA256 under SECRET_KEY: it can be looked up, not reversed."""
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).hexdigest()


def _fernet(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(purpose)))


def _key(purpose: str) -> bytes:
    material = f"trace:{purpose}:{settings.SECRET_KEY}".encode()
    return hashlib.sha256(material).digest()
