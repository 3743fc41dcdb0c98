"""Opens what a repository row points at: its git directory and its Trace."""

from pathlib import Path

from mender_handoff.guard.clients.trace import TraceClient
from mender_handoff.guard.domain.purposes import TRACE_KEY, WEBHOOK_SECRET
from mender_handoff.guard.models import GuardRepository
from trace_app.clients.git import GitRepository
from trace_app.storage import secrets as vault


def git_of(repository: GuardRepository) -> GitRepository:
    """The bare repository on disk. GitError when it is gone."""
    return GitRepository(Path(repository.path))


def trace_of(repository: GuardRepository) -> TraceClient:
    """The Trace this repository reports to."""
    return TraceClient(
        url=repository.trace_url,
        project=repository.slug,
        api_key=vault.decrypt(repository.trace_api_key, purpose=TRACE_KEY),
        webhook_secret=vault.decrypt(repository.webhook_secret, purpose=WEBHOOK_SECRET),
    )
