"""The built-in rules: header and key names, card numbers, shapes of tokens; no state."""

import re
from collections.abc import Iterator
from typing import Final

SECRET_HEADERS: Final = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "x-api-key",
        "x-auth-token",
        "x-csrf-token",
        "x-csrftoken",
        "stripe-signature",
    }
)
COOKIE_HEADERS: Final = frozenset({"cookie", "set-cookie"})

# Compared whole after dropping case, dashes and underscores: "author" is no "auth".
SECRET_KEYS: Final = frozenset(
    {
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "secret",
        "clientsecret",
        "secretkey",
        "token",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authtoken",
        "csrftoken",
        "csrfmiddlewaretoken",
        "sessionid",
        "apikey",
        "apitoken",
        "privatekey",
        "authorization",
        "cardnumber",
        "cvc",
        "cvv",
        "cvc2",
        "cvv2",
        "securitycode",
    }
)
_PASSWORD_WORDS: Final = re.compile(
    r"(?i)\b(?:password|passwd|passcode|pwd)\b|#pw\b|type=.?password"
)
_TOKEN_SHAPES: Final = re.compile(
    r"""(?<![A-Za-z0-9_])(?:
        (?:sk|rk|pk)_(?:test|live)_[A-Za-z0-9_]{8,}
      | whsec_[A-Za-z0-9+/=_-]{8,}
      | trc_[A-Za-z0-9_-]{20,}
      | gh[opsur]_[A-Za-z0-9]{20,} | github_pat_[A-Za-z0-9_]{20,}
      | glpat-[A-Za-z0-9_-]{16,}
      | xox[abprs]-[A-Za-z0-9-]{10,}
      | (?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])
      | AIza[0-9A-Za-z_-]{35}
      | eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}
      )
      | (?<=Bearer\ )[A-Za-z0-9._~+/-]{8,}=*
      | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----[A-Za-z0-9+/=\s\\n]+?-----END\ [A-Z ]*PRIVATE\ KEY-----
    """,
    re.VERBOSE,
)
_CARD: Final = re.compile(r"(?<![\w.:/-])[2-6][0-9](?:[ -]?[0-9]){11,17}(?![\w-])(?!\.[0-9])")
_QUERY: Final = re.compile(r"(?<=[?&;])([A-Za-z0-9_.-]{2,40})=([^&#\s\"'<>;]+)")
# One cheap look decides whether a text needs the others at all.
_SUSPECT: Final = re.compile(
    r"[2-6][0-9][0-9 -]{11}|_(?:test|live)_|whsec_|trc_|gh[opsur]_|github_pat_|glpat-|xox|AKIA"
    r"|ASIA|AIza|eyJ|Bearer |PRIVATE KEY|="
)


def suspicious(text: str) -> bool:
    """Whether any rule on free text could apply."""
    return _SUSPECT.search(text) is not None


def is_secret_key(name: str) -> bool:
    """Whether the value of this key is a secret by its name."""
    return name.replace("_", "").replace("-", "").lower() in SECRET_KEYS


def names_password(text: str) -> bool:
    """Whether a target or selector names a password field."""
    return _PASSWORD_WORDS.search(text) is not None


def secrets_in(text: str) -> Iterator[tuple[str, str]]:
    """(rule, value) for each secret in free text: token shapes, cards, query parameters."""
    for match in _TOKEN_SHAPES.finditer(text):
        yield "token", match[0]
    for match in _CARD.finditer(text):
        if is_card(match[0]):
            yield "card", match[0]
    for match in _QUERY.finditer(text):
        if is_secret_key(match[1]):
            yield "query", match[2]


def is_card(text: str) -> bool:
    """Issuer prefix, length and Luhn; separators are ignored."""
    digits = text.replace(" ", "").replace("-", "")
    return _issued(digits) and _luhn(digits)


def _issued(digits: str) -> bool:
    length = len(digits)
    two, four = int(digits[:2]), int(digits[:4])
    return (
        (digits[0] == "4" and length in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and length == 16)
        or (two in (34, 37) and length == 15)
        or ((four == 6011 or two == 65 or 644 <= int(digits[:3]) <= 649) and length == 16)
        or (3528 <= four <= 3589 and length == 16)
        or ((two in (36, 38) or 300 <= int(digits[:3]) <= 305) and length == 14)
    )


def _luhn(digits: str) -> bool:
    total = 0
    for position, char in enumerate(reversed(digits)):
        value = int(char) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def may_spread(value: str) -> bool:
    """Whether a learned value is long enough to be masked wherever it occurs."""
    classes = sum(
        any(test(char) for char in value)
        for test in (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum())
    )
    return len(value) >= 8 or (len(value) >= 6 and classes >= 2)
