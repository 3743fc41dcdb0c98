"""Uploads of a Playwright format this Trace cannot read yet: whole, encrypted, without a URL.

What cannot be read cannot be masked, so they are no part of the record until they can be read.
"""

import tempfile
from pathlib import Path
from typing import IO, Final

from django.core.files.base import File
from django.core.files.storage import Storage, storages

from trace_app.models import Trace
from trace_app.storage import secrets as vault

_PIECE: Final = 4 * 1024 * 1024
# Before each encrypted piece, how long it is.
_LENGTH: Final = 4


def save(trace: Trace, path: Path) -> int:
    """Keeps the file of a trace, in place of an earlier one; how many bytes lie there.

    Memory holds one piece.
    """
    with path.open("rb") as source, tempfile.TemporaryFile() as sealed:
        number = 0
        while piece := source.read(_PIECE):
            token = vault.encrypt_bytes(piece, purpose=_purpose(trace, number))
            sealed.write(len(token).to_bytes(_LENGTH) + token)
            number += 1
        size = sealed.tell()
        sealed.seek(0)
        delete(trace)
        _store().save(_name(trace), File(sealed))
    return size


def restore(trace: Trace, path: Path) -> bool:
    """Writes the file to `path`; False when none is kept.

    Raises cryptography.fernet.InvalidToken under another SECRET_KEY.
    """
    if not _store().exists(_name(trace)):
        return False
    with _store().open(_name(trace), "rb") as sealed, path.open("wb") as out:
        _unseal(trace, sealed, out)
    return True


def delete(trace: Trace) -> None:
    """Removes it; nothing happens when none is kept."""
    _store().delete(_name(trace))


def _unseal(trace: Trace, sealed: IO[bytes], out: IO[bytes]) -> None:
    number = 0
    while length := int.from_bytes(sealed.read(_LENGTH)):
        out.write(vault.decrypt_bytes(sealed.read(length), purpose=_purpose(trace, number)))
        number += 1


def _store() -> Storage:
    return storages["capsules"]


def _name(trace: Trace) -> str:
    return f"{trace.pk}.unread"


def _purpose(trace: Trace, number: int) -> str:
    """A key for each piece, so that none can stand in another's place."""
    return f"unread {trace.pk} {number}"
