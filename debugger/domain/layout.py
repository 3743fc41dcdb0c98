"""Cuts a message into paragraphs, lists and code for a template to draw. Makes no markup."""

import re
from dataclasses import dataclass

from debugger.domain.citations import Citation, Text, parse

#: A line of its own: the code below it is closed until it is asked for.
FOLD = "Word for word:"
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line: `kind` is text, code or cite (then `seq` and perhaps `ref` are set)."""

    kind: str
    text: str
    seq: int | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` is p, ul, pre or fold (code that is closed); every line is a tuple of pieces."""

    kind: str
    lines: tuple[tuple[Piece, ...], ...]


def lay_out(text: str) -> list[Block]:
    """Blocks in order. Lines that begin with `- ` make a list, four spaces make code."""
    blocks: list[Block] = []
    run: list[tuple[Piece, ...]] = []
    kind = ""
    for line in [*text.split("\n"), ""]:
        here = _kind(line)
        if here == "pre" and kind in ("fold", "folded"):
            here = "folded"
        if here != kind and run:
            blocks.append(Block("fold" if kind == "folded" else kind, tuple(run)))
            run = []
        kind = here
        if line.strip() and here != "fold":
            run.append(_pieces(line, here))
    return blocks


def _kind(line: str) -> str:
    if line == FOLD:
        return "fold"
    if line.startswith("- "):
        return "ul"
    if line.startswith("    "):
        return "pre"
    return "p" if line.strip() else ""


def _pieces(line: str, kind: str) -> tuple[Piece, ...]:
    if kind in ("pre", "folded"):
        return (Piece("text", line[4:]),)
    found: list[Piece] = []
    for part in parse(line.removeprefix("- ") if kind == "ul" else line):
        if isinstance(part, Citation):
            label = f"{part.ref} seq:{part.seq}" if part.ref else f"seq:{part.seq}"
            found.append(Piece("cite", label, part.seq, part.ref))
        else:
            found.extend(_with_code(part))
    return tuple(found)


def _with_code(part: Text) -> list[Piece]:
    pieces: list[Piece] = []
    for i, text in enumerate(_CODE.split(part.text)):
        if text:
            pieces.append(Piece("code" if i % 2 else "text", text))
    return pieces
