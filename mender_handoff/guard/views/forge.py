"""The local forge's pages: pull requests to read.

Taking one is done with git, by a person; the page shows how.
"""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mender_handoff.guard.domain.file_diffs import split
from mender_handoff.guard.models import PullRequest
from mender_handoff.guard.pipeline.connections import git_of
from mender_handoff.guard.queries import pages
from trace_app.clients.git import GitError
from trace_app.http import AuthedRequest, get_project_or_404


@require_safe
def pull_requests(request: AuthedRequest, repo: str) -> HttpResponse:
    """All pull requests of a repository."""
    project = get_project_or_404(request, repo)
    rows = pages.pull_requests(repo)
    return render(request, "guard/pull_requests.html", {"project": project, "rows": rows})


@require_safe
def pull_request(request: AuthedRequest, repo: str, number: int) -> HttpResponse:
    """One pull request: text, checks, commits, changes, and the git commands to take it."""
    project = get_project_or_404(request, repo)
    row = pages.pull_request(repo, number)
    if row is None:
        raise Http404("No such pull request.")
    commits, files = _changes(row)
    context = {
        "project": project,
        "row": row,
        "commits": commits,
        "files": files,
        "clone": row.repository.path,
    }
    return render(request, "guard/pull_request.html", context)


def _changes(row: PullRequest) -> tuple[object, object]:
    """Commits and per-file changes of the head since it left its base.

    Empty when the objects are gone.
    """
    git = git_of(row.repository)
    try:
        head = git.branches().get(row.head, row.head_sha)
        start = _start(row, head)
        return git.log(f"{start}..{head}", limit=50), split(git.diff(start, head))
    except GitError:
        return (), ()


def _start(row: PullRequest, head: str) -> str:
    """Where the head left its base. Once merged that is the parent of its own first commit."""
    git = git_of(row.repository)
    base = git.resolve(row.base)
    start = git.merge_base(base, head) or base
    if start != head:
        return start
    own = [one for one in git.log(head, limit=50) if one.author.name == row.author]
    return own[-1].parents[0] if own and own[-1].parents else start
