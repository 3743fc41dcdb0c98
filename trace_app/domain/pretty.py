"""A recorded body as people read it: JSON and forms laid out, other text as it is. No HTML here."""

import json
from typing import Final
from urllib.parse import parse_qsl

MOST_SHOWN: Final = 64 * 1024
_FORM: Final = "application/x-www-form-urlencoded"


def pretty(text: str, mime: str = "") -> str:
    """The text laid out by what it is; cut at 64 Ki characters, and then it says so."""
    return _cut(_json(text) or _form(text, mime) or text)


def is_text(mime: str) -> bool:
    """Whether bodies of this type are to be read."""
    kind = mime.split(";")[0].strip().lower()
    written = ("json", "xml", "javascript", "ecmascript", "urlencoded", "graphql", "csv")
    return kind.startswith("text/") or any(word in kind for word in written)


def _json(text: str) -> str:
    if text.lstrip()[:1] not in ("{", "["):
        return ""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""


def _form(text: str, mime: str) -> str:
    if not mime.lower().startswith(_FORM):
        return ""
    return "\n".join(f"{name} = {value}" for name, value in parse_qsl(text, True))


def _cut(text: str) -> str:
    if len(text) <= MOST_SHOWN:
        return text
    return f"{text[:MOST_SHOWN]}\n… {len(text) - MOST_SHOWN} more characters"
