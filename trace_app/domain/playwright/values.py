"""Values out of recorded JSON that may be anything: numbers, objects, errors, times."""

import base64
import binascii
import re
from datetime import datetime
from typing import Any, Final

import msgspec

from trace_app.domain.paths import strip_ansi
from trace_app.domain.playwright.model import CallError, CodeLine, Picture

# Half of a surrogate pair: browsers write it for broken text, strict readers refuse it.
_LONE: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)

type Line = dict[str, Any]


def decode(line: bytes) -> Any:
    """Recorded JSON; broken text in it is mended, broken JSON raises msgspec.DecodeError."""
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        mended = _LONE.sub(rb"\\ufffd", line).decode(errors="replace")
        return msgspec.json.decode(mended)


def as_number(value: object) -> float:
    """A finite number, 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if abs(value) < 2**53 else 0.0


def as_dict(value: object) -> Line:
    """An object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """An array, an empty one for anything else."""
    return value if isinstance(value, list) else []


def call_error(value: object) -> CallError | None:
    """An error as recorded, colours removed. Older formats nest it once more."""
    if not isinstance(value, dict) or not value:
        return None
    inner = as_dict(value.get("error")) or value
    message = strip_ansi(str(inner.get("message") or ""))
    stack = inner.get("stack")
    text = stack if isinstance(stack, str) else ""
    if isinstance(stack, list):
        text = "\n".join(
            f"    at {line.function or '<anonymous>'} ({line.file}:{line.line}:0)"
            for line in map(stack_line, stack)
        )
    return CallError(str(inner.get("name") or ""), message, strip_ansi(text))


def stack_line(one: object) -> CodeLine:
    """One entry of an inline stack."""
    held = as_dict(one)
    return CodeLine(
        str(held.get("file") or ""),
        int(as_number(held.get("line"))),
        str(held.get("function") or ""),
    )


def picture(line: Line) -> Picture:
    """A screenshot or aria-snapshot line."""
    return Picture(
        kind=str(line.get("type")),
        call_id=str(line.get("callId") or ""),
        phase=str(line.get("phase") or ""),
        file=str(line.get("file") or ""),
    )


def epoch_ms(value: object) -> float | None:
    """Milliseconds of an ISO time, None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return moment.timestamp() * 1000
    except (OverflowError, OSError, ValueError):
        return None


def from_base64(value: object) -> str:
    """Text written as base64; "" when it is not."""
    if not isinstance(value, str):
        return ""
    try:
        return base64.b64decode(value, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""
