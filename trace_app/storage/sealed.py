"""What lies in the store of encrypted files: restore capsules and uploads kept unread, by trace."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast
from uuid import UUID

from django.core.files.storage import Storage, storages

Kind = Literal["capsule", "unread"]
_KINDS: Final = ("capsule", "unread")


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One file of one trace, by its name in the store."""

    name: str
    trace: UUID
    kind: Kind


def kept() -> Iterator[SealedFile]:
    """All files that are kept; what has another name than ours is left alone."""
    try:
        _, names = _store().listdir("")
    except FileNotFoundError:
        return
    for name in names:
        key, _, kind = name.rpartition(".")
        if kind not in _KINDS:
            continue
        try:
            yield SealedFile(name, UUID(key), cast("Kind", kind))
        except ValueError:
            continue


def written_before(file: SealedFile, limit: datetime) -> bool:
    """Whether it was written before that; a file that has just gone was not."""
    try:
        at: datetime = _store().get_modified_time(file.name)
    except FileNotFoundError:
        return False
    return at < limit


def delete(file: SealedFile) -> None:
    """Removes it; nothing happens when it is gone already."""
    _store().delete(file.name)


def _store() -> Storage:
    return storages["capsules"]
