"""Path and message templates: the same request or sentence of two runs gets the same text.

Used by the signature, the index and the diff; it never changes what is shown as recorded.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, urlsplit

_UUID: Final = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_SEGMENTS: Final = (
    (re.compile(_UUID), "{uuid}"),
    (re.compile(r"[0-9]+"), "{n}"),
    (re.compile(r"[0-9a-fA-F]{12,}"), "{hash}"),
    # Vendor ids: a short prefix and a long mixed tail, such as pi_3Nq8xT2eZv.
    (re.compile(r"[A-Za-z]{2,8}_(?=[A-Za-z0-9_]*[0-9])[A-Za-z0-9_]{6,}"), "{id}"),
    (re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{16,}"), "{id}"),
)
_HASHED_NAME: Final = re.compile(r"([.-])[0-9a-f]{6,}(?=\.[a-z0-9]+$)")
_MESSAGE: Final = (
    (re.compile(_UUID), "{uuid}"),
    (re.compile(r"https?://[^\s\"'<>]+"), "{url}"),
    (re.compile(r"\b[0-9a-f]{12,}\b"), "{hash}"),
    (re.compile(r"\b[a-z]{2,8}_(?=[A-Za-z0-9_]*[0-9])[A-Za-z0-9_]{6,}\b"), "{id}"),
    (re.compile(r"(?<![A-Za-z0-9])[0-9]+(?:\.[0-9]+)?"), "{n}"),
)
_UNREADABLE: Final = SplitResult("", "", "", "", "")
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def split_url(url: str) -> SplitResult:
    """A URL's parts; all of them empty for one that cannot be read, such as `http://[`."""
    try:
        return urlsplit(url)
    except ValueError:
        return _UNREADABLE


def path_of(url: str) -> str:
    """The path of a URL without query and fragment; "" for one that cannot be read."""
    parts = split_url(url)
    return parts.path or ("/" if parts.netloc else "")


@lru_cache(maxsize=4096)
def template_path(url: str) -> str:
    """The path with ids, numbers and hashes replaced: /orders/1042 becomes /orders/{n}."""
    return "/".join(_template_segment(segment) for segment in path_of(url).split("/"))


def template_message(message: str) -> str:
    """First line without colours, addresses, ids and numbers; at most 200 characters."""
    lines = [line.strip() for line in strip_ansi(message).splitlines() if line.strip()]
    text = lines[0] if lines else ""
    for pattern, name in _MESSAGE:
        text = pattern.sub(name, text)
    return " ".join(text.split())[:200]


def strip_ansi(text: str) -> str:
    """Terminal colours removed."""
    return _ANSI.sub("", text)


def _template_segment(segment: str) -> str:
    for pattern, name in _SEGMENTS:
        if pattern.fullmatch(segment):
            return name
    return _HASHED_NAME.sub(r"\1{hash}", segment)
