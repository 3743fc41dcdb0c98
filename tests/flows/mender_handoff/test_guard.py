"""The bundled Guard by itself: its API, its forge's rows against real git, its leases."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mender_handoff.guard.actions import checks as check_actions
from mender_handoff.guard.actions import jobs, leases, repositories
from mender_handoff.guard.actions.checks import CheckAsked, open_check
from mender_handoff.guard.actions.local_forge import LocalForge
from mender_handoff.guard.clients import hook
from mender_handoff.guard.domain.forge import NewPullRequest, mender_branch, number_of_branch
from mender_handoff.guard.models import GuardCheck, MenderJob, PullRequest
from mender_handoff.guard.pipeline import checks
from mender_handoff.guard.pipeline.connections import git_of
from mender_handoff.guard.pipeline.pushes import take_in_pull_requests, take_notice
from tests.flows.mender_handoff.shop import BY, House
from tests.unit.mender_handoff.test_messages import request as example
from trace_app.actions.projects import create_project
from trace_app.clients.git import GitRepository
from trace_app.domain.roles import Role

pytestmark = pytest.mark.django_db


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Ann", "-c", "user.email=a@b", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    git(folder, "add", name)
    git(folder, "commit", "-q", "-m", f"Change {name}")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def house() -> House:
    return House.build()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with main and pr/41; the bare repository is its origin."""
    GitRepository.create_bare(tmp_path / "bare.git")
    folder = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(tmp_path / "bare.git"), str(folder))
    git(folder, "switch", "-q", "-c", "main")
    commit(folder, "a", "1")
    git(folder, "push", "-q", "origin", "main")
    git(folder, "switch", "-q", "-c", "pr/41")
    commit(folder, "b", "1")
    git(folder, "push", "-q", "origin", "pr/41")
    return folder


@pytest.fixture
def watched(house: House, clone: Path) -> repositories.Registered:
    done = repositories.register(
        slug=house.project.slug,
        path=str(clone.parent / "bare.git"),
        default_branch="main",
        trace_url="http://127.0.0.1:9",
        trace_api_key="k",
        webhook_secret="whsec_AAAA",
    )
    take_in_pull_requests(done.repository)
    return done


