"""Public shares in words and limits: the secret, how long one lasts, which pages may embed it.

Pure: looking a share up and counting its visits is done elsewhere.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from trace_app.domain.ids import BASE58, SHORT_ID_LENGTH

SECRET_BYTES: Final = 32  # 256 bits: guessing is no way in, whatever the rate
DEFAULT_DAYS: Final = 7
MOST_DAYS: Final = 90
MOST_LIVE: Final = 20  # shares of one trace at a time
MOST_ORIGINS: Final = 20
REFERENCE: Final = rf"[{BASE58}]{{{SHORT_ID_LENGTH}}}/[A-Za-z0-9_-]{{22,86}}"
_ORIGIN: Final = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?::[0-9]{1,5})?"
)
_PATH: Final = re.compile(r"(/r/[^/\s?#]+/)[^/\s?#\"']+")
MASK: Final = "‹masked›"


@dataclass(frozen=True, slots=True)
class SharedRef:
    """What an address like `/r/xY9zQ2mNp/<secret>` names. The secret stays out of its repr."""

    short_id: str
    secret: str = field(repr=False)


def new_secret() -> str:
    """A fresh secret as it stands in the address: 43 characters, shown once."""
    return secrets.token_urlsafe(SECRET_BYTES)


def mask_addresses(text: str) -> str:
    """The text with the secret of every share's address masked; `/r/xY9zQ2mNp` has none."""
    return _PATH.sub(rf"\1{MASK}", text)


def origins(text: str) -> list[str]:
    """The origins written one per line or between spaces, each once, in order.

    Raises ValueError with a sentence for people: anything but `https://host[:port]` could say
    something else in a content security policy.
    """
    found = list(dict.fromkeys(text.lower().replace(",", " ").split()))
    for word in found:
        if len(word) > 200 or not _ORIGIN.fullmatch(word):
            raise ValueError(f"{word[:80]} is no origin; write it like https://ci.example.com.")
    if len(found) > MOST_ORIGINS:
        raise ValueError(f"At most {MOST_ORIGINS} origins.")
    return found
