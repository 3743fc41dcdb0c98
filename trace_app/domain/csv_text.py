"""Comma-separated text that a spreadsheet shows and never runs."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

# A cell that begins with one of these is a formula to a spreadsheet; tab and return lead there too.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(value: object) -> str:
    """A value as text; with a leading apostrophe where it could be read as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def rows(lines: Iterable[Sequence[object]]) -> str:
    """Rows as RFC 4180 text with CRLF ends."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([cell(value) for value in line] for line in lines)
    return out.getvalue()
