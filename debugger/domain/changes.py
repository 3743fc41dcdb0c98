"""Reads the changes a person's words name: `key = value`, `"old" → "new"`, `use A instead of B`.

Finds what is meant, not where it stands; where is decided with the source at hand.
"""

import re
from dataclasses import dataclass

SET, REPLACE, REVERT = "set", "replace", "revert"


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    `set`: give key `old` the value `new`; `replace`: literal `old` becomes `new`;
    `revert`: undo what the words `old` describe. `either` lets a replace be a set, when `old`
    turns out to be a key. `path` limits it to one file.
    """

    kind: str
    old: str
    new: str = ""
    path: str | None = None
    either: bool = False


@dataclass(frozen=True, slots=True)
class UnclearChange:
    """Words that name no change."""

    text: str


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to say a change: groups `old` and `new` hold the operands."""

    kind: str
    pattern: re.Pattern[str]
    either: bool = False


_ARROW = r"(?:→|⇒|-->|->|=>)"
_VERBS = (
    r"change|changing|replace|replacing|rename|renaming|swap|correct|fix|turn|make|move|point"
    r"|update"
)
_INTO = rf"(?:to\s+be|to|with|by|into|be|as|at|{_ARROW})"
_KEY = r"[\w.\-\[\]\x00]+"


def _form(kind: str, pattern: str, *, either: bool = False) -> _Form:
    return _Form(kind, re.compile(rf"^{pattern}$", re.IGNORECASE | re.DOTALL), either)


_FORMS = (
    _form(
        REPLACE,
        r"(?:(?:use|using|put|with|take)\s+)?(?P<new>.+?)\s+"
        r"(?:instead\s+of|in\s+place\s+of|rather\s+than)\s+(?P<old>.+)",
    ),
    _form(REPLACE, rf"(?:{_VERBS})\s+(?P<old>.+?)\s+{_INTO}\s+(?P<new>.+)", either=True),
    _form(
        SET,
        rf"(?:set|setting|let|put)\s+(?P<old>.+?)\s*(?:\bto\b|\bbe\b|:?=(?!=)|{_ARROW})"
        r"\s*(?P<new>.+)",
    ),
    _form(REPLACE, rf"(?P<old>.+?)\s*{_ARROW}\s*(?P<new>.+)", either=True),
    _form(SET, rf"(?P<old>{_KEY})\s*(?::=|=(?!=))\s*(?P<new>.+)"),
    _form(SET, rf"(?P<old>{_KEY})\s*:\s+(?P<new>.+)"),
    _form(
        REPLACE,
        r"(?P<old>.+?)\s+(?:set\s+to|changed\s+to|replaced\s+(?:by|with)|renamed\s+to|being"
        r"|becomes?)\s+(?P<new>.+)",
        either=True,
    ),
    _form(REPLACE, rf"(?:the\s+)?(?P<old>{_KEY})\s+(?:to|as|is)\s+(?P<new>.+)", either=True),
    # `the webhook url /api/b`: words, then nothing but one literal.
    _form(SET, r"(?:the\s+)?(?P<old>[a-z][\w -]{2,40}?)\s+(?P<new>\x00\d+\x00|/\S+|https?://\S+)"),
)
_REVERT = re.compile(
    r"^(?:(?:with\s+)?(?:revert|undo|roll\s*back|drop|back\s*out|reverting|undoing|dropping)\s+"
    r"(?P<a>.+)|(?:the\s+)?(?P<b>.+?)\s+(?:reverted|undone|rolled\s+back|backed\s+out)"
    r"|without\s+(?P<c>.+))$",
    re.IGNORECASE | re.DOTALL,
)
_PLACE = re.compile(
    r"\s+(?:in|inside|of\s+file)\s+(?:the\s+)?(?:file\s+)?"
    r"(?P<path>\x00\d+\x00|[\w./-]*[./][\w./-]+(?::\d+)?)\s*$",
    re.IGNORECASE,
)
_JOINTS = re.compile(
    r"\s*(?:;|,\s*and\s|,\s+(?=\S)|\s+and\s+(?:then\s+|also\s+)?|\s+plus\s+)\s*", re.IGNORECASE
)
_QUOTE_PAIRS = (("`", "`"), ('"', '"'), ("'", "'"), ("“", "”"), ("‘", "’"), ("«", "»"))
_QUOTED = re.compile(
    "|".join(
        rf"(?<!\w){re.escape(a)}((?:\\.|(?!{re.escape(b)}).)*){re.escape(b)}(?!\w)"
        for a, b in _QUOTE_PAIRS
    ),
    re.DOTALL,
)


def parse_changes(text: str) -> tuple[tuple[Change, ...], tuple[UnclearChange, ...]]:
    """The changes of a clause list joined by `and`, commas or semicolons; quotes protect both."""
    masked, quoted = _mask(text.strip().rstrip("."))
    changes: list[Change] = []
    unclear: list[UnclearChange] = []
    for clause in _clauses(masked):
        change = _change(clause, quoted)
        if change is None:
            unclear.append(UnclearChange(_unmask(clause, quoted)))
        else:
            changes.append(change)
    return tuple(changes), tuple(unclear)


def _mask(text: str) -> tuple[str, list[str]]:
    r"""Replace quoted stretches by \0n\0, so that words inside them are left alone."""
    quoted: list[str] = []

    def keep(found: re.Match[str]) -> str:
        inner = next((group for group in found.groups() if group is not None), "")
        quoted.append(re.sub(r"\\([\"'`\\])", r"\1", inner))
        return f"\x00{len(quoted) - 1}\x00"

    return _QUOTED.sub(keep, text), quoted


def _unmask(text: str, quoted: list[str]) -> str:
    return re.sub(r"\x00(\d+)\x00", lambda found: quoted[int(found[1])], text).strip()


def _clauses(masked: str) -> list[str]:
    """`and` inside a value (`title = Salt and pepper`): a part that names no change joins back."""
    joined: list[str] = []
    for piece in _JOINTS.split(masked):
        part = piece.strip(" ,;")
        if not part:
            continue
        if joined and not _names_change(part) and _names_change(joined[-1]):
            joined[-1] += f" and {part}"
        else:
            joined.append(part)
    return joined


def _names_change(clause: str) -> bool:
    return bool(_REVERT.match(clause)) or any(form.pattern.match(clause) for form in _FORMS)


def _change(clause: str, quoted: list[str]) -> Change | None:
    place = _PLACE.search(clause)
    if place is not None:
        path = _unmask(place["path"], quoted)
        within = _read(clause[: place.start()], quoted, path)
        if within is not None:
            return within
    return _read(clause, quoted, None)


def _read(body: str, quoted: list[str], path: str | None) -> Change | None:
    revert = _REVERT.match(body)
    if revert:
        words = next(group for group in revert.groups() if group)
        return Change(REVERT, _unmask(words, quoted), path=path)
    for form in _FORMS:
        found = form.pattern.match(body)
        if found is None:
            continue
        old, new = _operand(found["old"], quoted), _operand(found["new"], quoted)
        if old and old != new:
            return Change(form.kind, old, new, path, form.either)
    return None


def _operand(text: str, quoted: list[str]) -> str:
    """An operand without quotes and filler: `the button "Pay"` is Pay, `the total` is total."""
    stripped = text.strip()
    alone = re.fullmatch(r"(?:[\w-]+\s+){0,4}\x00(\d+)\x00", stripped)
    if alone:
        return quoted[int(alone[1])]
    return re.sub(r"^(?:the|a)\s+", "", _unmask(stripped, quoted), flags=re.IGNORECASE)
