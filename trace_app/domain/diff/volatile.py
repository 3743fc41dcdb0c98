"""Replaces what differs between any two runs (ids, clocks, ports) by names. Meaning stays."""

import re
from urllib.parse import parse_qsl

from trace_app.domain.paths import split_url

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
_CLF = r"\d{1,2}/[A-Z][a-z]{2}/\d{4}[: ]\d\d:\d\d:\d\d(?: [+-]\d{4})?"
_RFC_DATE = r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?: (?:GMT|[+-]\d{4}))?"
_PREFIXED = r"\b([a-z]{2,12}(?:_(?:test|live))?)_(?=[A-Za-z]*\d)[A-Za-z0-9]{6,}\b"
_HEX = r"\b(?=[0-9a-fA-F]*[0-9])(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b"
_LOCAL = r"(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0)"

_TEXT_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(_UUID), "{uuid}"),
    (re.compile(_ISO), "{time}"),
    (re.compile(_CLF), "{time}"),
    (re.compile(_RFC_DATE), "{time}"),
    (re.compile(r"‹masked:\d+›"), "‹masked›"),
    (re.compile(rf"({_LOCAL}|://[A-Za-z0-9.-]+):\d{{2,5}}\b"), r"\1"),
    (re.compile(rf"\b({_LOCAL}) - - "), r"\1 "),
    (re.compile(_PREFIXED), r"\1_{id}"),
    (re.compile(_HEX), "{hex}"),
    (re.compile(r"\b\d{9,}(?:\.\d+)?\b"), "{number}"),
    (re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"), "{time}"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|µs|s|sec|seconds)\b"), "{duration}"),
    (re.compile(r"\bpid[ =:]?\d+\b", re.IGNORECASE), "pid {number}"),
    (re.compile(r"\[\d{2,7}\]"), "[{number}]"),
)
_SEGMENT = re.compile(
    rf"^(?:\d+|{_UUID}|(?=.*\d)[0-9a-fA-F]{{7,}}|(?=.*\d)[A-Za-z0-9_-]{{20,}})$",
)
_SEGMENT_ID = re.compile(_PREFIXED)
_LOCAL_HOST = re.compile(rf"^{_LOCAL}$")
_TIME_KEY = re.compile(r"(?:^|_)(?:created|updated|timestamp|time|date|expires|at|now|clock)$")
_LONG_NUMBER = 1_000_000_000


def template_text(text: str) -> str:
    """Text with volatile parts named; white space folded, so wrapping does not count."""
    for pattern, name in _TEXT_RULES:
        text = pattern.sub(name, text)
    return " ".join(text.split())


def template_path(path: str) -> str:
    """`/orders/1042/pay` → `/orders/{id}/pay`. Words with a few digits (`v1`, `step2`) stay."""
    return "/".join(_segment(part) for part in path.split("/"))


def _segment(part: str) -> str:
    if _SEGMENT.match(part) or _SEGMENT_ID.fullmatch(part):
        return "{id}"
    return part


def template_url(url: str) -> str:
    """Path template with the host where it is a foreign one, and the names of the parameters.

    The application's own host and port are the run's, so they are left out.
    """
    parts = split_url(url)
    path = template_path(parts.path or "/")
    names = sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)})
    query = "?" + "&".join(names) if names else ""
    return f"{foreign_host(url)}{path}{query}"


def foreign_host(url: str) -> str:
    """Host without port, or empty for loopback and for a one-word name such as `app`."""
    host = split_url(url).hostname or ""
    return "" if _LOCAL_HOST.match(host) or "." not in host else host


def same_value(name: str, a: object, b: object) -> bool:
    """Whether two state values agree but for clocks and ids. `name` is the last key on the path."""
    if a == b and type(a) is type(b):
        return True
    if isinstance(a, str) and isinstance(b, str):
        return template_text(a) == template_text(b)
    if _is_number(a) and _is_number(b):
        return bool(_TIME_KEY.search(name)) and min(float(str(a)), float(str(b))) > _LONG_NUMBER
    return False


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
