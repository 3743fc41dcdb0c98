"""A public share from its making to its end, over HTTP."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.harness.shop_run import write_shop_run
from trace_app.actions import projects, teams
from trace_app.actions.ingest import ingest_bundle
from trace_app.actions.processing import process
from trace_app.actions.shares import ShareError, create_share, revoke_share
from trace_app.domain.roles import Role
from trace_app.domain.shares import MOST_LIVE
from trace_app.domain.system import System
from trace_app.models import AuditEntry, ShareVisit, Trace, TraceShare
from trace_app.queries.events import events

SEED = System("test")
pytestmark = pytest.mark.django_db


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    team = teams.create_team(by=SEED, slug="acme", name="Acme")
    project = projects.create_project(by=SEED, team=team, slug="shop", name="Shop", repo="/none")
    made = ingest_bundle(by=SEED, project=project, path=write_shop_run(tmp_path / "run.zip"))
    process(str(made.pk))
    made.refresh_from_db()
    return made


@pytest.fixture
def owner(trace: Trace) -> Client:
    user = User.objects.create_user("olivia")
    teams.set_role(by=SEED, team=trace.project.team, user=user, role=Role.OWNER)
    client = Client()
    client.force_login(user)
    return client


def make(owner: Client, trace: Trace) -> str:
    """The path of a share made in the window."""
    answer = owner.post(f"/traces/{trace.short_id}/share", {"days": "7", "label": "Ada"})
    found = re.search(rf'value="[^"]*(/r/{trace.short_id}/[\w-]+)"', answer.content.decode())
    assert found is not None
    assert "no-store" in answer.headers["Cache-Control"]
    return found[1]


def test_the_secret_is_stored_nowhere(owner: Client, trace: Trace) -> None:
    path = make(owner, trace)
    secret = path.rpartition("/")[2]
    row = TraceShare.objects.get()
    stored = json.dumps(
        [
            list(TraceShare.objects.values()),
            list(ShareVisit.objects.values()),
            list(AuditEntry.objects.values("details", "target")),
        ],
        default=str,
    )
    assert secret not in stored
    assert row.label == "Ada"
    assert len(row.secret_hash) == 64
    again = owner.get(f"/traces/{trace.short_id}/share").content.decode()
    assert secret not in again
    assert AuditEntry.objects.filter(action="trace.shared", target=trace.short_id).count() == 1


def test_every_part_of_the_trace_and_nothing_around_it(owner: Client, trace: Trace) -> None:
    path = make(owner, trace)
    reader = Client()
    answer = reader.get(f"{path}?step=7")
    html = answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies, "a share works without cookies and sets none"
    frame = next(events(trace, kinds=["video.frame"])).seq
    snapshot = next(events(trace, kinds=["dom.snapshot"])).seq
    asked = next(events(trace, kinds=["network.request"])).seq
    for rest in (
        "/index.json",
        f"/frames/{frame}",
        f"/snapshots/{snapshot}",
        f"/evidence/{asked}?as=curl",
        "/step-source?step=7",
        *(f"/panels/{tab}?step=7" for tab in ("events", "network", "console", "clones", "storage")),
    ):
        part = reader.get(path + rest)
        assert part.status_code == 200, rest
        assert part.headers["Referrer-Policy"] == "no-referrer", rest
    for tab in ("debugger", "patch", "nothing"):
        assert reader.get(f"{path}/panels/{tab}").status_code == 404
    for hidden in ("Replay", "Debugger</a>", "/v1/", "Export", "Sign out", 'name="q" id="find"'):
        assert hidden not in html, hidden
    # Every address in the page stays below the share, but static files and the way to sign in.
    left = set(re.findall(r'(?:href|src|hx-get|data-[a-z-]*url)="(/[^"#?]*)', html))
    outside = {url for url in left if not url.startswith((path, "/static/", "/sheets/"))}
    assert outside <= {f"/r/{trace.short_id}"}, outside


def test_a_share_opens_one_trace_only(owner: Client, trace: Trace, tmp_path: Path) -> None:
    secret = make(owner, trace).rpartition("/")[2]
    other = ingest_bundle(
        by=SEED, project=trace.project, path=write_shop_run(tmp_path / "other.zip", fails=False)
    )
    process(str(other.pk))
    reader = Client()
    assert reader.get(f"/r/{other.short_id}/{secret}").status_code == 404
    assert reader.get(f"/r/{other.short_id}/{secret}/index.json").status_code == 404
    overview = reader.get(f"/r/{trace.short_id}/{secret}/panels/overview").content.decode()
    assert other.short_id not in overview
    assert "traces in 24 h" not in overview


def test_missing_expired_and_revoked_answer_alike(owner: Client, trace: Trace) -> None:
    path = make(owner, trace)
    reader = Client()
    assert reader.get(path).status_code == 200
    never = reader.get(f"/r/{trace.short_id}/{'x' * 43}")
    absent = reader.get(f"/r/zzzzzzzzz/{'x' * 43}")
    TraceShare.objects.update(expires=timezone.now() - dt.timedelta(seconds=1))
    expired = reader.get(path)
    TraceShare.objects.update(expires=timezone.now() + dt.timedelta(days=1))
    row = TraceShare.objects.get()
    answer = owner.post(f"/traces/{trace.short_id}/share/{row.pk}/revoke")
    assert answer.status_code == 302
    revoked = reader.get(path)
    answers = [never, absent, expired, revoked]
    assert [one.status_code for one in answers] == [404] * 4
    bodies = {re.sub(r'"X-CSRFToken": "\w+"', "", one.content.decode()) for one in answers}
    assert len(bodies) == 1
    assert len({json.dumps(dict(one.headers)) for one in answers}) == 1
    assert reader.get(f"{path}/index.json").status_code == 404
    revoke_share(by=SEED, share=row)
    assert AuditEntry.objects.filter(action="trace.share_revoked").count() == 1, "once"


def test_the_access_log_counts_visits(owner: Client, trace: Trace) -> None:
    path = make(owner, trace)
    reader = Client(headers={"user-agent": "Reader/1"})
    for rest in ("", "/index.json", "/panels/console"):
        reader.get(path + rest)
    Client(headers={"user-agent": "Other/2"}).get(f"{path}/embed")
    seen = {(v.agent, v.address, v.embedded): v.requests for v in ShareVisit.objects.all()}
    assert seen == {
        ("Reader/1", "127.0.0.1", False): 3,
        ("Other/2", "127.0.0.1", True): 1,
    }
    html = owner.get(f"/traces/{trace.short_id}/share").content.decode()
    assert "opened 2 times" in html
    assert "Reader/1" in html


def test_only_the_embed_opens_to_the_named_sites(owner: Client, trace: Trace) -> None:
    path = make(owner, trace)
    site = "https://ci.example.com"
    reader = Client()
    before = reader.get(f"{path}/embed").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self';" in before + ";"
    wrong = owner.post("/projects/shop/embedding", {"origins": "https://ci.example.com/x"})
    assert wrong.status_code == 422
    assert "is no origin" in wrong.content.decode()
    owner.post("/projects/shop/embedding", {"origins": site})
    snapshot = next(events(trace, kinds=["dom.snapshot"])).seq
    for rest in ("", f"/snapshots/{snapshot}"):
        answer = reader.get(f"{path}/embed{rest}")
        assert f"frame-ancestors 'self' {site}" in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers
        assert not answer.cookies
    assert "script-src 'self'" in reader.get(f"{path}/embed").headers["Content-Security-Policy"]
    for closed in (path, f"{path}/snapshots/{snapshot}", "/login", f"/r/{trace.short_id}/none"):
        assert site not in reader.get(closed).headers.get("Content-Security-Policy", "")


def test_the_api_makes_lists_and_ends_shares(owner: Client, trace: Trace) -> None:
    url = f"/v1/traces/{trace.short_id}/share"
    made = owner.post(url, {"days": 1, "label": "CI"}, content_type="application/json")
    assert made.status_code == 201
    body = made.json()
    path = "/" + body["url"].split("/", 3)[3]
    assert body["embed_url"] == f"{body['url']}/embed"
    assert Client().get(path).status_code == 200
    [listed] = owner.get(url).json()["shares"]
    assert (listed["id"], listed["label"], listed["visits"]) == (body["id"], "CI", 1)
    assert "url" not in listed
    for days in (0, 91, "x"):
        refused = owner.post(url, {"days": days}, content_type="application/json")
        assert refused.status_code == 400
    assert owner.delete(f"{url}/{body['id']}").status_code == 204
    assert owner.delete(f"{url}/{body['id']}").status_code == 204
    assert Client().get(path).status_code == 404
    key = projects.create_api_key(
        by=SEED, team=trace.project.team, name="CI", scopes=["operate", "read"]
    )
    bearer = Client(headers={"authorization": f"Bearer {key.secret}"})
    assert bearer.post(url, {"days": 1}, content_type="application/json").status_code == 403


def test_a_cold_trace_says_so_and_cannot_be_thawed_by_a_stranger(
    owner: Client, trace: Trace
) -> None:
    path = make(owner, trace)
    for requested in (None, timezone.now()):
        Trace.objects.filter(pk=trace.pk).update(tier="cold", thaw_requested=requested)
        page = Client().get(path)
        assert page.status_code == 200
        assert "Cold: kept in an archive" in page.content.decode()
        assert "/thaw" not in page.content.decode()
        part = Client().get(f"{path}/frames/1")
        assert part.status_code == 409
        assert part.headers["Referrer-Policy"] == "no-referrer"


def test_a_trace_has_a_bounded_number_of_live_shares(trace: Trace) -> None:
    made = [create_share(by=SEED, trace=trace, days=1) for _ in range(MOST_LIVE)]
    with pytest.raises(ShareError, match="revoke one first"):
        create_share(by=SEED, trace=trace, days=1)
    revoke_share(by=SEED, share=made[0].row)
    create_share(by=SEED, trace=trace, days=1)
