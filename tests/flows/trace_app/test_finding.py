"""Finding: every filter in the address, own views, CSV, the page of a cluster, the API's list."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.harness.record import BY
from trace_app.actions import projects, teams
from trace_app.actions.processing import process
from trace_app.actions.saved_views import MOST, SavedViewError, save_view
from trace_app.actions.traces import mark_signature_fixed
from trace_app.domain.filters import Filters
from trace_app.domain.roles import Role
from trace_app.models import Project, SavedView, Signature, Team, Trace
from trace_app.models.prepared import fetch
from trace_app.permissions import VIEW, teams_with
from trace_app.queries import clusters, traces
from trace_app.views import export_list

pytestmark = pytest.mark.django_db
PARTS = {
    "failure": {"kind": "webhook", "target": "delivered", "message": "answered #", "seq": 9},
    "network": {"method": "POST", "path": "/hook", "status": 404, "seq": 7},
    "frame": None,
}


@pytest.fixture
def project() -> Project:
    team = teams.create_team(by=BY, slug="acme", name="Acme")
    return projects.create_project(by=BY, team=team, slug="shop", name="Shop", repo="/none")


@pytest.fixture
def olivia(project: Project) -> User:
    user = User.objects.create_user("olivia", "olivia@acme.test")
    teams.set_role(by=BY, team=project.team, user=user, role=Role.OWNER)
    return user


@pytest.fixture
def known(project: Project) -> Signature:
    now = timezone.now()
    return Signature.objects.create(
        project=project,
        slug="webhook-404",
        hash="abcdef0123456789",
        parts=PARTS,
        first_seen=now - timedelta(days=3),
        last_seen=now - timedelta(hours=2),
    )


def make(project: Project, title: str, hours: float = 1, **fields: Any) -> Trace:
    values = {"status": "failed", "source": "pr", "origin": "bundle", "scenario_slug": "checkout"}
    trace = Trace.objects.create(project=project, title=title, **(values | fields))
    created = timezone.now() - timedelta(hours=hours)
    Trace.objects.filter(pk=trace.pk).update(created=created)
    return trace


def titles(project: Project, **wanted: str) -> list[str]:
    seen = Team.objects.filter(pk=project.team_id)
    return [trace.title for trace in traces.find(seen, Filters(**wanted)).traces]


def streamed(answer: Any) -> str:
    return b"".join(answer).decode()


def test_author_tier_and_dates(project: Project) -> None:
    make(project, "new", author="Noor", tier="hot")
    make(project, "old", hours=72, author="Marek", tier="cold")
    day = f"{timezone.now() - timedelta(hours=72):%Y-%m-%d}"
    assert titles(project, author="Noor") == ["new"]
    assert titles(project, q="author:Marek tier:cold") == ["old"]
    assert titles(project, since=day, until=day) == ["old"], "the last day is included"
    assert titles(project, since=f"{timezone.now() - timedelta(hours=2):%Y-%m-%dT%H:%M}") == ["new"]
    assert titles(project, since="soon", until="later") == ["new", "old"]


def test_a_processed_trace_is_found_by_words_and_their_beginnings(project: Project) -> None:
    trace = make(project, "Checkout webhook-404", code_sha="f00dcafe12", branch="pr/4521-rename")
    assert process(str(trace.pk))
    Trace.objects.update(title="unused")
    for text in (
        "checkout",
        "webhook",
        "webhook-404",
        "f00dca",
        "CHECK",
        "4521",
        "renam",
        "nope or webhook",
    ):
        assert titles(project, q=text) == ["unused"], text
    for text in ("checkout -webhook", "'nope'':*", "& | !", "\\", "unused", "webhook nope"):
        assert titles(project, q=text) == [], text


def test_mine_are_the_runs_of_my_commits(client: Client, project: Project, olivia: User) -> None:
    make(project, "by mail", author="olivia@acme.test")
    make(project, "nobody", author="")
    make(project, "noor", author="noor")
    client.force_login(olivia)
    page = client.get("/traces", {"view": "mine"}).content.decode()
    assert "by mail" in page
    assert "nobody" not in page
    assert "noor" not in page
    Trace.objects.filter(title="by mail").delete()
    assert "olivia@acme.test" in client.get("/traces", {"view": "mine"}).content.decode()


def test_own_views_are_saved_chosen_and_deleted(
    client: Client, project: Project, olivia: User
) -> None:
    client.force_login(olivia)
    make(project, "a", branch="topic")
    page = client.get("/traces?status=failed&branch=topic&cursor=&nonsense=1").content.decode()
    assert "Save as a view" in page
    form = {"name": "  My   topic ", "query": "branch=topic&status=failed&nonsense=1"}
    there = client.post("/views", form)
    assert there.headers["Location"] == "/traces?status=failed&branch=topic"
    page = client.get(there.headers["Location"]).content.decode()
    assert "Delete this view" in page
    assert "My topic" in page
    view = SavedView.objects.get(user=olivia)
    assert (view.name, view.team) == ("My topic", None)

    vera = User.objects.create_user("vera")
    teams.set_role(by=BY, team=project.team, user=vera, role=Role.VIEWER)
    client.force_login(vera)
    assert "My topic" not in client.get("/traces").content.decode()
    assert client.post(f"/views/{view.pk}/delete").status_code == 404
    client.post("/views", form)
    assert SavedView.objects.filter(name="My topic").count() == 2, "unique per user only"
    client.force_login(olivia)
    assert client.post(f"/views/{view.pk}/delete").headers["Location"] == "/traces"
    assert not SavedView.objects.filter(user=olivia).exists()


def test_views_that_cannot_be_saved_say_why(client: Client, olivia: User) -> None:
    failed = Filters(status="failed")
    save_view(by=olivia, name="Failures", filters=failed)
    client.force_login(olivia)
    for name, query, words in (
        ("Failures", "status=passed", "You have a view called Failures"),
        ("", "status=passed", "at most 40 characters"),
        ("a" * 41, "status=passed", "at most 40 characters"),
        ("Everything", "view=all", "Choose a filter first"),
    ):
        page = client.post("/views", {"name": name, "query": query}, follow=True)
        assert words in page.content.decode(), name
    for number in range(MOST - 1):
        save_view(by=olivia, name=f"v{number}", filters=failed)
    with pytest.raises(SavedViewError, match="delete one first"):
        save_view(by=olivia, name="one more", filters=failed)


def test_a_view_of_a_project_is_gone_with_the_team(
    client: Client, project: Project, olivia: User
) -> None:
    client.force_login(olivia)
    client.post("/views", {"name": "Shop", "query": "project=shop&status=failed"})
    assert SavedView.objects.get().team == project.team
    for role in project.team.roles.all():
        role.group.user_set.remove(olivia)
    assert "project=shop" not in client.get("/traces").content.decode()


def test_csv_holds_the_filtered_rows_and_no_formula(
    client: Client, project: Project, olivia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(
        project, '=HYPERLINK("http://evil.test")', branch="+1", author="@x", error_line="-2, three"
    )
    make(project, "plain", hours=2)
    make(project, "green", hours=3, status="passed")
    client.force_login(olivia)
    # Pages of one row: the file goes on after the first piece.
    monkeypatch.setattr(export_list, "PIECE", 1)
    answer = client.get("/traces.csv?status=failed")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = streamed(answer)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["title"] for row in rows] == ['\'=HYPERLINK("http://evil.test")', "plain"]
    assert (rows[0]["branch"], rows[0]["author"], rows[0]["error"]) == ("'+1", "'@x", "'-2, three")
    monkeypatch.setattr(export_list, "MOST", 1)
    text = streamed(client.get("/traces.csv"))
    assert len(text.splitlines()) == 2


def test_the_page_of_a_cluster(
    client: Client,
    project: Project,
    olivia: User,
    known: Signature,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    parts = PARTS | {"failure": {**PARTS["failure"], "seq": 211}}  # type: ignore[dict-item]
    for number in range(30):
        make(
            project,
            f"run {number}",
            hours=number + 1,
            signature=known,
            pr_number=4521,
            failing_step=7,
            summary={"signature": {"parts": parts}},
        )
    make(project, "a replay", signature=known, source="replay")
    client.force_login(olivia)
    with django_assert_max_num_queries(12):
        page = client.get(f"/signatures/{known.pk}").content.decode()
    newest = Trace.objects.get(title="run 0").short_id
    assert "POST /hook → 404" in page
    assert f"/traces/{newest}?step=7#seq=211" in page
    assert "a replay" not in page
    assert "30 in all" in page
    assert "PR #4521" in page
    assert f"/signatures/{known.pk}/attempts" in page
    assert 'rel="next"' in page
    mark_signature_fixed(by=BY, signature=known, sha="b" * 40, merge="#4522")
    page = client.get(f"/signatures/{known.pk}").content.decode()
    assert "stopped growing since #4522" in page
    listed = client.get("/traces").content.decode()
    assert "stopped growing since #4522" in listed
    assert f'href="/signatures/{known.pk}"' in listed
    slot = client.get(f"/signatures/{known.pk}/attempts", headers={"HX-Request": "true"})
    assert "has not looked at this failure" in slot.content.decode()
    assert "<html" not in slot.content.decode()


def test_the_api_lists_by_every_parameter(
    client: Client, project: Project, known: Signature
) -> None:
    key = projects.create_api_key(by=BY, team=project.team, name="ci", scopes=["read"]).secret
    headers = {"Authorization": f"Bearer {key}"}
    make(project, "one", hours=50, signature=known, branch="b", pr_number=4, author="Noor")
    make(
        project, "two", hours=1, status="passed", source="schedule", scenario_slug="s", tier="warm"
    )
    make(project, "three", hours=0, source="replay", code_sha="feed01")

    def listed(query: str) -> list[str]:
        answer = client.get(f"/v1/traces?{query}", headers=headers)
        assert answer.status_code == 200, answer.content
        return [trace["title"] for trace in answer.json()["traces"]]

    yesterday = (timezone.now() - timedelta(hours=24)).isoformat().replace("+", "%2B")
    for query, wanted in (
        ("", ["two", "one"]),
        ("scenario=s", ["two"]),
        ("status=passed", ["two"]),
        ("source=schedule", ["two"]),
        ("source=any", ["three", "two", "one"]),
        ("signature=webhook-404", ["one"]),
        (f"signature={known.hash}", ["one"]),
        ("signature=unknown", []),
        ("tier=warm", ["two"]),
        ("q=one", ["one"]),
        (f"from={yesterday}", ["two"]),
        (f"to={yesterday}", ["one"]),
        ("branch=b", ["one"]),
        ("pr=4", ["one"]),
        ("author=Noor", ["one"]),
        ("sha=feed&source=any", ["three"]),
        ("project=shop&limit=1", ["two"]),
        ("project=other", []),
    ):
        assert listed(query) == wanted, query
    first = client.get("/v1/traces?limit=1", headers=headers).json()
    assert listed(f"limit=200&cursor={first['next']}") == ["one"]
    late, early = "from=9999-12-31T23:59:59-14:00", "to=0001-01-01T00:00:00%2B14:00"
    # A cursor of that moment, as nobody was given one.
    far = "OTk5OS0xMi0zMVQyMzo1OTo1OS0yMzo1OSAwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA"
    for query in (
        *("limit=0", "limit=201", "cursor=zzz", "status=blue", "tier=x", "from=soon"),
        *(late, early, f"cursor={far}"),
    ):
        refused = client.get(f"/v1/traces?{query}", headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid"), query
        assert query.partition("=")[0] in refused.json()["fields"]


def test_openapi_names_every_parameter_of_the_list(client: Client) -> None:
    described = client.get("/v1/openapi.json").json()["paths"]["/v1/traces"]["get"]
    named = {parameter["name"] for parameter in described["parameters"]}
    wanted = "scenario status source signature tier q from to limit cursor"
    assert named >= {*wanted.split(), "project", "branch", "pr", "sha", "author"}


@pytest.fixture
def many(project: Project) -> Project:
    """A project of 4,000 traces, so that reading all of them is no plan."""
    seen = timezone.now()
    known = Signature.objects.create(
        project=project, slug="s", hash="h" * 16, first_seen=seen, last_seen=seen
    )
    Trace.objects.bulk_create(
        Trace(
            project=project,
            title=f"t{number}",
            status="failed" if number % 10 == 0 else "passed",
            source="pr",
            origin="bundle",
            scenario_slug=f"s{number % 40}",
            branch=f"b{number % 300}",
            author=f"a{number % 300}",
            pr_number=number % 300 or None,
            signature=known if number % 10 == 0 else None,
            mender_state="suggested" if number % 500 == 0 else "",
            pinned=seen if number % 400 == 0 else None,
            processed=seen,
        )
        for number in range(4000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE trace_app_trace")
    return project


def test_the_lists_queries_use_their_indexes(many: Project, olivia: User) -> None:
    own = teams_with(olivia, VIEW)
    cursor_text = traces.find(own, Filters()).next_cursor
    for filters, at, index in (
        (Filters(), "", "trace_list"),
        (Filters(), cursor_text, "trace_list"),
        (Filters(view="failed"), "", "trace_failed_list trace_list_status"),
        (Filters(view="pinned"), "", "trace_list_pinned"),
        (Filters(view="awaiting"), "", "trace_list_awaiting"),
        (Filters(status="error"), "", "trace_list_status"),
        (Filters(branch="b7"), "", "trace_list_branch"),
        (Filters(author="a7"), "", "trace_list_author"),
        (Filters(pr="7"), "", "trace_list_pr"),
        (Filters(scenario="s7"), cursor_text, "trace_list_scenario"),
        (Filters(signature="s"), "", "trace_cluster trace_app_trace_signature_id"),
        (Filters(q="nothing"), "", "trace_search"),
    ):
        plan = explained(*traces.listing(own, filters, at, 50))
        assert any(name in plan for name in index.split()), f"{filters} {plan}"
        assert "Seq Scan on trace_app_trace" not in plan, f"{filters} {plan}"
    for call, index in (
        (lambda: traces.find([many.team], Filters(), cursor_text), "trace_list"),
        (lambda: clusters.recent([many.team], span=clusters.MONTH), "trace_cluster"),
    ):
        sql, parameters = asked_by(call)
        plan = "\n".join(line for (line,) in fetch(f"EXPLAIN {sql}", parameters))
        assert index in plan, plan
        assert "Seq Scan on trace_app_trace" not in plan, plan


def asked_by(call: Callable[[], object]) -> tuple[str, Any]:
    """The one statement that the call sends, with its parameters."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, parameters: Any, *rest: Any) -> Any:
        asked.append((sql, parameters))
        return execute(sql, parameters, *rest)

    with connection.execute_wrapper(note):
        call()
    [only] = asked
    return only


def explained(statement: str, parameters: tuple[Any, ...]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", parameters)
        return "\n".join(line for (line,) in cursor.fetchall())
