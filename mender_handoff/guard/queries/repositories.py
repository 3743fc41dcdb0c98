"""Finding a repository by its name or by a token."""

from mender_handoff.guard.domain.purposes import API_TOKEN, PUSH_TOKEN
from mender_handoff.guard.models import GuardRepository
from trace_app.storage import secrets as vault


def named(slug: str) -> GuardRepository | None:
    """The repository with this slug."""
    return GuardRepository.objects.filter(slug=slug).first()


def by_api_token(token: str) -> GuardRepository | None:
    """The repository whose Trace holds this token."""
    digest = vault.keyed_hash(token, purpose=API_TOKEN)
    return GuardRepository.objects.filter(api_token_hash=digest).first() if token else None


def by_push_token(token: str) -> GuardRepository | None:
    """The repository whose hook holds this token."""
    digest = vault.keyed_hash(token, purpose=PUSH_TOKEN)
    return GuardRepository.objects.filter(push_token_hash=digest).first() if token else None
