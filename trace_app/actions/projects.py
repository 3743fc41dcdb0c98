"""Changes to projects and API keys."""

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from trace_app.actions import audit
from trace_app.domain.repository_address import refuse_secrets
from trace_app.domain.system import System
from trace_app.models import ApiKey, Project, Team
from trace_app.storage import secrets as vault

SCOPES = ("ingest", "read", "operate")
GUARD_TOKEN = "project guard token"
WEBHOOK_SECRET = "project webhook secret"
API_KEY = "api key"


@transaction.atomic
def create_project(
    *, by: User | System, team: Team, slug: str, name: str, repo: str, default_branch: str = "main"
) -> Project:
    """Make a project with a fresh webhook secret; capture on, Mender off.

    Raises RepositoryAddressError for an address that carries a secret.
    """
    refuse_secrets(repo)
    secret = base64_secret()
    project = Project.objects.create(
        team=team,
        slug=slug,
        name=name,
        repo=repo,
        default_branch=default_branch,
        webhook_secret=vault.encrypt(secret, purpose=WEBHOOK_SECRET),
    )
    audit.record(by=by, team=team, action="project.created", target=slug)
    return project


@transaction.atomic
def set_switches(
    *, by: User | System, project: Project, trace_capture: bool, mender_enabled: bool
) -> None:
    """Turn a project's Trace capture and Mender on or off."""
    project.trace_capture, project.mender_enabled = trace_capture, mender_enabled
    project.save(update_fields=["trace_capture", "mender_enabled"])
    audit.record(
        by=by,
        team=project.team,
        action="project.switches",
        target=project.slug,
        trace_capture=trace_capture,
        mender_enabled=mender_enabled,
    )


@transaction.atomic
def set_embed_origins(*, by: User | System, project: Project, origins: list[str]) -> None:
    """Say whose pages may show the project's shares in a frame."""
    project.embed_origins = origins
    project.save(update_fields=["embed_origins"])
    audit.record(
        by=by,
        team=project.team,
        action="project.embed_origins",
        target=project.slug,
        origins=origins,
    )


@transaction.atomic
def set_repository(*, by: User | System, project: Project, repo: str, default_branch: str) -> None:
    """Say where the project's code is. Raises RepositoryAddressError as create_project does."""
    refuse_secrets(repo)
    project.repo, project.default_branch = repo, default_branch
    project.save(update_fields=["repo", "default_branch"])
    audit.record(
        by=by, team=project.team, action="project.repository", target=project.slug, repo=repo
    )


@transaction.atomic
def connect_guard(*, by: User | System, project: Project, guard_api_url: str, token: str) -> None:
    """Say where the project's Guard answers and with which token it is called."""
    project.guard_api_url = guard_api_url.rstrip("/")
    project.guard_api_token = vault.encrypt(token, purpose=GUARD_TOKEN)
    project.save(update_fields=["guard_api_url", "guard_api_token"])
    audit.record(
        by=by, team=project.team, action="project.guard", target=project.slug, url=guard_api_url
    )


def base64_secret() -> str:
    """Return a new Standard Webhooks secret: `whsec_` and 32 random bytes in base64.

    Format: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is shown once; only the row stays."""

    row: ApiKey
    secret: str


@transaction.atomic
def create_api_key(*, by: User | System, team: Team, name: str, scopes: Collection[str]) -> NewKey:
    """Make a key. Raises ValueError for an unknown scope."""
    if unknown := set(scopes) - set(SCOPES):
        raise ValueError(f"unknown scope {sorted(unknown)[0]}; use {', '.join(SCOPES)}")
    secret = "trc_" + secrets.token_urlsafe(32)
    row = ApiKey.objects.create(
        team=team,
        name=name,
        prefix=secret[:8],
        key_hash=vault.keyed_hash(secret, purpose=API_KEY),
        scopes=sorted(scopes),
        created_by=by if isinstance(by, User) else None,
    )
    audit.record(by=by, team=team, action="key.created", target=name, scopes=sorted(scopes))
    return NewKey(row, secret)


@transaction.atomic
def revoke_api_key(*, by: User | System, key: ApiKey) -> None:
    """End a key at once; revoking it twice is one revocation."""
    if ApiKey.objects.filter(pk=key.pk, revoked=None).update(revoked=timezone.now()):
        audit.record(by=by, team=key.team, action="key.revoked", target=key.name)
