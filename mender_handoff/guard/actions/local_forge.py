"""The forge on this machine: a bare git repository, and pull requests as rows.

People combine branches with git.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from mender_handoff.guard.domain.forge import NewPullRequest, OpenedPullRequest, number_of_branch
from mender_handoff.guard.models import GuardRepository, PullRequest
from trace_app.clients.git import Commit, GitRepository


@dataclass(frozen=True, slots=True)
class LocalForge:
    """Keeps the Forge protocol for one repository. `public_url` is where its pages are reached."""

    repository: GuardRepository
    git: GitRepository
    public_url: str

    def ensure_branch(self, name: str, sha: str) -> None:
        """Create the branch; BranchExistsError when it is elsewhere."""
        self.git.create_branch(name, sha)

    @transaction.atomic
    def open_or_get_draft_pr(self, wanted: NewPullRequest) -> OpenedPullRequest:
        """The open pull request of this head, or a new draft with the next number."""
        # The row lock makes the next number unique without gaps.
        GuardRepository.objects.select_for_update().get(pk=self.repository.pk)
        found = self._open().filter(head=wanted.head).first()
        if found is None:
            found = PullRequest.objects.create(
                repository=self.repository,
                number=self._next_number(),
                title=wanted.title[:300],
                body=wanted.body,
                author=wanted.author[:120],
                head=wanted.head,
                base=wanted.base,
                head_sha=wanted.head_sha,
                draft=True,
                marker=wanted.marker[:80],
            )
        return OpenedPullRequest(found.number, self.url(found.number))

    def update_body(self, number: int, body: str) -> None:
        """Replace the text."""
        self._open().filter(number=number).update(body=body)

    @transaction.atomic
    def upsert_check(self, number: int, name: str, status: str, summary: str, url: str) -> None:
        """Show the latest result of a check by name."""
        row = self._rows().select_for_update().filter(number=number).first()
        if row is not None:
            row.checks = {**row.checks, name: {"status": status, "summary": summary, "url": url}}
            row.save(update_fields=["checks"])

    @transaction.atomic
    def comment(self, number: int, text: str) -> None:
        """Add a comment; the same text twice in a row is one comment."""
        row = self._rows().select_for_update().filter(number=number).first()
        if row is not None and (not row.comments or row.comments[-1]["text"] != text):
            said = {"author": "Mender", "text": text, "at": timezone.now().isoformat()}
            row.comments = [*row.comments, said]
            row.save(update_fields=["comments"])

    def close(self, number: int, reason: str) -> None:
        """Close an open pull request, with the reason as a comment."""
        if self._open().filter(number=number).update(state="closed", closed=timezone.now()):
            self.comment(number, reason)

    def url(self, number: int) -> str:
        """The page of a pull request."""
        return f"{self.public_url.rstrip('/')}/forge/{self.repository.slug}/pulls/{number}"

    def _rows(self) -> QuerySet[PullRequest]:
        return PullRequest.objects.filter(repository=self.repository)

    def _open(self) -> QuerySet[PullRequest]:
        return self._rows().filter(state="open")

    def _next_number(self) -> int:
        return int(self._rows().aggregate(last=Max("number"))["last"] or 0) + 1


@transaction.atomic
def take_in_branches(
    *, repository: GuardRepository, tips: Mapping[str, Commit]
) -> list[PullRequest]:
    """Rows for branches named like pull requests (`pr/17`), given with their last commits."""
    found = []
    for branch, tip in sorted(tips.items()):
        number = number_of_branch(branch)
        if number is None:
            continue
        row, created = PullRequest.objects.get_or_create(
            repository=repository,
            number=number,
            defaults={
                "title": tip.subject[:300],
                "body": tip.body,
                "author": tip.author.name[:120],
                "head": branch,
                "base": repository.default_branch,
                "head_sha": tip.sha,
            },
        )
        found += [row] if created else []
    return found


@transaction.atomic
def note_head(*, pull_request: PullRequest, sha: str) -> None:
    """The head branch moved."""
    pull_request.head_sha = sha
    pull_request.save(update_fields=["head_sha"])


@transaction.atomic
def note_end(*, pull_request: PullRequest, state: str, merged_sha: str = "") -> bool:
    """The head became part of its base (`merged`), or is gone (`closed`). False if noted before."""
    changed = PullRequest.objects.filter(pk=pull_request.pk, state="open").update(
        state=state, merged_sha=merged_sha, closed=timezone.now()
    )
    pull_request.refresh_from_db()
    return bool(changed)
