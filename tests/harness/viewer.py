"""What browser tests of the pages share: a seeded team, a signed-in page, pictures, axe-core."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page

from tests.harness.names import free
from tests.harness.processed import processed
from tests.harness.shop_run import FIXTURES, write_shop_run
from trace_app.actions import projects, teams
from trace_app.actions.ingest import ingest_bundle, ingest_zip
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.models import Project, Team, Trace

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENSHOTS = ROOT / "docs" / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SEED = System("ci")
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


@dataclass(frozen=True)
class World:
    """One team with a project, three people and a few traces; made once per database."""

    project: Project
    owner: User
    viewer: User
    failed: Trace
    passed: Trace
    imported: Trace
    foreign: Trace


@cache
def world() -> World:
    """The seeded data; call it where the ORM works on the running product's database."""
    team = teams.create_team(by=SEED, slug=free(Team, "slug", "acme"), name="Acme")
    slug = free(Project, "slug", "shop")
    project = projects.create_project(by=SEED, team=team, slug=slug, name="Shop", repo="")
    people = {}
    for name, role in (("olivia", Role.OWNER), ("vera", Role.VIEWER)):
        people[name] = User.objects.create_user(
            free(User, "username", name), first_name=name.capitalize()
        )
        teams.set_role(by=SEED, team=team, user=people[name], role=role)
    with tempfile.TemporaryDirectory() as folder:
        passed = _ingested(project, Path(folder), fails=False)
        failed = _ingested(project, Path(folder), fails=True)
    imported, foreign = (
        processed(ingest_zip(by=SEED, project=project, path=FIXTURES / name))
        for name in ("js-checkout-fails-on-webhook.trace.zip", "py-1.39.0-fail.trace.zip")
    )
    return World(project, people["olivia"], people["vera"], failed, passed, imported, foreign)


def _ingested(project: Project, folder: Path, *, fails: bool) -> Trace:
    path = write_shop_run(folder / f"{fails}.zip", fails=fails)
    return processed(ingest_bundle(by=SEED, project=project, path=path))


def sign_in(page: Page, user: User, base_url: str, *, first_visit: bool = False) -> None:
    """Gives the page's browser a session of this person, without the slow password form.

    The browser has been here before, unless it is the first visit that a test is about.
    """
    if not first_visit:
        page.add_init_script(
            "if (window.top === window) localStorage.setItem('trace.intro', 'seen')"
        )
    client = Client()
    client.force_login(user)
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": base_url}])


def at_rest(page: Page) -> None:
    """Wait until nothing that the page asked for is on its way.

    The browser's own "networkidle" never comes when a frame was replaced while it loaded.
    """
    page.wait_for_function(
        """() => !document.querySelector(".htmx-request, [aria-busy]:not([aria-busy=false])")
          && [...document.images].every((one) => one.complete || one.loading === "lazy")"""
    )
    page.evaluate("document.fonts.ready")


def shoot(page: Page, name: str) -> None:
    """Pictures of the page, light and dark, into docs/screenshots."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        at_rest(page)
        page.screenshot(path=SCREENSHOTS / f"{name}-{theme}.png", animations="disabled")


@cache
def _axe() -> str:
    if not AXE.exists():
        pytest.fail("axe-core is missing: run `make tools`, which installs it.", pytrace=False)
    return AXE.read_text()


def axe_violations(page: Page, *, only: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds wrong on the page, WCAG 2.2 A and AA; one line per rule.

    `only` names the rules to ask where nothing else has changed since all of them were asked.

    A target half below a head that stays in sight is whole again after a turn of the wheel: only
    targets that are small in themselves count.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate(
        """async (tags) => {
          // A colour on its way from one scheme to the other is no colour of the page.
          for (const one of document.getAnimations()) {
            if (Number.isFinite(one.effect?.getComputedTiming().endTime)) one.finish();
          }
          const options = { runOnly: tags, iframes: false, resultTypes: ["violations"] };
          const { violations } = await axe.run(document, options);
          const boxOf = (one) => one.getBoundingClientRect();
          const heads = () => [...document.querySelectorAll("main *, dialog *")]
            .filter((one) => getComputedStyle(one).position === "sticky").map(boxOf);
          const below = (box) => heads().some((head) => head.top < box.bottom && head.bottom > box.top
            && head.left < box.right && head.right > box.left);
          const gone = (one) => one === null || below(boxOf(one));
          const passing = (n) => (n.any[0]?.message ?? "").includes("partially obscured")
            && typeof n.target[0] === "string" && gone(document.querySelector(n.target[0]));
          for (const v of violations) v.nodes = v.nodes.filter((n) => !passing(n));
          return violations.filter((v) => v.nodes.length).map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") +
            " " + (n.any[0]?.message ?? "")).slice(0, 3).join(" | "));
        }""",
        list(only) or tags,
    )
    return [str(line) for line in found]


def watch(page: Page) -> list[str]:
    """Collects what must not happen on our pages: script errors, policy violations, 5xx."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on(
        "console",
        lambda message: (
            wrong.append(f"console: {message.text}") if message.type == "error" else None
        ),
    )
    page.on(
        "response",
        lambda answer: (
            wrong.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None
        ),
    )
    return wrong
