"""The first five minutes in Chromium: a project, a trace dropped in, the green line, deletion."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.harness.live import LiveStack
from tests.harness.names import free
from tests.harness.record import FAILED_ZIP
from tests.harness.viewer import SEED, at_rest, axe_violations, shoot, sign_in, watch
from trace_app.actions import projects, teams
from trace_app.domain.roles import Role
from trace_app.models import Project, Team

DROP = """async ([name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name, { type: "application/zip" }));
  const init = { dataTransfer: files, bubbles: true, cancelable: true };
  document.querySelector(".drop").dispatchEvent(new DragEvent("dragover", init));
  document.querySelector(".drop").dispatchEvent(new DragEvent("drop", init));
}"""


def base64(body: bytes) -> str:
    """A body as an argument of a script: a list of its bytes would take minutes to hand over."""
    return b64encode(body).decode()


@pytest.fixture
def owner(live_stack: LiveStack) -> User:
    """An owner of a team with nothing in it."""
    slug = free(Team, "slug", "kiln-and-cup")
    team = teams.create_team(by=SEED, slug=slug, name="Kiln & Cup")
    user = User.objects.create_user(free(User, "username", "olga"), first_name="Olga")
    teams.set_role(by=SEED, team=team, user=user, role=Role.OWNER)
    return user


@pytest.fixture
def fresh(page: Page, owner: User, live_stack: LiveStack) -> Page:
    sign_in(page, owner, live_stack.url)
    return page


@pytest.fixture
def plain(chromium: Browser, owner: User, live_stack: LiveStack) -> Iterator[Page]:
    """A browser without script."""
    context = chromium.new_context(base_url=live_stack.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, owner, live_stack.url)
    yield page
    context.close()


def make_project(owner: User) -> Project:
    slug = free(Project, "slug", "web")
    team = owner.groups.get().team_role.team
    return projects.create_project(by=SEED, team=team, slug=slug, name="Web", repo="")


def test_from_an_empty_team_to_the_first_trace(fresh: Page) -> None:
    wrong = watch(fresh)
    fresh.goto("/traces")
    fresh.get_by_role("link", name="Settings").last.click()
    fresh.fill("#project-name", "Web shop")
    fresh.fill("#project-slug", slug := free(Project, "slug", "web-shop"))
    assert axe_violations(fresh) == []
    shoot(fresh, "team-settings")
    fresh.get_by_role("button", name="Create the project").click()
    expect(fresh.get_by_role("heading", name="Send your first trace")).to_be_visible()
    expect(fresh.locator("#arrived")).to_contain_text("Waiting for the first trace")
    assert axe_violations(fresh) == []
    shoot(fresh, "start")
    other = fresh.context.new_page()
    other.goto(f"/ingest?project={slug}")
    other.set_input_files("#files", FAILED_ZIP)
    expect(other.get_by_role("link", name="open the trace")).to_be_visible()
    expect(fresh.locator("#arrived.pass")).to_contain_text("It works")
    assert axe_violations(fresh) == []
    shoot(fresh, "start-arrived")
    fresh.get_by_role("link", name="Open the trace").click()
    expect(fresh).to_have_url(re.compile(r"/traces/\w{9}"))
    assert wrong == []


def test_the_lines_are_copied(fresh: Page, owner: User) -> None:
    project = make_project(owner)
    fresh.context.grant_permissions(["clipboard-read", "clipboard-write"])
    fresh.goto(f"/projects/{project.slug}/start")
    fresh.get_by_role("button", name="Copy: pytest").click()
    copied = fresh.evaluate("navigator.clipboard.readText()")
    assert f"TRACE_PROJECT={project.slug}" in copied
    assert copied.endswith("pytest --trace-capture")


def test_dropped_files_show_their_progress_and_their_refusal(fresh: Page, owner: User) -> None:
    make_project(owner)
    wrong = watch(fresh)
    fresh.goto("/traces")
    fresh.get_by_role("link", name="Ingest").click()
    assert axe_violations(fresh) == []
    shoot(fresh, "ingest-empty")
    fresh.evaluate(DROP, ["checkout.zip", base64(FAILED_ZIP.read_bytes())])
    fresh.evaluate(DROP, ["notes.zip", base64(b"PK no zip")])
    rows = fresh.locator(".upload")
    expect(rows.nth(0)).to_contain_text("stored")
    expect(rows.nth(0).get_by_role("link")).to_be_visible()
    expect(rows.nth(1)).to_contain_text("not a whole zip file")
    fresh.set_input_files("#files", FAILED_ZIP)
    expect(rows.nth(2)).to_contain_text("known already")
    assert axe_violations(fresh) == []
    shoot(fresh, "ingest")
    # The browser itself reports the refusal's status in the console.
    assert [line for line in wrong if "400" not in line] == []


def test_without_script_the_form_does_the_same(plain: Page, owner: User, tmp_path: Path) -> None:
    project = make_project(owner)
    plain.goto(f"/ingest?project={project.slug}")
    bad = tmp_path / "notes.zip"
    bad.write_bytes(b"no zip")
    plain.set_input_files("#files", [FAILED_ZIP, bad])
    plain.get_by_role("button", name="Ingest").click()
    expect(plain.locator(".upload").nth(0)).to_contain_text("stored")
    expect(plain.locator(".upload").nth(1)).to_contain_text("not a whole zip file")


def ingested(owner: User) -> str:
    """Return the address of a trace in a project of the owner's team."""
    client = Client()
    client.force_login(owner)
    with FAILED_ZIP.open("rb") as file:
        answer = client.post("/ingest", {"project": make_project(owner).slug, "files": [file]})
    return answer.headers["Location"]


