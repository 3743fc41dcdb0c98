"""Puts a repository under the bundled Guard and connects it with a project of this Trace.

An operator's tool: it alone speaks to both sides without HTTP, to hand each the other's secrets.
"""

from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction

from mender_handoff.guard.actions import repositories
from mender_handoff.guard.clients import hook
from mender_handoff.guard.pipeline.pushes import take_in_pull_requests
from mender_handoff.guard.queries.repositories import named
from trace_app.actions.projects import (
    WEBHOOK_SECRET,
    connect_guard,
    create_api_key,
    create_project,
    revoke_api_key,
    set_switches,
)
from trace_app.clients.git import GitError, GitRepository
from trace_app.domain.system import System
from trace_app.models import ApiKey, Project, Team
from trace_app.storage import secrets as vault

SCOPES = ("ingest", "read", "operate")


class NotConnectableError(Exception):
    """The repository cannot be used; the message says why."""


def connect_repository(
    *,
    by: User | System,
    team: Team,
    slug: str,
    name: str,
    repo: Path,
    default_branch: str,
    public_url: str,
) -> Project:
    """Make the project once, let Guard watch its repository, and turn Mender on.

    Called again it changes nothing, unless `public_url` is another: then Guard and the push hook
    learn the new address, with fresh secrets.
    """
    repo = repo.resolve()
    try:
        GitRepository(repo).resolve(default_branch)
    except GitError as error:
        raise NotConnectableError(
            f"{repo} is no git repository with a branch {default_branch}: {error}"
        ) from error
    with transaction.atomic():
        project = Project.objects.filter(slug=slug).first()
        if project is None:
            project = create_project(
                by=by,
                team=team,
                slug=slug,
                name=name,
                repo=str(repo),
                default_branch=default_branch,
            )
            set_switches(by=by, project=project, trace_capture=True, mender_enabled=True)
        watched = named(slug)
        if watched is None or watched.trace_url != public_url or watched.path != str(repo):
            _introduce(by, project, public_url)
    return project


def _introduce(by: User | System, project: Project, public_url: str) -> None:
    key_name = f"Guard of {project.slug}"
    for old in ApiKey.objects.filter(team=project.team, name=key_name, revoked=None):
        revoke_api_key(by=by, key=old)
    key = create_api_key(by=by, team=project.team, name=key_name, scopes=SCOPES)
    registered = repositories.register(
        slug=project.slug,
        path=project.repo,
        default_branch=project.default_branch,
        trace_url=public_url,
        trace_api_key=key.secret,
        webhook_secret=vault.decrypt(bytes(project.webhook_secret), purpose=WEBHOOK_SECRET),
    )
    guard_url = f"{public_url}/guard"
    hook.install(Path(project.repo), url=f"{guard_url}/v1/push", token=registered.push_token)
    take_in_pull_requests(registered.repository)
    connect_guard(by=by, project=project, guard_api_url=guard_url, token=registered.api_token)
