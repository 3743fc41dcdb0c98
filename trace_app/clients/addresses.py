"""Which hosts the server itself may call: public ones, and those the settings name.

Resolves names, calls nobody.
"""

import ipaddress
import socket
from collections.abc import Collection


class ForbiddenAddressError(Exception):
    """The host leads into a private network that the settings do not allow."""


class UnknownHostError(ForbiddenAddressError):
    """No name server knows the host now."""


def check_host(host: str, *, allowed_hosts: Collection[str]) -> str:
    """The host to connect to. ForbiddenAddressError unless all its addresses may be called.

    For a name that is one of the addresses checked: asked again, it could answer another.
    """
    if host in allowed_hosts:
        return host
    found = _resolve(host)
    for address in found:
        if not ipaddress.ip_address(address).is_global:
            raise ForbiddenAddressError(
                f"{host} leads to a private network; add it to OUTBOUND_ALLOWED_HOSTS"
            )
    return found[0]


def _resolve(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownHostError(f"{host} has no address") from error
    return [str(entry[4][0]).partition("%")[0] for entry in found]
