"""Which hosts the server itself may call: public ones, and those the settings name.

Resolves names, calls nobody.
"""

import ipaddress
import socket
from collections.abc import Collection
from typing import Final

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


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
        if not is_public(address):
            raise ForbiddenAddressError(
                f"{host} leads to a private network; add it to OUTBOUND_ALLOWED_HOSTS"
            )
    return found[0]


def is_public(text: str) -> bool:
    """Whether the address belongs to one host of the public network.

    Of an IPv6 address that a gateway turns into an IPv4 one (mapped, 6to4: RFC 3056, NAT64: RFC
    6052) both must.
    """
    address = ipaddress.ip_address(text)
    inner = _carried(address) if isinstance(address, ipaddress.IPv6Address) else None
    every = [address] if inner is None else [address, inner]
    return all(one.is_global and not one.is_multicast for one in every)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _resolve(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownHostError(f"{host} has no address") from error
    return [str(entry[4][0]).partition("%")[0] for entry in found]
