"""Address patterns: `*` stays in one path segment, `**` crosses."""

import re
from urllib.parse import urlsplit


def matches(pattern: str, url: str) -> bool:
    """Compare a pattern with an address.

    A pattern beginning with `/` is compared with the path; it sees the query only if it has a `?`
    itself.
    """
    return re.fullmatch(_regex(pattern), _comparable(pattern, url)) is not None


def _comparable(pattern: str, url: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query and "?" in pattern else ""
    path = f"{parts.path or '/'}{query}"
    return path if pattern.startswith("/") else f"{parts.scheme}://{parts.netloc}{path}"


def _regex(pattern: str) -> str:
    pieces = re.split(r"(\*\*|\*)", pattern)
    wild = {"**": ".*", "*": "[^/?]*"}
    return "".join(wild.get(piece) or re.escape(piece) for piece in pieces)
