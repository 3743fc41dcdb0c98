"""Which addresses outbound calls may reach: public ones, and hosts the settings name.

Resolves names, calls nobody.
"""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit


class ForbiddenAddressError(Exception):
    """The address is not http(s).

    Or leads into a private network that the settings do not allow.
    """


def check_address(url: str, *, allowed_hosts: Collection[str]) -> str:
    """The host to connect to. ForbiddenAddressError unless all its addresses may be called.

    For a name that is one of the addresses checked: asked again, it could answer another.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ForbiddenAddressError(f"{url!r} is not an http address")
    if parts.hostname in allowed_hosts:
        return parts.hostname
    if parts.scheme != "https":
        raise ForbiddenAddressError(f"{parts.hostname} must be called over https")
    found = _resolve(parts.hostname)
    for address in found:
        if not ipaddress.ip_address(address).is_global:
            raise ForbiddenAddressError(
                f"{parts.hostname} leads to a private network; add it to OUTBOUND_ALLOWED_HOSTS"
            )
    return found[0]


def _resolve(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ForbiddenAddressError(f"{host} has no address") from error
    return [str(entry[4][0]).partition("%")[0] for entry in found]
