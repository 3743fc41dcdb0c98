"""Patterns of the rules, and which ones a team may write.

Built-in shapes that need a look around (borders of tokens and cards) are finished in text.py.
"""

from typing import Final

import re2

from trace_app.domain import line_search
from trace_app.domain.line_search import Pattern

MAX_PATTERN: Final = 500
# Instructions of the compiled pattern; `(a{1000}){1000}` is refused, no honest pattern is near.
_MAX_PROGRAM: Final = 10_000
_OUTSIDE_CLASS: Final = {
    "^": "Leave out ^: a pattern is looked for anywhere in a text.",
    "$": "Leave out $: a pattern is looked for anywhere in a text.",
}
_ESCAPES: Final = {
    "A": "Leave out \\A: a pattern is looked for anywhere in a text.",
    "z": "Leave out \\z: a pattern is looked for anywhere in a text.",
    "B": "\\B is not taken; \\b is.",
    "C": "\\C could cut a character in two; use a dot.",
}


class RuleError(ValueError):
    """Why a rule is refused, as a sentence for people."""


def over_bytes(pattern: str, *, longest: bool = False, text: bool = False) -> Pattern:
    """A pattern over bytes as they are; with `text` over UTF-8. Raises RuleError.

    `longest` takes the longest alternative, where the default takes the first.
    """
    try:
        return line_search.over_bytes(pattern, longest=longest, text=text)
    except re2.error as error:
        said = error.args[0] if error.args else "it cannot be read"
        reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise RuleError(f"The pattern cannot be used: {reason}.") from error


def team_pattern(pattern: str) -> Pattern:
    """A team's pattern, ready to search; raises RuleError saying what to change.

    It is searched for in whole lines of the record before the values in them are looked at, so
    nothing in it may depend on where a text begins or ends.
    """
    if len(pattern) > MAX_PATTERN:
        raise RuleError(f"A pattern has at most {MAX_PATTERN} characters.")
    _refuse_anchors(pattern)
    compiled = over_bytes(pattern, text=True)
    if compiled.programsize > _MAX_PROGRAM:
        raise RuleError("The pattern repeats too much; ask for fewer repetitions.")
    if compiled.groups > 1:
        raise RuleError("At most one group (…): it is the part that is masked.")
    if compiled.search(b"") is not None:
        raise RuleError("The pattern matches an empty text; ask for at least one character.")
    return compiled


def _refuse_anchors(pattern: str) -> None:
    escaped, in_class = False, False
    for char in pattern:
        if escaped:
            escaped = False
            if not in_class and char in _ESCAPES:
                raise RuleError(_ESCAPES[char])
        elif char == "\\":
            escaped = True
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char in _OUTSIDE_CLASS:
            raise RuleError(_OUTSIDE_CLASS[char])


def quoted(literal: bytes) -> str:
    """A pattern for exactly these bytes."""
    return "".join(
        chr(byte) if byte < 128 and chr(byte).isalnum() else f"\\x{byte:02x}" for byte in literal
    )


def names_pattern(names: frozenset[str]) -> str:
    """Any of these plain names with dashes and underscores between their characters."""
    spelled = sorted("[-_]*".join(quoted(char.encode()) for char in name) for name in names)
    return "(?i:" + "|".join(spelled) + ")"
