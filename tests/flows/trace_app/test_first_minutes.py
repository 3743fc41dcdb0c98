"""From an empty team to the first trace: project, lines to copy, ingest by page and command."""

import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from tests.flows.trace_app.test_ingest import make_bundle
from tests.harness.record import BY, FAILED_ZIP, make_project
from trace_app.actions import projects, teams
from trace_app.actions.ingest import ingest_bundle
from trace_app.clients.git import GitError
from trace_app.clients.repositories import open_repository
from trace_app.domain.roles import Role
from trace_app.models import AuditEntry, Blob, Project, Team, Trace
from trace_app.views import upload


@pytest.fixture
def team(db: None) -> Team:
    return teams.create_team(by=BY, slug="acme", name="Acme")


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


def signed_in(client: Client, team: Team, role: Role = Role.OWNER) -> Client:
    user = User.objects.create_user(f"{role.value}-{team.slug}")
    teams.set_role(by=BY, team=team, user=user, role=role)
    client.force_login(user)
    return client


def test_an_owner_creates_a_project_and_is_led_to_its_first_trace(
    team: Team, client: Client
) -> None:
    signed_in(client, team)
    url = reverse("trace_app:team_projects", args=["acme"])
    answer = client.post(url, {"name": "Web Shop", "repo": "https://github.com/acme/shop.git"})
    assert answer.headers["Location"] == "/projects/web-shop/start"
    made = Project.objects.get(slug="web-shop")
    assert (made.team, made.name, made.default_branch) == (team, "Web Shop", "main")
    assert AuditEntry.objects.filter(action="project.created", target="web-shop").exists()
    assert "Waiting for the first trace" in client.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "…"}, "Give a slug"),
        ({"name": "Shop", "slug": "My Shop"}, "for example my-shop"),
        ({"name": "Shop", "slug": "taken"}, "The slug taken is taken; choose another one"),
        ({"name": "Shop", "repo": "/srv/git/other-team"}, "manage.py create_project --repo PATH"),
        ({"name": "Shop", "repo": "ext::sh -c id"}, "Give an address like https://"),
        ({"name": "Shop", "repo": "https://u:secret@host/x"}, "Leave user name, password"),
        ({"name": "Shop", "repo": "https://ghp_secret@github.com/x"}, "Leave user name, password"),
        ({"name": "Shop", "repo": "https://10.0.0.5/shop.git"}, "leads to a private network"),
        ({"name": "Shop", "repo": "ssh://git@[fd00::5]/shop.git"}, "leads to a private network"),
        ({"name": "Shop", "repo": "git@169.254.169.254:shop.git"}, "leads to a private network"),
    ],
)
def test_a_form_error_says_what_to_do(
    team: Team, client: Client, posted: dict[str, str], said: str
) -> None:
    projects.create_project(by=BY, team=team, slug="taken", name="Taken", repo="")
    signed_in(client, team)
    answer = client.post(reverse("trace_app:team_projects", args=["acme"]), posted)
    assert answer.status_code == 422
    assert said in answer.text.replace("&#x27;", "'")
    assert Project.objects.count() == 1


def test_a_project_without_a_repository_opens_none() -> None:
    with pytest.raises(GitError, match="names no repository"):
        open_repository("")


def test_the_lines_to_copy_are_complete_and_hold_no_key(project: Project, client: Client) -> None:
    secret = projects.create_api_key(by=BY, team=project.team, name="CI", scopes=["ingest"]).secret
    signed_in(client, project.team, Role.VIEWER)
    page = client.get(reverse("trace_app:start", args=["shop"])).text
    assert "/v1/traces/ingest?project=shop" in page
    assert "TRACE_PROJECT=shop" in page
    assert "project: &#x27;shop&#x27;" in page or "project: 'shop'" in page
    assert "${{ secrets.TRACE_KEY }}" in page
    assert secret not in page
    assert not re.search(r"trc_[\w-]", page)


def test_the_start_page_turns_green_when_a_trace_arrives(
    project: Project, client: Client, tmp_path: Path
) -> None:
    signed_in(client, project.team)
    url = reverse("trace_app:arrived", args=["shop"])
    waiting = client.get(url)
    assert waiting.status_code == 200
    assert 'hx-trigger="every 2s"' in waiting.text
    trace = ingest_bundle(by=BY, project=project, path=make_bundle(tmp_path / "b.zip"))
    arrived = client.get(url)
    # htmx stops asking at this status.
    assert arrived.status_code == 286
    assert f"/traces/{trace.short_id}" in arrived.text
    assert "hx-trigger" not in arrived.text


def test_the_empty_list_leads_to_the_start_page(project: Project, client: Client) -> None:
    signed_in(client, project.team)
    page = client.get("/traces").text
    assert "Send your first trace to Shop" in page
    assert "/projects/shop/start" in page
    assert 'href="/ingest"' in page


