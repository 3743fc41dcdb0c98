"""What a team may rule, the built-in names and shapes, and when a value is a secret; no state."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final


class RuleKind(StrEnum):
    """What a team's rule says; `value` of the rule is read accordingly."""

    HEADER = "header"
    KEY = "key"
    SELECTOR = "selector"
    PATTERN = "pattern"
    ALLOW_VALUE = "allow_value"
    ALLOW_NAME = "allow_name"
    OFF = "off"


class BuiltIn(StrEnum):
    """The built-in rules, by the name reports use; each can be switched off."""

    HEADER = "header"
    COOKIE = "cookie"
    KEY = "key"
    PASSWORD = "password"
    CARD = "card"
    TOKEN = "token"
    URL = "url"


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One rule of a team; `name` is what reports call it."""

    kind: RuleKind
    value: str
    name: str = ""


SECRET_HEADERS: Final = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "x-api-key",
        "api-key",
        "x-auth-token",
        "x-access-token",
        "x-csrf-token",
        "x-csrftoken",
        "x-xsrf-token",
        "x-amz-security-token",
        "x-goog-api-key",
        "stripe-signature",
    }
)
COOKIE_HEADERS: Final = frozenset({"cookie", "set-cookie"})
COOKIE_ATTRIBUTES: Final = frozenset(
    {"path", "domain", "expires", "max-age", "samesite", "version", "comment", "priority"}
)

# Compared whole after dropping case, dashes and underscores: "author" is no "auth".
_PASSWORDS: Final = (
    *("password", "passwd", "pwd", "passphrase", "passcode", "userpassword", "dbpassword"),
    *("newpassword", "oldpassword", "currentpassword", "confirmpassword", "passwordconfirm"),
    *("passwordconfirmation", "passwordrepeat", "password1", "password2", "pgpassword"),
)
_TOKENS: Final = (
    *("token", "accesstoken", "refreshtoken", "idtoken", "authtoken", "sessiontoken", "apitoken"),
    *("bearertoken", "csrftoken", "xsrftoken", "csrfmiddlewaretoken", "authenticitytoken"),
    *("sessionid", "sessid", "phpsessid", "jsessionid", "authorization", "personalaccesstoken"),
)
_SECRETS: Final = (
    *("secret", "clientsecret", "secretkey", "apikey", "privatekey", "signingsecret"),
    *("webhooksecret", "encryptionkey", "secretaccesskey", "awssecretaccesskey"),
)
_CARDS: Final = (
    *("cardnumber", "ccnumber", "creditcard", "creditcardnumber", "cccsc", "cvc", "cvv"),
    *("cvc2", "cvv2", "cardcvc", "cardcvv", "securitycode"),
)
SECRET_KEYS: Final = frozenset((*_PASSWORDS, *_TOKENS, *_SECRETS, *_CARDS))

# Learned values that are also words of pages and programs would tear holes everywhere.
COMMON_WORDS: Final = SECRET_KEYS | {
    *("username", "required", "disabled", "undefined", "anonymous", "function", "redacted"),
    *("[object object]", "********", "••••••••", "checkbox", "internal", "application/json"),
    *("no-cache", "same-origin", "localhost", "127.0.0.1", "development", "production"),
}
_PASSWORD_WORDS: Final = re.compile(
    r"(?i)\b(?:password|passwd|passcode|passphrase|pwd)\b|[#.]pw\b|type=.?password"
)
_ID_KEY: Final = re.compile(r"(?:^|[_-])(?:id|ids|seq|ts|uuid|guid|sha)$|[a-z](?:Id|Ids|Seq|Ts)$")


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A key as names are compared; of `user[password]` the innermost."""
    inner = name.rsplit("[", 1)[-1].rstrip("]")
    return inner.replace("_", "").replace("-", "").lower()


def is_id_key(name: str) -> bool:
    """Whether digits under this key are a number of something, never of a card."""
    return _ID_KEY.search(name) is not None


def names_password(text: str) -> bool:
    """Whether a target or selector names a password field."""
    return _PASSWORD_WORDS.search(text) is not None


def is_card(text: str) -> bool:
    """Issuer prefix, length and Luhn; spaces and dashes are ignored."""
    digits = text.replace(" ", "").replace("-", "")
    return 13 <= len(digits) <= 19 and _issued(digits) and _luhn(digits)


def _issued(digits: str) -> bool:
    length = len(digits)
    two, three, four = int(digits[:2]), int(digits[:3]), int(digits[:4])
    return (
        (digits[0] == "4" and length in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and length == 16)
        or (two in (34, 37) and length == 15)
        or ((four == 6011 or two == 65 or 644 <= three <= 649) and length == 16)
        or (3528 <= four <= 3589 and length == 16)
        or ((two in (36, 38) or 300 <= three <= 305) and length == 14)
    )


def _luhn(digits: str) -> bool:
    total = 0
    for position, char in enumerate(reversed(digits)):
        value = int(char) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def may_spread(value: str) -> bool:
    """Whether a learned value is long and odd enough to be masked wherever it occurs.

    At least 8 characters, or at least 6 of two classes (lower, upper, digit, other).
    """
    if value.lower() in COMMON_WORDS:
        return False
    classes = sum(
        any(test(char) for char in value)
        for test in (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum())
    )
    return len(value) >= 8 or (len(value) >= 6 and classes >= 2)
