"""Masks what is too long to be held: window by window, each together with what stands around it.

So a secret that lies over a border is seen whole, and so are the words that give it away.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from trace_app.domain.redaction.redactor import Redactor
from trace_app.domain.redaction.text import Hit

WINDOW: Final = 8 * 1024 * 1024
# What a secret and the words before it may measure together to be found wherever it stands.
MARGIN: Final = 1024 * 1024


def learn_long(pieces: Iterable[bytes], redactor: Redactor) -> None:
    """Takes in every secret of a text of any length."""
    with redactor.learning():
        for _ in mask_long(pieces, redactor):
            pass


def mask_long(pieces: Iterable[bytes], redactor: Redactor) -> Iterator[bytes]:
    """A text of any length, masked; one window of it is held, and a margin on both sides.

    A window of a binary format is searched for what was learned elsewhere, as shorter ones are.
    """
    source, text, begin, is_last = iter(pieces), b"", 0, False
    while not is_last:
        text, is_last = _filled(text, source, begin + WINDOW + MARGIN)
        found = redactor.known(text) if b"\x00" in text else redactor.hits(text)
        hits = [_clipped(hit, begin, text) for hit in found if hit.end > begin]
        end = len(text) if is_last else _between(hits, begin, len(text) - MARGIN, len(text))
        own = [_moved(hit, -begin) for hit in hits if hit.start < end]
        yield redactor.replaced(text[begin:end], own)
        kept = max(0, end - MARGIN)
        text, begin = text[kept:], end - kept


def _filled(text: bytes, source: Iterator[bytes], wanted: int) -> tuple[bytes, bool]:
    """The text with more behind it, at least as long as wanted; and whether it ends there."""
    parts, size = [text], len(text)
    while size < wanted:
        piece = next(source, None)
        if piece is None:
            return b"".join(parts), True
        parts.append(piece)
        size += len(piece)
    return b"".join(parts), False


def _between(hits: Sequence[Hit], begin: int, end: int, most: int) -> int:
    """The last place up to `end` that is inside no hit; `most` where there is none."""
    for hit in sorted(hits, key=lambda hit: -hit.start):
        if hit.start < end < hit.end:
            end = hit.start
    return end if end > begin else most


def _clipped(hit: Hit, begin: int, text: bytes) -> Hit:
    """Without what was given out already, which only a longer look around can have changed."""
    if hit.start >= begin:
        return hit
    value = hit.value or text[hit.start : hit.end].decode(errors="replace")
    return Hit(begin, hit.end, hit.rule, value)


def _moved(hit: Hit, by: int) -> Hit:
    return Hit(hit.start + by, hit.end + by, hit.rule, hit.value)