def test_the_packages_can_be_installed(client: Client, tmp_path: Path) -> None:
    python = client.get("/integrations/pytest-trace-capture.zip").content
    assert python == client.get("/integrations/pytest-trace-capture.zip").content
    zipfile.ZipFile(io.BytesIO(python)).extractall(tmp_path)
    source = tmp_path / "pytest-trace-capture"
    assert (source / "pyproject.toml").exists()
    ran = subprocess.run(
        [sys.executable, "-m", "pytest_trace_capture.cli", "--help"],
        cwd=source / "src",
        capture_output=True,
        text=True,
    )
    assert "trace-upload" in ran.stdout, ran.stderr
    command = [sys.executable, "-m", "pytest_trace_capture.cli", "--url=http://x", "--key=x"]
    # A green run leaves no folder; the step that sends what is left stays green too.
    idle = subprocess.run([*command, "gone"], cwd=source / "src", capture_output=True, text=True)
    assert (idle.returncode, idle.stdout) == (0, "gone: nothing to send\n")
    script = client.get("/integrations/playwright-trace-reporter.tgz").content
    with tarfile.open(fileobj=io.BytesIO(script)) as packed:
        manifest = packed.extractfile("package/package.json")
        assert manifest is not None
        listed = json.load(manifest)["files"]
        assert {f"package/{name}" for name in listed} <= set(packed.getnames())
    assert client.get("/integrations/settings.py").status_code == 404


def test_one_file_posted_as_a_form_leads_to_its_trace(project: Project, client: Client) -> None:
    signed_in(client, project.team, Role.MEMBER)
    with FAILED_ZIP.open("rb") as file:
        answer = client.post("/ingest", {"project": "shop", "files": [file]})
    trace = Trace.objects.get()
    assert answer.headers["Location"] == f"/traces/{trace.short_id}"
    assert (trace.project, trace.origin) == (project, "zip")


def test_a_refused_file_names_its_member_and_keeps_nobody_out(
    project: Project, client: Client, tmp_path: Path
) -> None:
    signed_in(client, project.team, Role.MEMBER)
    bad = io.BytesIO()
    with zipfile.ZipFile(bad, "w") as out:
        out.writestr("run.json", '{"status": "maybe"}')
    files = [
        SimpleUploadedFile("good.zip", make_bundle(tmp_path / "b.zip").read_bytes()),
        SimpleUploadedFile("bad.zip", bad.getvalue()),
        SimpleUploadedFile("empty.zip", b""),
    ]
    answer = client.post("/ingest", {"project": "shop", "files": files})
    assert answer.status_code == 422
    outcomes = answer.context["outcomes"]
    assert [outcome.name for outcome in outcomes] == ["good.zip", "bad.zip", "empty.zip"]
    assert "run.json" in outcomes[1].problem
    assert "not a whole zip file" in outcomes[2].problem
    assert outcomes[1].problem.replace("'", "&#x27;") in answer.text
    assert Trace.objects.count() == 1


def test_the_page_keeps_the_limits_and_the_rights(
    project: Project, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "MAX_UPLOAD_BYTES", 10)
    signed_in(client, project.team, Role.MEMBER)
    big = SimpleUploadedFile("big.zip", b"x" * 11)
    assert "1 GiB" in client.post("/ingest", {"project": "shop", "files": [big]}).text
    assert client.post("/ingest", {"project": "shop"}).status_code == 422
    signed_in(client, project.team, Role.VIEWER)
    assert "no project you may send traces to" in client.get("/ingest").text
    assert client.post("/ingest", {"project": "shop", "files": [big]}).status_code == 403
    assert not Blob.objects.exists()


def test_a_browser_sends_a_zip_to_the_api_with_its_token_only(project: Project) -> None:
    client = signed_in(Client(enforce_csrf_checks=True), project.team, Role.MEMBER)
    page = client.get("/ingest?project=shop")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token is not None

    def send(headers: dict[str, str]) -> tuple[int, dict[str, object]]:
        body = FAILED_ZIP.read_bytes()
        url = "/v1/traces/ingest?project=shop"
        answer = client.post(url, body, content_type="application/zip", headers=headers)
        return answer.status_code, answer.json()

    status, refusal = send({})
    assert (status, refusal["error"]) == (403, "forbidden")
    assert send({"X-CSRFToken": token[1]})[0] == 201
    assert Trace.objects.get().project == project


def test_the_command_prints_addresses_and_fails_when_one_was_refused(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = make_bundle(tmp_path / "good.zip"), tmp_path / "bad.zip"
    bad.write_bytes(b"no zip")
    call_command("ingest", "--project", "shop", str(good))
    trace = Trace.objects.get()
    assert capsys.readouterr().out.strip().endswith(f"/traces/{trace.short_id}")
    with pytest.raises(CommandError, match="2 of 3 not stored"):
        call_command("ingest", "--project=shop", str(bad), str(good), str(tmp_path / "gone.zip"))
    said = capsys.readouterr()
    # The same bytes are the same trace.
    assert said.out.strip().endswith(trace.short_id)
    assert "bad.zip: This is not a whole zip file" in said.err
    assert "gone.zip: No such file" in said.err
    with pytest.raises(CommandError, match="No project nowhere; there are: shop"):
        call_command("ingest", "--project", "nowhere", str(good))
