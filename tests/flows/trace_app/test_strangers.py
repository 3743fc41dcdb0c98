"""Who may not send is told so before the body is sent, over real HTTP; who may sees no change."""

import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.harness.live import LiveStack
from tests.harness.record import BY, PLAYWRIGHT, make_project
from trace_app.actions.projects import create_api_key, create_project, revoke_api_key
from trace_app.actions.teams import set_role
from trace_app.domain.ids import new_short_id
from trace_app.domain.roles import Role
from trace_app.models import ApiKey, Project
from trace_app.project.known_callers import FREE

GIB = 1024**3
LONG_ZIP = PLAYWRIGHT / "js-1.63.0-fail.trace.zip"
# Of a body without a length three such parts are sent.
PART = bytes(48 * 1024)


@pytest.fixture
def project(live_stack: LiveStack) -> Project:
    name = f"strangers-{new_short_id().lower()}"
    return make_project(name, name)


def half_sent(stack: LiveStack, path: str, *headers: str) -> tuple[int, str, str]:
    """Status, type and place to go of what is answered while the client still holds its body."""
    address = urlsplit(stack.url)
    assert address.hostname
    head = [f"POST {path} HTTP/1.1", f"Host: {address.netloc}", *headers, "", ""]
    with closing(socket.create_connection((address.hostname, address.port or 80), 30)) as line:
        chunked = any(header.startswith("Transfer-Encoding") for header in headers)
        line.sendall("\r\n".join(head).encode())
        for _ in range(3 if chunked else 1):
            line.sendall(b"%x\r\n%b\r\n" % (len(PART), PART) if chunked else PART)
        answer = HTTPResponse(line)
        answer.begin()
        answer.read()
        return answer.status, answer.headers["Content-Type"], answer.headers["Location"] or ""


LONG = f"Content-Length: {GIB}"
CHUNKED = "Transfer-Encoding: chunked"
WRONG = "Authorization: Bearer trc_wrong"


@pytest.mark.parametrize("length", [LONG, CHUNKED])
@pytest.mark.parametrize("who", ["X-Nobody: 1", WRONG, "Cookie: sessionid=" + "x" * 32])
@pytest.mark.parametrize("path", ["/v1/traces/ingest", "/v1/traces/zzzzzzzzz/events"])
def test_a_stranger_is_refused_before_the_body_has_come(
    live_stack: LiveStack, path: str, who: str, length: str
) -> None:
    if path.endswith("/events") and length == LONG:
        length = "Content-Length: 60000000"
    status, kind, _ = half_sent(live_stack, path, who, length)
    assert (status, kind) == (401, "application/json")


def test_a_form_of_nobody_leads_to_the_login(live_stack: LiveStack) -> None:
    multipart = "Content-Type: multipart/form-data; boundary=x"
    assert half_sent(live_stack, "/ingest", multipart, LONG)[::2] == (302, "/login?next=/ingest")


def test_a_revoked_key_is_a_strangers(live_stack: LiveStack, project: Project) -> None:
    made = create_api_key(by=BY, team=project.team, name="ci", scopes=["ingest"])
    revoke_api_key(by=BY, key=ApiKey.objects.get(team=project.team, name="ci"))
    bearer = f"Authorization: Bearer {made.secret}"
    assert half_sent(live_stack, "/v1/traces/ingest", bearer, LONG)[0] == 401


@pytest.mark.parametrize("length", [LONG, CHUNKED])
@pytest.mark.parametrize("path", ["traces/ingest", "traces/{trace}/events", "traces"])
def test_a_key_without_the_scope_hears_so_before_the_body_has_come(
    live_stack: LiveStack, project: Project, path: str, length: str
) -> None:
    team = project.team
    # With two projects the body would name the one it is for.
    create_project(by=BY, team=team, slug=f"{team.slug}-2", name="second", repo="https://x.test/r")
    sends = create_api_key(by=BY, team=team, name="ci", scopes=["ingest"])
    with live_stack.client(sends.secret) as api:
        trace = api.post("/v1/traces", json={"project": project.slug}).json()["short_id"]
    reads = create_api_key(by=BY, team=team, name="look", scopes=["read", "operate"])
    address = f"/v1/{path}".format(trace=trace) + f"?project={project.slug}"
    bearer = f"Authorization: Bearer {reads.secret}"
    if length == LONG:
        length = f"Content-Length: {7 * 1024**2}"
    assert half_sent(live_stack, address, bearer, length)[0] == 403
    with live_stack.client(reads.secret) as api:
        short = api.post(address, content=b"{}")
        assert (short.status_code, short.json()["error"]) == (403, "forbidden")
        assert "scope ingest" in short.json()["message"]


def body(pieces: bool) -> bytes | Iterator[bytes]:
    content = LONG_ZIP.read_bytes()
    assert len(content) > FREE
    return iter((content[:1000], content[1000:FREE], content[FREE:])) if pieces else content


@pytest.mark.parametrize("pieces", [False, True])
def test_a_key_sends_a_long_body(live_stack: LiveStack, project: Project, pieces: bool) -> None:
    made = create_api_key(by=BY, team=project.team, name="ci", scopes=["ingest"])
    with live_stack.client(made.secret) as api:
        sent = api.post("/v1/traces/ingest", content=body(pieces))
        assert sent.status_code == 201, sent.text
        assert api.post("/v1/traces/ingest", content=body(not pieces)).status_code == 200


def test_a_person_sends_a_long_body(live_stack: LiveStack, project: Project) -> None:
    person = User.objects.create_user(f"person-{new_short_id()}")
    set_role(by=BY, team=project.team, user=person, role=Role.MEMBER)
    signed_in = Client()
    signed_in.force_login(person)
    session = signed_in.cookies["sessionid"].value
    with live_stack.client() as browser:
        browser.cookies.set("sessionid", session)
        token = browser.get("/ingest").cookies["csrftoken"]
        browser.headers["X-CSRFToken"] = token
        path = f"/v1/traces/ingest?project={project.slug}"
        sent = browser.post(path, content=body(pieces=False))
        assert sent.status_code == 201, sent.text
        form = {"project": project.slug, "csrfmiddlewaretoken": token}
        again = browser.post("/ingest", data=form, files={"files": LONG_ZIP.read_bytes()})
        assert again.headers["Location"] == f"/traces/{sent.json()['short_id']}"
        person.set_password("another one")
        person.save()
        cookies = f"Cookie: sessionid={session}"
        assert half_sent(live_stack, path, cookies, LONG)[0] == 401
