"""Takes notice of what people pushed.

Pull requests whose head is now part of the base, moved or deleted heads. It compares branches
with rows, so it may run any number of times, after a push or from the sweep. It pushes nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings

from mender_handoff.domain.attempt_states import ENDED, State
from mender_handoff.guard.actions import checks, jobs, local_forge
from mender_handoff.guard.actions.checks import CheckAsked
from mender_handoff.guard.actions.local_forge import LocalForge
from mender_handoff.guard.domain.forge import number_of_branch
from mender_handoff.guard.models import GuardCheck, GuardRepository, MenderJob, PullRequest
from mender_handoff.guard.pipeline.connections import git_of
from trace_app.clients.git import GitError, GitRepository


@dataclass(frozen=True, slots=True)
class _State:
    repository: GuardRepository
    git: GitRepository
    branches: dict[str, str]


def take_notice(repository: GuardRepository, pushed: Collection[str] = ()) -> None:
    """Bring pull requests in line with the branches; check anew what was pushed or merged into."""
    git = git_of(repository)
    state = _State(repository, git, git.branches())
    _take_in(state)
    touched = {branch for branch in pushed if branch in state.branches}
    for row in PullRequest.objects.filter(repository=repository, state="open"):
        touched |= _one(state, row)
    for branch in sorted(touched):
        _check(state, branch)


def take_in_pull_requests(repository: GuardRepository) -> None:
    """Rows for the branches that stand for pull requests, without checking anything."""
    git = git_of(repository)
    _take_in(_State(repository, git, git.branches()))


def _take_in(state: _State) -> None:
    base = state.branches.get(state.repository.default_branch)
    known = set(
        PullRequest.objects.filter(repository=state.repository).values_list("head", flat=True)
    )
    tips = {}
    for branch, sha in state.branches.items():
        if number_of_branch(branch) is None or branch in known:
            continue
        if base and not _is_part_of(state.git, sha, base):
            tips[branch] = state.git.log(sha, limit=1)[0]
    local_forge.take_in_branches(repository=state.repository, tips=tips)


def _one(state: _State, row: PullRequest) -> set[str]:
    """What happened to one open pull request; gives the branches to check anew."""
    base, head = state.branches.get(row.base), state.branches.get(row.head)
    if base and _is_merged(state.git, row.head_sha, head, base):
        if local_forge.note_end(pull_request=row, state="merged", merged_sha=base):
            _tell_jobs(row, State.MERGED, f"#{row.number} was merged by a person.", base)
        return {row.base}
    if head is None or (base and _is_part_of(state.git, head, base)):
        done = "deleted" if head is None else f"moved back into {row.base}"
        if local_forge.note_end(pull_request=row, state="closed"):
            _tell_jobs(row, State.REJECTED, f"The branch of #{row.number} was {done}.")
        return set()
    if head != row.head_sha:
        local_forge.note_head(pull_request=row, sha=head)
        _tell_jobs(row, State.TAKEN_OVER, f"A person pushed to {row.head}; Mender keeps off.")
        return {row.head}
    return set()


def _is_merged(git: GitRepository, known: str, head: str | None, base: str) -> bool:
    """Whether the base holds the commits last seen at the head, or what they changed.

    A head that was only moved to where its base is has lost its commits: that is no merge.
    """
    if known and not _is_part_of(git, known, base):
        return any(_is_taken(git, tip, base) for tip in {known, head or known})
    return _is_part_of(git, head or known, base)


def _is_taken(git: GitRepository, tip: str, base: str) -> bool:
    """Whether every file the tip changed is the same in the base: squashed or rebased into it."""
    try:
        start = git.merge_base(tip, base)
        if start is None or start in (tip, base):
            return False
        changed = {file.path for file in git.changed_files(start, tip)}
        differs = {file.path for file in git.changed_files(tip, base)}
    except GitError:
        return False
    return bool(changed) and not changed & differs


def _is_part_of(git: GitRepository, sha: str, base: str) -> bool:
    """Only branches with commits of their own become pull requests, so an equal head is taken."""
    try:
        return bool(sha) and git.is_ancestor(sha, base)
    except GitError:
        return False


def _tell_jobs(row: PullRequest, state: State, note: str, merged: str = "") -> None:
    for job in MenderJob.objects.filter(pull_request=row):
        if job.state not in ENDED:
            found = {"merge_sha": merged} if merged else {}
            jobs.move(job=job, state=state, note=note, **found)


def _check(state: _State, branch: str) -> None:
    sha = state.branches[branch]
    row = PullRequest.objects.filter(repository=state.repository, head=branch, state="open").first()
    asked = CheckAsked(
        branch=branch,
        sha=sha,
        source="pr" if row else "manual",
        pr_number=row.number if row else None,
        reason=f"Pushed to {branch}",
        idempotency_key=f"push:{branch}:{sha}",
    )
    checks.open_check(repository=state.repository, asked=asked)


def show_check(check_id: str) -> None:
    """Show a finished check at the pull request whose head it checked."""
    check = GuardCheck.objects.select_related("repository").get(pk=check_id)
    row = PullRequest.objects.filter(
        repository=check.repository, head=check.branch, state="open"
    ).first()
    if row is None or check.ended is None:
        return
    runs = list(check.runs.all())
    passed = sum(1 for run in runs if run.status == "passed")
    forge = LocalForge(check.repository, git_of(check.repository), settings.TRACE_PUBLIC_URL)
    url = f"{settings.TRACE_PUBLIC_URL}/guard/checks/{check.pk}"
    summary = f"{passed} of {len(runs)} scenarios passed"
    forge.upsert_check(row.number, "Guard", check.status, summary, url)