def test_a_trace_is_deleted_from_its_artifacts(fresh: Page, owner: User) -> None:
    fresh.goto(f"{ingested(owner)}?tab=artifacts")
    fresh.get_by_role("link", name="Delete this trace").click()
    assert axe_violations(fresh) == []
    shoot(fresh, "delete-trace")
    fresh.get_by_role("button", name="Delete the trace").click()
    expect(fresh.locator(".messages")).to_contain_text("is deleted")
    expect(fresh.get_by_role("link", name="Send your first trace to Web")).to_be_visible()
    assert axe_violations(fresh) == []
    shoot(fresh, "list-empty")


def test_a_team_is_deleted_by_typing_its_name(fresh: Page, owner: User) -> None:
    ingested(owner)
    fresh.goto("/settings")
    expect(fresh.locator("#disk table")).to_contain_text("Web")
    fresh.locator("#disk").scroll_into_view_if_needed()
    assert axe_violations(fresh) == []
    shoot(fresh, "team-disk")
    fresh.get_by_role("link", name="Delete Kiln & Cup").click()
    fresh.fill("#name", "fresh")
    fresh.get_by_role("button", name="Delete the team").click()
    expect(fresh.get_by_role("alert")).to_contain_text("Type Kiln & Cup exactly")
    assert axe_violations(fresh) == []
    shoot(fresh, "delete-team")
    fresh.fill("#name", "Kiln & Cup")
    fresh.get_by_role("button", name="Delete the team").click()
    expect(fresh.locator(".messages")).to_contain_text("is deleted")
    assert not Project.objects.filter(team__slug=owner.username.replace("olga", "fresh")).exists()


def test_a_small_screen_scrolls_only_downwards(fresh: Page, owner: User) -> None:
    project = make_project(owner)
    fresh.set_viewport_size({"width": 390, "height": 844})
    for path in (f"/projects/{project.slug}/start", "/ingest", f"/projects/{project.slug}/delete"):
        fresh.goto(path)
        at_rest(fresh)
        assert fresh.evaluate("document.documentElement.scrollWidth") <= 390, path
