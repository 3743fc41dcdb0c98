"""Learns from and masks contents that lie in files; how long they are makes no difference."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from trace_app.domain.contents import Content, Shelf
from trace_app.domain.redaction.redactor import Redactor
from trace_app.domain.redaction.windows import learn_long
from trace_app.domain.redaction.zips import Renamed, is_walked, learn_body, mask_body, mask_unwalked


def learn_contents(contents: Iterable[Content], redactor: Redactor) -> None:
    """Takes in the secrets of every content."""
    for content in contents:
        if is_walked(content.size):
            learn_body(content.read(), redactor)
        else:
            learn_long(content.pieces(), redactor)


def mask_contents(
    contents: Mapping[str, Content], shelf: Shelf, redactor: Redactor
) -> tuple[dict[str, Content], Renamed]:
    """Each by the sha256 of what it holds now, masked ones on the shelf; old hash → new hash."""
    masked: dict[str, Content] = {}
    renamed: Renamed = {}
    for sha256, content in contents.items():
        name, fresh = _masked(sha256, content, shelf, redactor)
        masked[name] = fresh
        if name != sha256:
            renamed[sha256.encode()] = name.encode()
    return masked, renamed


def _masked(sha256: str, content: Content, shelf: Shelf, redactor: Redactor) -> tuple[str, Content]:
    if is_walked(content.size):
        body = content.read()
        masked = mask_body(body, redactor)
        if masked is body:
            return sha256, content
        pieces: Iterable[bytes] = (masked,)
    else:
        pieces = mask_unwalked(content.pieces(), redactor)
    digest = hashlib.sha256()

    def hashed() -> Iterator[bytes]:
        for piece in pieces:
            digest.update(piece)
            yield piece

    fresh = shelf.add(hashed())
    if digest.hexdigest() == sha256:
        shelf.take_back(fresh)
        return sha256, content
    return digest.hexdigest(), fresh
