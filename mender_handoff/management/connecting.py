"""Puts a repository under the bundled Guard and connects it with a project of this Trace.

An operator's tool: it alone speaks to both sides without HTTP, to hand each the other's secrets.
"""

from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction

from mender_handoff.guard.actions import repositories
from mender_handoff.guard.clients import hook
from mender_handoff.guard.models import GuardRepository
from mender_handoff.guard.pipeline.pushes import take_in_pull_requests
from mender_handoff.guard.queries.repositories import named
from trace_app.actions.projects import (
    WEBHOOK_SECRET,
    connect_guard,
    create_api_key,
    create_project,
    revoke_api_key,
    set_repository,
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

    Called again it changes nothing, unless repository, branch or `public_url` are others: then
    Guard and the push hook learn of it, with fresh secrets. NotConnectableError.
    """
    git_dir = _usable(repo.resolve(), default_branch)
    path = str(repo.resolve())
    with transaction.atomic():
        project = Project.objects.select_for_update().filter(slug=slug).first()
        if project is None:
            project = create_project(
                by=by, team=team, slug=slug, name=name, repo=path, default_branch=default_branch
            )
            set_switches(by=by, project=project, trace_capture=True, mender_enabled=True)
        elif project.team_id != team.pk:
            # Who that is is not this team's business.
            raise NotConnectableError(f"The slug {slug} is taken; name another with --slug.")
        elif (project.repo, project.default_branch) != (path, default_branch):
            set_repository(by=by, project=project, repo=path, default_branch=default_branch)
        if not _is_introduced(named(slug), project, public_url):
            _introduce(by, project, git_dir, public_url)
    return project


def _usable(repo: Path, default_branch: str) -> Path:
    git = GitRepository(repo)
    try:
        git.resolve(default_branch)
        hook.check(git.path)
    except GitError as error:
        raise NotConnectableError(
            f"{repo} is no git repository with a branch {default_branch}: {error}"
        ) from error
    except hook.HookTakenError as error:
        raise NotConnectableError(f"{error}. Move it away, or connect a mirror.") from error
    return git.path


def _is_introduced(watched: GuardRepository | None, project: Project, public_url: str) -> bool:
    return watched is not None and (
        watched.trace_url,
        watched.path,
        watched.default_branch,
    ) == (public_url, project.repo, project.default_branch)


def _introduce(by: User | System, project: Project, git_dir: Path, public_url: str) -> None:
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
    hook.install(git_dir, url=f"{guard_url}/v1/push", token=registered.push_token)
    take_in_pull_requests(registered.repository)
    connect_guard(by=by, project=project, guard_api_url=guard_url, token=registered.api_token)
