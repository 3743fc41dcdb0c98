"""Which repositories the bundled Guard watches, and the secrets it shares with their Trace."""

import secrets
from dataclasses import dataclass

from django.db import transaction

from mender_handoff.guard.domain.purposes import API_TOKEN, PUSH_TOKEN, TRACE_KEY, WEBHOOK_SECRET
from mender_handoff.guard.models import GuardRepository
from trace_app.storage import secrets as vault


@dataclass(frozen=True, slots=True)
class Registered:
    """A repository with its fresh tokens, which are shown once."""

    repository: GuardRepository
    api_token: str
    push_token: str


@transaction.atomic
def register(
    *,
    slug: str,
    path: str,
    default_branch: str,
    trace_url: str,
    trace_api_key: str,
    webhook_secret: str,
) -> Registered:
    """Make or update a repository under Guard.

    Every call gives new tokens and ends the old ones.
    """
    api_token, push_token = (f"grd_{secrets.token_urlsafe(32)}" for _ in range(2))
    repository, _ = GuardRepository.objects.update_or_create(
        slug=slug,
        defaults={
            "path": path,
            "default_branch": default_branch,
            "trace_url": trace_url.rstrip("/"),
            "trace_api_key": vault.encrypt(trace_api_key, purpose=TRACE_KEY),
            "webhook_secret": vault.encrypt(webhook_secret, purpose=WEBHOOK_SECRET),
            "api_token_hash": vault.keyed_hash(api_token, purpose=API_TOKEN),
            "push_token_hash": vault.keyed_hash(push_token, purpose=PUSH_TOKEN),
        },
    )
    return Registered(repository, api_token, push_token)


@transaction.atomic
def set_trace_url(*, repository: GuardRepository, trace_url: str) -> None:
    """Trace moved to another address or port; secrets stay."""
    repository.trace_url = trace_url.rstrip("/")
    repository.save(update_fields=["trace_url"])
