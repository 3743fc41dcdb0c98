"""Citations of events in the Debugger's texts: `(seq:214)` and `(xY9zQ2mNp seq:214)`.

Finds and checks them; which events exist is told by the caller.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_SHORT_ID = r"[1-9A-HJ-NP-Za-km-z]{9}"
_CITATION = re.compile(rf"\((?:(?P<ref>{_SHORT_ID})\s+)?seq:(?P<seq>\d{{1,16}})\)")
# Anything that looks like a citation but is not one, so that it cannot pass as evidence.
_ALMOST = re.compile(r"\(\s*[^()\s]{0,40}\s*seq\s*[:=]\s*[^()]{0,40}\)", re.IGNORECASE)
REJECTED = "(unverified claim removed)"


@dataclass(frozen=True, slots=True)
class Citation:
    """One event. `ref` is another trace's short id, or None for the trace the text is about."""

    seq: int
    ref: str | None = None

    def __str__(self) -> str:
        return f"({self.ref} seq:{self.seq})" if self.ref else f"(seq:{self.seq})"


@dataclass(frozen=True, slots=True)
class Text:
    """A stretch of plain text between citations."""

    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A text in which only true citations are left, and what was found in it."""

    text: str
    cited: tuple[Citation, ...]
    rejected: tuple[str, ...]


type Known = Callable[[Citation], bool]


def parse(text: str) -> list[Text | Citation]:
    """Split into text and citations, in order; the pieces joined give the text again."""
    pieces: list[Text | Citation] = []
    position = 0
    for found in _CITATION.finditer(text):
        if found.start() > position:
            pieces.append(Text(text[position : found.start()]))
        pieces.append(Citation(int(found["seq"]), found["ref"]))
        position = found.end()
    if position < len(text):
        pieces.append(Text(text[position:]))
    return pieces


def citations(text: str) -> tuple[Citation, ...]:
    """The citations of a text, each once, in order."""
    return tuple(dict.fromkeys(p for p in parse(text) if isinstance(p, Citation)))


def check(text: str, known: Known) -> Checked:
    """Keep the citations `known` vouches for; replace every other one by a plain remark."""
    cited: dict[Citation, None] = {}
    rejected: list[str] = []
    kept: list[str] = []
    for piece in parse(text):
        if isinstance(piece, Text):
            kept.append(_without_almost(piece.text, rejected))
        elif known(piece):
            cited[piece] = None
            kept.append(str(piece))
        else:
            rejected.append(str(piece))
            kept.append(REJECTED)
    return Checked("".join(kept), tuple(cited), tuple(rejected))


def _without_almost(text: str, rejected: list[str]) -> str:
    def replace(found: re.Match[str]) -> str:
        rejected.append(found.group())
        return REJECTED

    return _ALMOST.sub(replace, text)


def cite(seqs: Iterable[int | None], ref: str | None = None) -> str:
    """Citations for these events, each once, spaces between; empty when there are none."""
    found = dict.fromkeys(seq for seq in seqs if seq)
    return " ".join(str(Citation(seq, ref)) for seq in found)


def disarm(captured: str) -> str:
    """Captured text made unable to pose as a citation: it is data, whatever it says."""
    return re.sub(r"\(([^()]*?)seq\s*:", r"(\1seq :", captured).replace("seq :", "seq\u2236")
