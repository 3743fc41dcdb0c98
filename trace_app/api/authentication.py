"""Who calls the API: `Authorization: Bearer trc_…`, a team's key, or a person's session."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from trace_app.actions.projects import API_KEY
from trace_app.models import ApiKey
from trace_app.permissions.keys import KeyPrincipal
from trace_app.queries.keys import live_key
from trace_app.storage import secrets as vault

_USED_EVERY: Final = timedelta(minutes=1)


class ApiKeyAuthentication(BaseAuthentication):
    """Looks the key up by its keyed hash; a revoked or unknown one answers 401."""

    def authenticate(self, request: Request) -> tuple[KeyPrincipal, ApiKey] | None:
        """The actor and the key; None for a request without a bearer key."""
        return authenticate_header(get_authorization_header(request))

    def authenticate_header(self, request: Request) -> str:
        """Says how to authenticate, which makes the answer 401 and not 403."""
        return 'Bearer realm="trace"'


class PersonSession(SessionAuthentication):
    """A signed-in person, with Django's CSRF check on every change."""

    def enforce_csrf(self, request: Request) -> None:
        """Check Django's own request: asking DRF's for a form field parses the body as JSON.

        So a browser may send a zip or NDJSON, with its token in the header X-CSRFToken.
        """
        super().enforce_csrf(request._request)  # type: ignore[arg-type]


def authenticate_header(header: bytes) -> tuple[KeyPrincipal, ApiKey] | None:
    """The same for a view that is no DRF view. Raises AuthenticationFailed."""
    digest = digest_of(header)
    if digest is None:
        return None
    key = _find_key(digest)
    if key is None:
        raise AuthenticationFailed("This API key is not known or was revoked.")
    return KeyPrincipal.of(key), key


def digest_of(header: bytes) -> str | None:
    """What is kept of the bearer key in an Authorization header; None where it holds none."""
    scheme, _, secret = header.partition(b" ")
    if scheme.lower() != b"bearer":
        return None
    return vault.keyed_hash(secret.strip().decode("latin-1"), purpose=API_KEY)


def _find_key(digest: str) -> ApiKey | None:
    key = live_key(digest)
    now = timezone.now()
    if key is not None and (key.last_used is None or key.last_used < now - _USED_EVERY):
        # Once a minute is enough for "last used"; a write per request would be the dearest part.
        ApiKey.objects.filter(pk=key.pk).update(last_used=now)
    return key


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How /v1/openapi.json describes our keys; drf-spectacular finds it by being defined."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Bearer, with the form of our keys."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "trc_…"}


class PersonSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How /v1/openapi.json describes sessions."""

    target_class = PersonSession
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """The session's cookie."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
