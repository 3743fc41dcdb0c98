"""The list: saved views, filters, search, pages, clusters, pins, and who sees what."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from trace_app.actions import projects, teams
from trace_app.actions.traces import mark_signature_fixed
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.models import AuditEntry, Project, ScenarioName, Signature, Team, Trace
from trace_app.permissions import VIEW, teams_with
from trace_app.queries import clusters, traces
from trace_app.views.rows import lines, prepare

pytestmark = pytest.mark.django_db
SEED = System("test")


@pytest.fixture
def team() -> Team:
    return teams.create_team(by=SEED, slug="acme", name="Acme")


@pytest.fixture
def project(team: Team) -> Project:
    return projects.create_project(by=SEED, team=team, slug="shop", name="Shop", repo="/none")


def person(team: Team, name: str, role: Role) -> User:
    user = User.objects.create_user(name)
    teams.set_role(by=SEED, team=team, user=user, role=role)
    return user


def signature(project: Project, slug: str, seen: datetime) -> Signature:
    return Signature.objects.create(
        project=project, slug=slug, hash=slug[:16], first_seen=seen, last_seen=seen
    )


def make(project: Project, title: str, hours: float = 1, **fields: Any) -> Trace:
    values = {"status": "failed", "source": "pr", "origin": "bundle", "scenario_slug": "checkout"}
    trace = Trace.objects.create(project=project, title=title, **(values | fields))
    created = timezone.now() - timedelta(hours=hours)
    Trace.objects.filter(pk=trace.pk).update(created=created)
    return trace


def titles(team: Team, **wanted: str) -> list[str]:
    seen = Team.objects.filter(pk=team.pk)
    return [trace.title for trace in traces.find(seen, traces.Filters(**wanted)).traces]


def test_saved_views(team: Team, project: Project) -> None:
    make(project, "old failure", hours=30)
    make(project, "failure", hours=5)
    make(project, "green", hours=4, status="passed")
    make(project, "running", hours=3, status="running")
    make(project, "pinned", hours=2, status="passed", pinned=timezone.now())
    make(project, "suggested", hours=1, mender_state="suggested")
    make(project, "replay", hours=0, source="replay")
    assert titles(team, view="failed") == ["suggested", "failure"]
    assert titles(team, view="pinned") == ["pinned"]
    assert titles(team, view="running") == ["running"]
    assert titles(team, view="awaiting") == ["suggested"]
    assert len(titles(team)) == 6, "replays are listed only when asked for"
    assert titles(team, source="replay") == ["replay"]
    assert len(titles(team, source="any")) == 7


def test_search_by_text_and_by_field(team: Team, project: Project) -> None:
    known = signature(project, "webhook-404", timezone.now())
    make(project, "Checkout", signature=known, branch="pr/1", code_sha="abcdef12", pr_number=7)
    make(project, "Search", branch="main", error_line="no results shown", code_sha="ffff0000")
    assert titles(team, q="signature:webhook-404") == ["Checkout"]
    assert titles(team, q="branch:main search") == ["Search"]
    assert titles(team, q="ABCDEF") == ["Checkout"]
    assert titles(team, q="results shown") == ["Search"]
    assert titles(team, q="pr:7") == ["Checkout"]
    assert titles(team, q="pr:x") == []
    assert titles(team, q="%") == []


@pytest.mark.parametrize("fetched", [False, True])
def test_pages_follow_each_other_without_gap_or_repeat(
    team: Team, project: Project, *, fetched: bool
) -> None:
    for number in range(7):
        make(project, f"t{number}", hours=number // 2)
    seen: list[str] = []
    cursor, own = "", [team] if fetched else Team.objects.filter(pk=team.pk)
    while True:
        page = traces.find(own, traces.Filters(), cursor, size=3)
        seen += [trace.title for trace in page.traces]
        cursor = page.next_cursor
        if not cursor:
            break
    assert sorted(seen) == [f"t{number}" for number in range(7)]
    assert len(traces.find(own, traces.Filters(), "not a cursor", size=3).traces) == 3


def test_a_cluster_counts_loud_failures_and_says_when_it_stopped(
    team: Team, project: Project
) -> None:
    known = signature(project, "webhook-404", timezone.now() - timedelta(hours=2))
    for hours in (2, 3, 30):
        make(project, "Checkout", hours=hours, signature=known)
    make(project, "Checkout", hours=1, signature=known, source="replay")
    [cluster] = clusters.recent(Team.objects.filter(pk=team.pk))
    assert (cluster.count, cluster.bars[-1]) == (3, 2)
    assert cluster.state == "new, growing"
    assert clusters.counts(known) == (2, 3)
    mark_signature_fixed(by=SEED, signature=known, sha="a" * 40, merge="#4522")
    [cluster] = clusters.recent(Team.objects.filter(pk=team.pk))
    assert (cluster.state, cluster.mood) == ("stopped growing since #4522", "pass")
    known.last_seen = timezone.now() + timedelta(seconds=1)
    known.save()
    [cluster] = clusters.recent(Team.objects.filter(pk=team.pk))
    assert cluster.state == "came back after #4522"


def test_clusters_come_by_their_last_failure_and_of_one_project_alone(
    team: Team, project: Project
) -> None:
    now = timezone.now()
    for number in range(6):
        known = signature(project, f"s-{number}", now - timedelta(hours=number))
        make(project, "Checkout", hours=number, signature=known, source="pr" if number else "proof")
    other = projects.create_project(by=SEED, team=team, slug="blog", name="Blog", repo="/none")
    known = signature(other, "s-blog", now - timedelta(days=8))
    make(other, "Post", hours=8 * 24, signature=known)
    shown = [one.signature.slug for one in clusters.recent([team])]
    assert shown == ["s-1", "s-2", "s-3", "s-4"], "a signature of proofs alone is no cluster"
    assert clusters.recent([team], "blog") == []
    [cluster] = clusters.recent([team], "blog", clusters.MONTH)
    assert (cluster.count, cluster.bars.index(1)) == (1, 10)


def test_the_page_shows_own_traces_only(client: Client, team: Team, project: Project) -> None:
    other = teams.create_team(by=SEED, slug="other", name="Other")
    theirs = projects.create_project(by=SEED, team=other, slug="x", name="X", repo="/none")
    hidden = make(theirs, "Secret checkout")
    shown = make(project, "Own <b>checkout</b>")
    client.force_login(person(team, "vera", Role.VIEWER))
    page = client.get("/traces").content.decode()
    assert shown.short_id in page
    assert "Own &lt;b&gt;checkout" in page
    assert "Secret" not in page
    for path in ("", "/row", "/index.json", "/panels/events", "/step-source", "/live"):
        assert client.get(f"/traces/{hidden.short_id}{path}").status_code == 404
    assert client.get(f"/r/{hidden.short_id}").status_code == 404
    assert client.get("/traces/zzzzzzzzz").status_code == 404


def test_the_number_of_queries_does_not_grow(
    client: Client,
    team: Team,
    project: Project,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    user = person(team, "olivia", Role.OWNER)
    client.force_login(user)
    for number in range(30):
        known = signature(project, f"s-{number}", timezone.now())
        make(project, f"t{number}", signature=known)
    with django_assert_max_num_queries(12):
        client.get("/traces")
    with django_assert_max_num_queries(1):
        traces.find(teams_with(user, VIEW), traces.Filters(q="t1 branch:main"))


def test_a_listed_trace_comes_with_what_it_belongs_to(
    team: Team, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    known = signature(project, "webhook-404", timezone.now())
    run = make(project, "Checkout", hours=2, signature=known)
    make(project, "Again", parent=run, source="replay", pinned=timezone.now())
    [again, first] = traces.find([team], traces.Filters(source="any")).traces
    stored = Trace.objects.get(pk=run.pk)
    with django_assert_num_queries(0):
        assert (first.pk, first.created, first.project.slug) == (run.pk, stored.created, "shop")
        assert first.project.team_id == team.pk
        assert first.signature is not None
        assert (first.signature_id, first.signature.slug) == (known.pk, "webhook-404")
        assert first.signature.hash == known.hash
        assert (first.parent, again.signature) == (None, None)
        assert again.parent is not None
        assert again.parent.short_id == run.short_id
    assert traces.find([], traces.Filters()).traces == []
    assert traces.find(Team.objects.none(), traces.Filters()).traces == []


@pytest.mark.parametrize(
    "fields",
    [
        {
            "title": "<b>&{title} %s place-of-sha",
            "error_line": "'{0}' \"> {sha}",
            "code_sha": "{x}<",
        },
        {"status": "running", "branch": "a{b}&c", "pinned": timezone.now()},
        {"title": "", "scenario_slug": "", "test_id": "tests/a.py::b[<1>]", "mender_state": "a_b"},
        {"status": "passed", "pr_number": 7, "duration_ms": 840.0, "failing_step": 3},
    ],
)
@pytest.mark.parametrize("may_pin", [True, False])
def test_many_lines_read_as_one_does(
    project: Project, fields: dict[str, Any], *, may_pin: bool
) -> None:
    """The list fills forms of its lines; what comes out is what the template makes of each row."""
    known = signature(project, "a<b>{c}", timezone.now())
    run = make(project, "Checkout", signature=known)
    said = {"project": project, "created": run.created, "status": "failed"} | fields
    replay = Trace(source="replay", parent=run, **said)
    shown = [Trace(source="pr", **said), replay, run]
    alone = [prepare(trace, timezone.now(), may_pin=may_pin) for trace in shown]
    written = [render_to_string("trace_app/parts/row.html", {"row": row}) for row in alone]
    assert lines(shown, {project.team_id} if may_pin else set()) == "".join(written)


def test_pinning_needs_the_right_and_leaves_a_trail(
    client: Client, team: Team, project: Project
) -> None:
    trace = make(project, "Checkout")
    client.force_login(person(team, "vera", Role.VIEWER))
    assert client.post(f"/traces/{trace.short_id}/pin").status_code == 403
    client.force_login(person(team, "marek", Role.MEMBER))
    answer = client.post(f"/traces/{trace.short_id}/pin", headers={"HX-Request": "true"})
    assert "Pinned" in answer.content.decode()
    trace.refresh_from_db()
    assert trace.pinned is not None
    assert AuditEntry.objects.filter(action="trace.pinned", target=trace.short_id).exists()
    there = client.post(f"/traces/{trace.short_id}/pin", headers={"Referer": "http://evil.test/"})
    assert there.headers["Location"] == f"/traces/{trace.short_id}"
    assert Trace.objects.get(pk=trace.pk).pinned is None
    assert client.get(f"/traces/{trace.short_id}/pin").status_code == 405


def test_comparing_wants_two(client: Client, team: Team, project: Project) -> None:
    old, new = make(project, "a", hours=5), make(project, "b", hours=1)
    client.force_login(person(team, "vera", Role.VIEWER))
    one = client.get("/traces/compare", {"trace": [old.short_id]}, follow=True)
    assert "exactly two" in one.content.decode()
    both = client.get("/traces/compare", {"trace": [new.short_id, old.short_id]})
    assert both.headers["Location"] == f"/traces/{old.short_id}/diff/{new.short_id}"


def test_empty_lists_say_what_to_do(client: Client, team: Team) -> None:
    client.force_login(person(team, "vera", Role.VIEWER))
    assert "No traces yet" in client.get("/traces").content.decode()
    for view, words in (
        ("failed", "Nothing failed"),
        ("pinned", "No pinned trace"),
        ("running", "Nothing is running"),
        ("awaiting", "Nothing awaits"),
    ):
        assert words in client.get("/traces", {"view": view}).content.decode()
    assert "No trace matches" in client.get("/traces", {"q": "nope"}).content.decode()


def test_nobody_reads_without_signing_in(client: Client) -> None:
    assert client.get("/traces").headers["Location"] == "/login?next=/traces"
    assert client.get("/r/abcdefghi").headers["Location"] == "/login?next=/r/abcdefghi"


def test_the_kept_filters_show_what_is_chosen_and_what_there_is(
    team: Team, project: Project
) -> None:
    client = Client()
    client.force_login(person(team, "vera", Role.VIEWER))

    def shown(query: str = "") -> str:
        return client.get(f"/traces{query}").content.decode()

    make(project, "One")
    assert "<option selected>failed" not in shown()
    assert "<option selected>failed" in shown("?status=failed")
    assert "<option selected>failed" not in shown()
    assert "<option>refund" not in shown()
    ScenarioName.objects.create(project=project, slug="refund")
    assert "<option>refund" in shown()
    assert "<option selected>refund" in shown("?scenario=refund")
