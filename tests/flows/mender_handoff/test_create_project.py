"""`manage.py create_project`: a repository of one's own comes under Guard, once."""

import json
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from examples.shop_history import build
from mender_handoff.guard.models import GuardRepository, PullRequest
from mender_handoff.management.connecting import connect_repository
from trace_app.actions.projects import create_project
from trace_app.actions.teams import create_team
from trace_app.domain.system import System
from trace_app.models import ApiKey, Project, Team

pytestmark = pytest.mark.django_db
BY = System("test")


@pytest.fixture
def team() -> Team:
    return create_team(by=BY, slug="acme", name="Acme")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    build(tmp_path / "my-app.git")
    return tmp_path / "my-app.git"


def create(*arguments: str) -> str:
    out = StringIO()
    call_command("create_project", *arguments, stdout=out)
    return out.getvalue()


def hook(repository: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((repository / "guard-hook.json").read_text())
    return found


def test_the_project_is_watched_connected_and_told_of(team: Team, repository: Path) -> None:
    said = create("--repo", str(repository))
    project = Project.objects.get(slug="my-app", team=team)
    assert project.mender_enabled
    assert project.trace_capture
    assert project.guard_api_url.endswith("/guard")
    assert GuardRepository.objects.get(slug="my-app").path == str(repository)
    assert PullRequest.objects.filter(repository__slug="my-app", state="open").exists()
    assert hook(repository)["url"].endswith("/guard/v1/push")
    assert "manage.py guard_check --project my-app --branch main" in said


def test_again_changes_nothing(team: Team, repository: Path) -> None:
    create("--repo", str(repository))
    before = (hook(repository), list(ApiKey.objects.values_list("pk", flat=True)))
    create("--repo", str(repository))
    assert (hook(repository), list(ApiKey.objects.values_list("pk", flat=True))) == before
    assert Project.objects.count() == 1


def test_another_address_reaches_guard_and_hook_and_ends_the_old_key(
    team: Team, repository: Path
) -> None:
    def connect(url: str) -> Project:
        return connect_repository(
            by=BY,
            team=team,
            slug="my-app",
            name="My app",
            repo=repository,
            default_branch="main",
            public_url=url,
        )

    connect("http://127.0.0.1:8000")
    project = connect("http://127.0.0.1:8001")
    assert project.guard_api_url == "http://127.0.0.1:8001/guard"
    assert hook(repository)["url"].startswith("http://127.0.0.1:8001/")
    assert ApiKey.objects.filter(revoked=None).count() == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--branch", "trunk"), "no git repository with a branch trunk"),
        (("--team", "nobody"), "Name the team with --team SLUG; there are: acme."),
    ],
)
def test_what_cannot_be_connected_is_said(
    team: Team, repository: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        create("--repo", str(repository), *arguments)
    assert not Project.objects.exists()


def test_a_folder_that_is_no_repository_is_said(team: Team, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no git repository"):
        create("--repo", str(tmp_path))


def test_a_hook_of_ones_own_is_left_alone(team: Team, repository: Path) -> None:
    own = repository / "hooks" / "post-receive"
    own.parent.mkdir(exist_ok=True)
    own.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(CommandError, match="hook of its own and was left alone"):
        create("--repo", str(repository))
    assert own.read_text() == "#!/bin/sh\nexit 0\n"
    assert not (repository / "guard-hook.json").exists()
    assert not Project.objects.exists()


def test_a_checkout_gets_nothing_into_its_work_tree(
    team: Team, repository: Path, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", str(repository), str(checkout)], check=True)
    create("--repo", str(checkout))
    seen = subprocess.run(
        ["git", "status", "--porcelain"], cwd=checkout, check=True, capture_output=True
    )
    assert seen.stdout == b""
    assert hook(checkout / ".git")["url"].endswith("/guard/v1/push")
    assert (checkout / ".git" / "hooks" / "post-receive").stat().st_mode & 0o777 == 0o755


def test_another_teams_slug_is_taken(team: Team, repository: Path) -> None:
    create("--repo", str(repository), "--team", "acme")
    create_team(by=BY, slug="umbrella", name="Umbrella")
    with pytest.raises(CommandError, match="The slug my-app is taken"):
        create("--repo", str(repository), "--team", "umbrella")
    assert ApiKey.objects.count() == 1


def test_a_moved_repository_is_followed_once(team: Team, repository: Path) -> None:
    create("--repo", str(repository), "--slug", "my-app")
    moved = repository.rename(repository.with_name("moved.git"))
    create("--repo", str(moved), "--slug", "my-app")
    assert Project.objects.get().repo == GuardRepository.objects.get().path == str(moved)
    before = hook(moved)
    create("--repo", str(moved), "--slug", "my-app")
    assert hook(moved) == before


def test_a_project_made_on_the_page_gets_its_repository(team: Team, repository: Path) -> None:
    address = "https://github.com/acme/my-app.git"
    create_project(by=BY, team=team, slug="my-app", name="My app", repo=address)
    create("--repo", str(repository))
    assert Project.objects.get().repo == str(repository)
    assert hook(repository)["url"].endswith("/guard/v1/push")