def call(token: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"}
    client = Client()
    if body is None:
        answer = client.get(path, headers=headers)
    else:
        answer = client.post(path, body, content_type="application/json", headers=headers)
    return answer.status_code, json.loads(answer.content)


def test_the_api_wants_its_token(watched: repositories.Registered) -> None:
    for token in ("", "x", watched.push_token):
        assert call(token, "/guard/v1/checks", {})[0] == 401
    assert call(watched.api_token, "/guard/v1/push", {"branches": []})[0] == 401


def test_a_check_is_opened_once_per_key(watched: repositories.Registered) -> None:
    body = {
        "idempotency_key": "k1",
        "repository": watched.repository.slug,
        "ref": "pr/41",
        "scenarios": ["pay"],
    }
    status, first = call(watched.api_token, "/guard/v1/checks", body)
    assert (status, first["status"], first["branch"]) == (202, "queued", "pr/41")
    assert call(watched.api_token, "/guard/v1/checks", body) == (200, first)
    assert call(watched.api_token, f"/guard/v1/checks/{first['id']}")[1] == first
    for change, wanted in (
        ({"ref": "nowhere", "idempotency_key": "k2"}, 422),
        ({"source": "replay"}, 400),
        ({"repository": "other"}, 404),
        ({"ref": 7}, 400),
    ):
        assert call(watched.api_token, "/guard/v1/checks", body | change)[0] == wanted


def test_a_job_is_accepted_once_per_key(watched: repositories.Registered) -> None:
    body = example() | {"repository": watched.repository.slug}
    status, first = call(watched.api_token, "/guard/v1/mender/attempts", body)
    assert (status, first["state"]) == (202, "queued")
    assert call(watched.api_token, "/guard/v1/mender/attempts", body) == (200, first)
    changed = body | {"target_branch": "main"}
    status, said = call(watched.api_token, "/guard/v1/mender/attempts", changed)
    assert (status, said["error"]) == (409, "idempotency_conflict")
    assert call(watched.api_token, f"/guard/v1/mender/attempts/{first['id']}")[1] == first
    status, said = call(watched.api_token, "/guard/v1/mender/attempts", {"intent": "fix"})
    assert (status, said["error"]) == (400, "bad_request")


def test_another_repositorys_objects_are_not_there(
    watched: repositories.Registered, tmp_path: Path
) -> None:
    check, _ = open_check(repository=watched.repository, asked=CheckAsked("main", "a" * 40))
    other = repositories.register(
        slug="other",
        path=str(tmp_path),
        default_branch="main",
        trace_url="http://127.0.0.1:9",
        trace_api_key="k",
        webhook_secret="s",
    )
    assert call(other.api_token, f"/guard/v1/checks/{check.pk}")[0] == 404


def test_branches_named_like_pull_requests_are_ones(watched: repositories.Registered) -> None:
    row = PullRequest.objects.get()
    assert (row.number, row.head, row.base, row.author) == (41, "pr/41", "main", "Ann")
    assert number_of_branch("pr/0041") == 41
    assert number_of_branch("feature/41") is None


def opened(watched: repositories.Registered, clone: Path, base: str = "pr/41") -> PullRequest:
    """A pull request of Mender on `base`, with a job behind it."""
    repository = watched.repository
    bare = git_of(repository)
    head = bare.resolve(base)
    tree = bare.write_tree_with(head, {"fix": b"1"})
    parents = bare.log(head, limit=1)
    sha = bare.commit_tree(tree, [head], "Fix", parents[0].author, parents[0].date)
    forge = LocalForge(repository, bare, "http://127.0.0.1:9")
    wanted = NewPullRequest("mender/x-1", base, sha, "Fix", "body", "Mender", "m")
    for _ in range(2):
        forge.ensure_branch("mender/x-1", sha)
        assert forge.open_or_get_draft_pr(wanted).number == 42
    row = PullRequest.objects.get(number=42)
    job = MenderJob.objects.create(
        repository=repository,
        attempt_id="a1",
        kind="fix",
        idempotency_key="a1:fix:1",
        request=example(),
        state="validated",
        pull_request=row,
    )
    assert job.sequence == 1
    return row


def job() -> MenderJob:
    return MenderJob.objects.get()


def test_a_persons_merge_is_noticed_and_the_base_checked_again(
    watched: repositories.Registered, clone: Path
) -> None:
    row = opened(watched, clone)
    git(clone, "fetch", "-q")
    git(clone, "merge", "-q", "--no-ff", "-m", "Merge", "origin/mender/x-1")
    git(clone, "push", "-q", "origin", "pr/41")
    sha = git(clone, "rev-parse", "HEAD")
    for _ in range(2):
        take_notice(watched.repository, ["pr/41"])
    row.refresh_from_db()
    assert (row.state, row.merged_sha, row.draft) == ("merged", sha, True)
    assert (job().state, job().result["merge_sha"]) == ("merged", sha)
    check = GuardCheck.objects.get()
    assert (check.branch, check.sha, check.source, check.pr_number) == ("pr/41", sha, "pr", 41)


def test_the_sweep_notices_without_the_hook(watched: repositories.Registered, clone: Path) -> None:
    opened(watched, clone)
    take_notice(watched.repository)
    assert not GuardCheck.objects.exists()
    git(clone, "fetch", "-q")
    git(clone, "merge", "-q", "--ff-only", "origin/mender/x-1")
    git(clone, "push", "-q", "origin", "pr/41")
    take_notice(watched.repository)
    assert job().state == "merged"
    assert GuardCheck.objects.get().branch == "pr/41"


def test_a_push_to_menders_branch_takes_it_over(
    watched: repositories.Registered, clone: Path
) -> None:
    row = opened(watched, clone)
    git(clone, "fetch", "-q")
    git(clone, "switch", "-q", "-c", "mender/x-1", "origin/mender/x-1")
    sha = commit(clone, "fix", "2")
    git(clone, "push", "-q", "origin", "mender/x-1")
    take_notice(watched.repository, ["mender/x-1"])
    row.refresh_from_db()
    assert (row.state, row.head_sha, job().state) == ("open", sha, "taken_over")


def test_a_deleted_branch_is_a_rejected_pull_request(
    watched: repositories.Registered, clone: Path
) -> None:
    row = opened(watched, clone)
    git(clone, "push", "-q", "origin", "--delete", "mender/x-1")
    take_notice(watched.repository, ["mender/x-1"])
    row.refresh_from_db()
    assert (row.state, job().state) == ("closed", "rejected")


def test_a_squashed_merge_is_one(watched: repositories.Registered, clone: Path) -> None:
    row = opened(watched, clone)
    git(clone, "fetch", "-q")
    git(clone, "merge", "-q", "--squash", "origin/mender/x-1")
    git(clone, "commit", "-q", "-m", "Fix, in one commit")
    git(clone, "push", "-q", "origin", "pr/41")
    take_notice(watched.repository, ["pr/41"])
    row.refresh_from_db()
    assert (row.state, job().state) == ("merged", "merged")


def test_other_changes_of_the_base_are_no_merge(
    watched: repositories.Registered, clone: Path
) -> None:
    row = opened(watched, clone)
    commit(clone, "c", "1")
    git(clone, "push", "-q", "origin", "pr/41")
    take_notice(watched.repository, ["pr/41"])
    row.refresh_from_db()
    assert row.state == "open"


def test_a_head_moved_to_its_base_is_closed_and_not_merged(
    watched: repositories.Registered, clone: Path
) -> None:
    row = opened(watched, clone)
    git(clone, "push", "-q", "--force", "origin", "pr/41:mender/x-1")
    take_notice(watched.repository, ["mender/x-1"])
    row.refresh_from_db()
    assert (row.state, row.merged_sha, job().state) == ("closed", "", "rejected")


def test_more_repositories_are_no_more_questions(
    house: House, watched: repositories.Registered, django_assert_max_num_queries: Any
) -> None:
    client = house.client(Role.VIEWER)
    with CaptureQueriesContext(connection) as one:
        assert client.get(reverse("guard:checks")).status_code == 200
    for slug in ("second", "third"):
        create_project(by=BY, team=house.team, slug=slug, name=slug, repo="/nowhere")
        repositories.register(
            slug=slug,
            path="/nowhere",
            default_branch="main",
            trace_url="http://127.0.0.1:9",
            trace_api_key="k",
            webhook_secret="s",
        )
    with django_assert_max_num_queries(len(one)):
        assert client.get(reverse("guard:checks")).status_code == 200


def test_the_hook_keeps_its_token_to_itself(tmp_path: Path, clone: Path) -> None:
    bare = clone.parent / "bare.git"
    hook.install(bare, url="http://127.0.0.1:9/guard/v1/push", token="secret-token")
    assert (bare / "guard-hook.json").stat().st_mode & 0o777 == 0o600
    assert "secret-token" not in (bare / "hooks" / "post-receive").read_text()
    commit(clone, "b", "2")
    # Guard does not answer: the push succeeds all the same.
    git(clone, "push", "-q", "origin", "pr/41")
    assert git(clone, "rev-parse", "HEAD") == git(clone, "rev-parse", "origin/pr/41")


def test_a_lease_is_held_by_one_and_free_again_after(watched: repositories.Registered) -> None:
    check, _ = open_check(repository=watched.repository, asked=CheckAsked("main", "a" * 40))
    assert leases.take(GuardCheck, check.pk)
    assert not leases.take(GuardCheck, check.pk)
    past = timezone.now() - timedelta(seconds=1)
    GuardCheck.objects.filter(pk=check.pk).update(lease_until=past)
    assert leases.take(GuardCheck, check.pk), "a dead worker's lease runs out"
    leases.give_back(GuardCheck, check.pk)
    assert leases.take(GuardCheck, check.pk)


def test_a_database_that_is_away_ends_no_check(
    watched: repositories.Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = git_of(watched.repository).resolve("main")
    check, _ = open_check(repository=watched.repository, asked=CheckAsked("main", sha))

    def away(**_: object) -> None:
        raise OperationalError("the server closed the connection")

    with monkeypatch.context() as patched:
        patched.setattr(check_actions, "plan_runs", away)
        with pytest.raises(OperationalError):
            checks.run_check(str(check.pk))
    check.refresh_from_db()
    assert (check.ended, check.lease_until) == (None, None), "the sweep takes it up again"


def test_a_job_that_dies_five_times_has_failed(watched: repositories.Registered) -> None:
    body = example() | {"repository": watched.repository.slug}
    call(watched.api_token, "/guard/v1/mender/attempts", body)
    for _ in range(jobs.MAX_TRIES):
        assert jobs.begin(job=job())
    assert not jobs.begin(job=job())


def test_branch_names_are_the_same_each_time_and_legal() -> None:
    name = mender_branch("Webhook 404!", "019ab3c0-5d0e-7c11-8f3a-1f2e3d4c5b6a")
    assert name == "mender/webhook-404-3d4c5b6a"


def test_guards_pages_are_for_the_projects_people(
    house: House, watched: repositories.Registered, clone: Path
) -> None:
    row = opened(watched, clone)
    check, _ = open_check(repository=watched.repository, asked=CheckAsked("pr/41", "a" * 40))
    pages = [
        reverse("guard:checks"),
        reverse("guard:check", args=[check.pk]),
        reverse("guard:check", args=[check.pk]) + "?tab=mender",
        reverse("guard:pull_requests", args=[watched.repository.slug]),
        reverse("guard:pull_request", args=[watched.repository.slug, row.number]),
    ]
    viewer, stranger = house.client(Role.VIEWER), House.build().client(Role.OWNER)
    for url in pages:
        answer = viewer.get(url)
        assert answer.status_code == 200, url
        page = answer.content.decode()
        assert "pr/41" in page
        seen = stranger.get(url)
        assert seen.status_code == (404 if url != pages[0] else 200), url
        assert "pr/41" not in seen.content.decode()
    assert "git merge --no-ff origin/mender/x-1" in page
    assert "draft" in page
    assert "+1" in page
