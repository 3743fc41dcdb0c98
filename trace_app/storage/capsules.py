"""Restore capsules: what a replay needs unmasked, encrypted per trace.

They have no URL and are never searched or exported; only the replay runner loads them.
"""

from typing import Any, Final

import msgspec
import zstandard
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from trace_app.models import Trace
from trace_app.storage import secrets as vault

_MAX_UNPACKED: Final = 1024**3


def save(trace: Trace, capsule: dict[str, Any]) -> int:
    """Keeps the capsule of a trace, in place of an earlier one; how many bytes lie there."""
    packed = zstandard.ZstdCompressor(level=3).compress(msgspec.json.encode(capsule))
    sealed = vault.encrypt_bytes(packed, purpose=_purpose(trace))
    delete(trace)
    _store().save(_name(trace), ContentFile(sealed))
    return len(sealed)


def load(trace: Trace) -> dict[str, Any] | None:
    """The capsule, None when none is kept. Raises InvalidToken under another SECRET_KEY."""
    if not has(trace):
        return None
    with _store().open(_name(trace), "rb") as stored:
        packed = vault.decrypt_bytes(stored.read(), purpose=_purpose(trace))
    body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_MAX_UNPACKED)
    return msgspec.json.decode(body, type=dict[str, Any])


def has(trace: Trace) -> bool:
    """Whether a capsule is kept, without opening it."""
    return bool(_store().exists(_name(trace)))


def delete(trace: Trace) -> None:
    """Removes it; nothing happens when none is kept."""
    _store().delete(_name(trace))


def _store() -> Storage:
    return storages["capsules"]


def _name(trace: Trace) -> str:
    return f"{trace.pk}.capsule"


def _purpose(trace: Trace) -> str:
    return f"capsule {trace.pk}"
