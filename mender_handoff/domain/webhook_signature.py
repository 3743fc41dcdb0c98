"""Standard Webhooks signatures: HMAC-SHA256 over `id.timestamp.body`.

Signs and verifies, knows no HTTP framework.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

TOLERANCE_SECONDS = 300
ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"


class SignatureError(Exception):
    """The message is not from who holds the secret, or not from now. `code` is for the reply."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def secret_bytes(secret: str) -> bytes:
    """`whsec_<base64>` as bytes; a secret without the prefix is used as it is written."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise SignatureError("bad_secret", "a whsec_ secret must be base64") from error


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature, `v1,<base64>`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a signed message."""
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: sign(secret, message_id, timestamp, body),
    }


def verify(secrets: Sequence[str], given: Mapping[str, str], body: bytes, *, now: float) -> str:
    """The message id, if any of the space-separated signatures fits any of the secrets.

    `given` maps lower-case header names to values. Raises SignatureError.
    """
    message_id, stamp, signatures = (
        given.get(name, "") for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER)
    )
    if not message_id or not stamp or not signatures:
        raise SignatureError("signature_missing", f"send {ID_HEADER}, -timestamp and -signature")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
        raise SignatureError("timestamp_invalid", f"{TIMESTAMP_HEADER} must be Unix seconds")
    if abs(now - int(stamp)) > TOLERANCE_SECONDS:
        raise SignatureError("timestamp_outside_tolerance", "the message is older than 5 minutes")
    for secret in secrets:
        wanted = sign(secret, message_id, int(stamp), body).encode()
        for one in signatures.split(" "):
            if hmac.compare_digest(wanted, one.encode()):
                return message_id
    raise SignatureError("signature_invalid", "no signature fits this project's webhook secret")
