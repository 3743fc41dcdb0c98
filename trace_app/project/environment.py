"""Typed reading of environment variables for the settings; it knows nothing of Django."""

import os
import secrets
from pathlib import Path
from typing import TypedDict
from urllib.parse import parse_qsl, unquote, urlsplit


class DatabaseSettings(TypedDict):
    """One entry of Django's DATABASES for PostgreSQL."""

    ENGINE: str
    NAME: str
    USER: str
    PASSWORD: str
    HOST: str
    PORT: str
    CONN_HEALTH_CHECKS: bool
    OPTIONS: dict[str, object]


def flag(name: str, *, default: bool) -> bool:
    """Read a yes/no variable: 1, true, yes and on mean yes."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


def seconds(name: str, *, default: float) -> float:
    """Return the variable as a number of seconds; ValueError for anything else."""
    try:
        found = float(os.environ.get(name) or default)
    except ValueError:
        found = 0.0
    if not 1 <= found <= 3600:
        raise ValueError(f"{name} is a number of seconds from 1 to 3600.")
    return found


def words(name: str, default: str = "") -> list[str]:
    """Read a comma-separated variable; empty items are dropped."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def secret_key(var: Path) -> str:
    """Return SECRET_KEY, or a key generated once and kept in `var/secret_key` (mode 0600).

    A generated key suits one machine. Several machines share one through SECRET_KEY.
    """
    if given := os.environ.get("SECRET_KEY"):
        return given
    path = var / "secret_key"
    var.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key := secrets.token_urlsafe(50))
    return key


def file_storage(folder: Path) -> dict[str, object]:
    """Return one entry of Django's STORAGES: the directory, or its namesake in an S3 bucket.

    Credentials are not read here: boto3 finds them itself (AWS_ACCESS_KEY_ID, a profile, a role).
    """
    bucket = os.environ.get("TRACE_S3_BUCKET")
    if not bucket:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder, "file_permissions_mode": 0o600},
        }
    endpoint = os.environ.get("TRACE_S3_ENDPOINT") or None
    options: dict[str, object] = {
        "bucket_name": bucket,
        "location": f"{os.environ.get('TRACE_S3_PREFIX', 'trace').strip('/')}/{folder.name}",
        "endpoint_url": endpoint,
        "region_name": os.environ.get("TRACE_S3_REGION") or None,
        # Servers other than Amazon's rarely answer to a host name per bucket.
        "addressing_style": "path" if endpoint else "auto",
    }
    return {"BACKEND": "trace_app.storage.s3.RangedS3Storage", "OPTIONS": options}


def database(url: str) -> DatabaseSettings:
    """Turn `postgresql://user:password@host:port/name?host=/socket` into Django's settings.

    The query's `host` wins, so that a socket directory can be named as libpq does
    (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING).
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL must start with postgresql://, not {parts.scheme}://")
    options: dict[str, object] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": str(options.pop("host", "")) or unquote(parts.hostname or ""),
        "PORT": str(options.pop("port", "")) or str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
