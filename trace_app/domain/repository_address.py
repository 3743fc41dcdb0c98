"""Where a project's code is, as a URL: https or ssh, a host, and no secrets."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

_SCP_LIKE: Final = re.compile(r"git@([\w.-]+):[\w./~-]+")
# What reads the same to us, to git and to curl: no escapes, no backslashes, nothing invisible.
_HOST: Final = re.compile(r"[a-z0-9][a-z0-9._-]*|[0-9a-f]*:[0-9a-f:.]+")
_TEXT: Final = re.compile(r"[!-\[\]-~]+")
_PORTS: Final = {"http": 80, "https": 443, "ssh": 22}


class RepositoryAddressError(ValueError):
    """No address to fetch from; the message says why, and never repeats what may be a secret."""


@dataclass(frozen=True, slots=True)
class RepositoryAddress:
    """The machine that a repository's URL names, and how it is spoken to."""

    scheme: str
    host: str
    port: int


def repository_address(url: str) -> RepositoryAddress:
    """What git would call for `url`. Raises RepositoryAddressError.

    Names in front of the host are for ssh: over http they are tokens as often as not.
    """
    if (found := _SCP_LIKE.fullmatch(url)) and _HOST.fullmatch(found[1].lower()):
        return RepositoryAddress("ssh", found[1].lower(), _PORTS["ssh"])
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unreadable() from None
    if _holds_secret(parts):
        raise _secret()
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or not _TEXT.fullmatch(url):
        raise _unreadable()
    return RepositoryAddress(parts.scheme, host, port or _PORTS[parts.scheme])


def refuse_secrets(repo: str) -> None:
    """Raises RepositoryAddressError for a URL that carries a secret; paths carry none."""
    try:
        secret = "://" in repo and _holds_secret(urlsplit(repo))
    except ValueError:
        raise _unreadable() from None
    if secret:
        raise _secret()


def _holds_secret(parts: SplitResult) -> bool:
    named = parts.password is not None or (parts.username is not None and parts.scheme != "ssh")
    # Some servers take a token behind the path, too.
    return named or bool(parts.query or parts.fragment)


def _secret() -> RepositoryAddressError:
    return RepositoryAddressError(
        "Leave user name, password and token out of the address. A private repository is read "
        "over ssh, with the key of the server."
    )


def _unreadable() -> RepositoryAddressError:
    return RepositoryAddressError(
        "Give an address like https://github.com/acme/shop.git. A repository on the "
        "server itself is connected there, with “manage.py create_project --repo PATH”."
    )
