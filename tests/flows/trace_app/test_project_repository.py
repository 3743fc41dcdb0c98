"""A project's repository: owners say where it is, pages read what is at hand, no secret is kept."""

import importlib
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.harness.record import BY, make_project
from trace_app.actions.projects import create_project, set_repository
from trace_app.actions.teams import set_role
from trace_app.clients.git import GitRepository
from trace_app.clients.repositories import open_repository, read_at_hand
from trace_app.domain.repository_address import RepositoryAddressError
from trace_app.domain.roles import Role
from trace_app.models import AuditEntry, Project

upgrade = importlib.import_module("trace_app.migrations.0015_addresses_without_secrets")


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@pytest.fixture
def owner(project: Project, client: Client) -> Client:
    person = User.objects.create_user("olivia")
    set_role(by=BY, team=project.team, user=person, role=Role.OWNER)
    client.force_login(person)
    return client


def url(project: Project) -> str:
    return reverse("trace_app:project_repository", args=[project.slug])


def test_an_owner_says_where_the_code_is(project: Project, owner: Client) -> None:
    said = {"repo": " https://127.0.0.1:3000/acme/shop.git ", "default_branch": "trunk"}
    assert owner.post(url(project), said).status_code == 302
    project.refresh_from_db()
    assert (project.repo, project.default_branch) == (said["repo"].strip(), "trunk")
    entry = AuditEntry.objects.get(action="project.repository")
    assert (entry.target, entry.details) == ("shop", {"repo": project.repo})
    page = owner.get(reverse("trace_app:project_settings", args=["shop"])).text
    assert f'value="{project.repo}"' in page


def test_a_member_reads_it_and_does_not_change_it(project: Project, client: Client) -> None:
    person = User.objects.create_user("marek")
    set_role(by=BY, team=project.team, user=person, role=Role.MEMBER)
    client.force_login(person)
    assert client.post(url(project), {"repo": ""}).status_code == 403
    page = client.get(reverse("trace_app:project_settings", args=["shop"])).text
    assert "/nowhere" in page
    assert url(project) not in page


@pytest.mark.parametrize(
    ("repo", "said"),
    [
        ("/srv/git/other-team", "manage.py create_project --repo PATH"),
        ("https://ghp_secret@github.com/x", "Leave user name, password"),
        ("https://github.com/x.git?private_token=ghp_secret", "Leave user name, password"),
        ("https://10.0.0.5/shop.git", "leads to a private network"),
    ],
)
def test_it_is_checked_as_a_new_projects(
    project: Project, owner: Client, repo: str, said: str
) -> None:
    answer = owner.post(url(project), {"repo": repo, "default_branch": "main"})
    assert answer.status_code == 422
    assert said in answer.text
    project.refresh_from_db()
    assert project.repo == "/nowhere"


def test_the_address_it_has_may_stay(project: Project, owner: Client) -> None:
    assert owner.post(url(project), {"repo": "/nowhere", "default_branch": "x"}).status_code == 302
    project.refresh_from_db()
    assert (project.repo, project.default_branch) == ("/nowhere", "x")


SECRETS = {
    "https://ghp_token@github.com/acme/shop.git": "https://github.com/acme/shop.git",
    "https://u:p#a@host.example:8443/@scope/x.git": "https://host.example:8443/@scope/x.git",
    "http://:p@[2001:db8::1]/x?token=a/b@c": "http://[2001:db8::1]/x",
    "https://host.example/x.git?private_token=p#q": "https://host.example/x.git",
    "ssh://git:secret@host.example:2222/x": "ssh://git@host.example:2222/x",
}


@pytest.mark.parametrize("repo", SECRETS)
def test_no_writer_stores_a_secret(project: Project, repo: str) -> None:
    with pytest.raises(RepositoryAddressError) as refused:
        set_repository(by=BY, project=project, repo=repo, default_branch="main")
    assert "ghp_token" not in str(refused.value)
    with pytest.raises(RepositoryAddressError):
        create_project(by=BY, team=project.team, slug="new", name="New", repo=repo)
    assert list(Project.objects.values_list("repo", flat=True)) == ["/nowhere"]


def test_an_upgrade_takes_stored_secrets_out(project: Project) -> None:
    kept = ["/srv/git/a@b?c", "file:///srv/x", "git@host.example:x.git", "ssh://git@h.example/x"]
    for no, repo in enumerate([*SECRETS, *kept]):
        made = create_project(by=BY, team=project.team, slug=f"p{no}", name="P", repo="")
        Project.objects.filter(pk=made.pk).update(repo=repo)
    AuditEntry.objects.create(
        team=project.team,
        action="project.repository",
        target="p0",
        details={"repo": next(iter(SECRETS)), "more": 1},
    )
    for _ in range(2):
        upgrade.clean(apps, None)
    found = Project.objects.filter(slug__startswith="p").values_list("repo", flat=True)
    assert sorted(found) == sorted([*SECRETS.values(), *kept])
    told = AuditEntry.objects.filter(system="upgrade").values_list("target", flat=True)
    assert sorted(told) == [f"p{no}" for no in range(len(SECRETS))]
    assert "ghp_token" not in str(list(AuditEntry.objects.values_list("details")))


def commit(folder: Path) -> str:
    git = ("git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(("git", "init", "-q", "-b", "main", str(folder)), check=True)
    (folder / "a.txt").write_text("one\n")
    for words in (("add", "."), ("commit", "-qm", "one")):
        subprocess.run((*git, *words), check=True)
    done = subprocess.run((*git, "rev-parse", "HEAD"), check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_page_reads_what_is_at_hand_and_fetches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path / "var")
    sha, address = commit(tmp_path / "work"), "https://git.example/shop.git"
    assert read_at_hand(str(tmp_path / "work"), sha, "a.txt") == "one\n"
    assert read_at_hand(str(tmp_path / "work"), sha, "b.txt") == ""
    assert read_at_hand(str(tmp_path / "work"), "0" * 40, "a.txt") == ""
    assert read_at_hand("", sha, "a.txt") == ""
    fetched: list[str] = []

    def mirror(source: str, path: Path, _: object) -> GitRepository:
        fetched.append(source)
        subprocess.run(("git", "clone", "-q", "--mirror", tmp_path / "work", path), check=True)
        return GitRepository(path)

    monkeypatch.setattr(GitRepository, "mirror", mirror)
    monkeypatch.setattr("trace_app.clients.repositories._configuration", lambda _: {})
    assert read_at_hand(address, sha, "a.txt") == ""
    assert fetched == []
    open_repository(address, sha=sha)
    assert read_at_hand(address, sha, "a.txt") == "one\n"
    assert fetched == [address]
