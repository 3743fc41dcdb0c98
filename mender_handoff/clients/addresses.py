"""Which addresses a project's Guard may have: https ones of hosts that may be called."""

from collections.abc import Collection
from urllib.parse import urlsplit

from trace_app.clients.addresses import ForbiddenAddressError, check_host

__all__ = ["ForbiddenAddressError", "check_address"]


def check_address(url: str, *, allowed_hosts: Collection[str]) -> str:
    """The host to connect to. ForbiddenAddressError unless all its addresses may be called.

    For a name that is one of the addresses checked: asked again, it could answer another.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ForbiddenAddressError(f"{url!r} is not an http address")
    if parts.scheme != "https" and parts.hostname not in allowed_hosts:
        raise ForbiddenAddressError(f"{parts.hostname} must be called over https")
    return check_host(parts.hostname, allowed_hosts=allowed_hosts)
