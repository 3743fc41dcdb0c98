"""What `setup` is told of the host: where packages come from, certificates, proxies; no keys."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from debugger.runner.machine import Mount

# By name, never by prefix: UV_PUBLISH_TOKEN and PIP_CLIENT_CERT begin like these.
_INDEXES: Final = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"),
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
    *("UV_INDEX_STRATEGY", "UV_NO_INDEX", "PIP_TRUSTED_HOST", "UV_INSECURE_HOST"),
    *("PIP_DEFAULT_TIMEOUT", "PIP_TIMEOUT", "PIP_RETRIES", "UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES"),
)
_CERTIFICATE_FILES: Final = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_CERTIFICATES: Final = (*_CERTIFICATE_FILES, "SSL_CERT_DIR", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS")
_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_HOST_FILES: Final = ("/etc/resolv.conf", "/etc/hosts", "/usr/local/share/ca-certificates")
_PIP_CONFIGURATION: Final = Path("/etc/pip.conf")
_USER_INFORMATION: Final = re.compile(r"://[^/\s]*@")


def variables(of: Mapping[str, str]) -> dict[str, str]:
    """Those of a process's variables that a build may read."""
    indexes = {name: without_user(of[name]) for name in _INDEXES if name in of}
    certificates = {name: of[name] for name in _CERTIFICATES if name in of}
    # A proxy's password goes along: without it nothing could be fetched.
    proxies = {name: value for name, value in of.items() if name.lower() in _PROXIES}
    return indexes | certificates | proxies


def mounts(of: Mapping[str, str], folder: Path) -> list[Mount]:
    """The host's files these settings speak of; what had to be rewritten lies in `folder`."""
    named = [Path(of[name]) for name in _CERTIFICATE_FILES if name in of]
    found = [path for path in [*map(Path, _HOST_FILES), *named] if path.exists()]
    mounted = [
        Mount(path.resolve(), path)
        for path in dict.fromkeys(found)
        # A folder given by mistake may hold more than certificates.
        if not path.is_relative_to("/etc/ssl/certs") and (path not in named or path.is_file())
    ]
    if _PIP_CONFIGURATION.is_file():
        copy = folder / _PIP_CONFIGURATION.name
        copy.write_text(without_user(_PIP_CONFIGURATION.read_text("utf-8", "replace")))
        mounted.append(Mount(copy, _PIP_CONFIGURATION))
    return mounted


def without_user(text: str) -> str:
    """Addresses without name and password.

    They stay otherwise: without its mirror, pip would look for a private package's name in public.
    """
    return _USER_INFORMATION.sub("://", text)
