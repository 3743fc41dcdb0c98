"""Which lines of NDJSON have to be decoded whole: what may break a rule, and what a screen hits.

The bytes are searched as they came; all other lines are in the usual form and keep every rule.
"""

from collections.abc import Iterator
from typing import Final

from trace_app.domain.events import MAX_DEPTH, MAX_KEYS
from trace_app.domain.line_search import Pattern, Span, either, lines_hit, over_bytes

# Where data that is JSON may still break a rule, or be written otherwise than this program would:
# data that is no object, escapes that spell what has no need of it (NUL among them), numbers that
# a float may not hold, more brackets than the deepest data may have, newlines that need not stand
# between two events, two events that may have none between them, and what else a reader may take
# for the end of a line.
_ODD: Final = over_bytes(
    r'"data"\s*:\s*[^{\s]|\\[u/]|[:,\[\s]-?[0-9.]+[eE]|[0-9]{19}|[^}]\n|\n[^{]|\}[ \t]*\{|\r'
    rf"|(?:[{{\[][^{{\[\n]*){{{MAX_DEPTH + 2}}}"
)
# A line with more keys than data may have is so long that it fills a window of this size.
_WIDE: Final = 2 * MAX_KEYS


def lines_to_read(screen: Pattern | None, text: bytes) -> list[Span]:
    """The lines that have to be decoded.

    At some only a closer look tells whether they keep the rules, at the others `screen` hits.
    """
    pattern = _ODD if screen is None else either(_ODD, screen)
    return sorted({*lines_hit(text, [pattern]), *_wide_lines(text)})


def _wide_lines(text: bytes) -> Iterator[Span]:
    """The lines that could hold more keys than data may have."""
    at = 0
    while at < len(text):
        if text.find(b"\n", at, at + _WIDE) >= 0:
            at += _WIDE
            continue
        start, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
        end = len(text) if end < 0 else end
        if text.count(b":", start, end) > MAX_KEYS:
            yield start, end
        at = end + 1
