"""Stage 4: a branch of its own and a draft pull request. Doing it twice leaves one of each."""

from typing import Any

from django.conf import settings

from mender_handoff.domain.attempt_states import State
from mender_handoff.guard.actions import jobs
from mender_handoff.guard.actions.local_forge import LocalForge
from mender_handoff.guard.domain import pull_request as words
from mender_handoff.guard.domain.forge import Forge, NewPullRequest, mender_branch
from mender_handoff.guard.domain.stages import StopError
from mender_handoff.guard.models import PullRequest
from mender_handoff.guard.pipeline.mender.context import Context
from trace_app.clients.git import BranchExistsError


def forge_of(context: Context) -> Forge:
    """The forge that holds this repository's pull requests."""
    return LocalForge(context.repository, context.git, settings.TRACE_PUBLIC_URL)


def inputs(context: Context) -> dict[str, Any]:
    """The commit that was green, and where it goes."""
    test = context.results["test"]
    return {"commit": test["commit"], "target": context.request.target_branch}


def run(context: Context) -> dict[str, Any]:
    """Branch and draft. StopError when a person has taken the branch's name for something else."""
    request, commit = context.request, context.results["test"]["commit"]
    slug = str((request.trace.signature or {}).get("slug") or "fix")
    branch = mender_branch(slug, request.attempt_id)
    forge = forge_of(context)
    try:
        forge.ensure_branch(branch, commit)
    except BranchExistsError as error:
        reason = f"The branch {branch} exists and holds something else."
        raise StopError(State.FAILED, reason) from error
    jobs.move(job=context.job, state=State.OPENING_PR, branch=branch, head_sha=commit)
    opened = forge.open_or_get_draft_pr(
        NewPullRequest(
            head=branch,
            base=request.target_branch,
            head_sha=commit,
            title=words.title(request),
            body=words.body(request, context.results, context.repository.trace_url),
            author="Mender",
            marker=words.marker(request),
        )
    )
    row = PullRequest.objects.get(repository=context.repository, number=opened.number)
    jobs.attach_pull_request(job=context.job, pull_request=row)
    return {"branch": branch, "number": opened.number, "url": opened.url, "head_sha": commit}
