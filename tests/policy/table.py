"""The rows. A URL without one fails the suite."""

from dataclasses import replace

from tests.policy.rows import (
    FORBIDDEN,
    LOGIN,
    MISSING,
    OK,
    REFUSED,
    Row,
    act,
    api,
    api_act,
    open_to_all,
    own,
    page,
)

# A page that only owners may open.
OWNERS = (OK, FORBIDDEN, FORBIDDEN, MISSING, LOGIN, LOGIN)

PROJECT = (
    Row("home", (LOGIN,) * 6),
    open_to_all("login"),
    Row("logout", (302,) * 6, method="post"),
)
TEAMS = (
    # One team: the page sends its people straight to it.
    Row("trace_app:settings", (302,) * 6),
    page("trace_app:team_settings", "team"),
    act("trace_app:team_members", "team", owner=422),
    act("trace_app:team_promotion", "team", owner=302),
    act("trace_app:team_keys", "team", owner=422),
    act("trace_app:team_key_revoke", "team", "key", owner=302),
    page("trace_app:project_settings", "project"),
    act("trace_app:project_settings", "project", owner=302),
    act("trace_app:team_projects", "team", owner=422),
    act("trace_app:project_repository", "project", owner=302, default_branch="main"),
    act("trace_app:project_embedding", "project", owner=302, origins="https://ci.example.com"),
    act("trace_app:team_retention", "team", owner=422),
    page("trace_app:team_disk", "team"),
    Row("trace_app:team_redaction", OWNERS, ("team",)),
    act("trace_app:team_redaction", "team", owner=422),
    act("trace_app:team_redaction_try", "team", owner=422),
    act("trace_app:team_redaction_built_in", "team", owner=302, rule="card", on="0"),
    act("trace_app:team_redaction_delete", "team", "rule", owner=302),
    Row("trace_app:team_delete", OWNERS, ("team",)),
    act("trace_app:team_delete", "team", owner=302, name="Acme"),
    page("trace_app:start", "project"),
    # 286: a trace is there, so that htmx stops asking.
    Row("trace_app:arrived", (286, 286, 286, MISSING, LOGIN, LOGIN), ("project",)),
    Row("trace_app:project_delete", OWNERS, ("project",)),
    act("trace_app:project_delete", "project", owner=302, name="Shop"),
    open_to_all("trace_app:package", "package"),
)
TRACES = (
    own("trace_app:list"),
    own("trace_app:csv"),
    # A person's own views: nobody else's can be seen, so it is missing to the whole team.
    Row("trace_app:view_save", (LOGIN,) * 6, method="post"),
    act("trace_app:view_delete", "saved_view", owner=302, member=MISSING, viewer=MISSING),
    page("trace_app:signature", "signature"),
    own("trace_app:ingest"),
    # It names no project of theirs, so there is none.
    Row("trace_app:ingest", (MISSING,) * 4 + (LOGIN,) * 2, method="post"),
    Row("trace_app:share", (OK, OK, FORBIDDEN, MISSING, LOGIN, LOGIN), ("trace",)),
    act("trace_app:share", "trace", owner=200, days=7),
    act("trace_app:share_revoke", "trace", "share_key", owner=302),
    Row("trace_app:trace_delete", OWNERS, ("trace",)),
    act("trace_app:trace_delete", "trace", owner=302),
    # Without two traces named, the comparison goes back to the list and says so.
    Row("trace_app:compare", (302,) * 6),
    page("trace_app:trace", "trace"),
    page("trace_app:row", "trace"),
    page("trace_app:live", "trace"),
    replace(page("trace_app:stream", "trace"), live=True),
    page("trace_app:trace_steps", "trace"),
    page("trace_app:index", "trace"),
    page("trace_app:panel", "trace", "panel"),
    Row("trace_app:short_link", (302, 302, 302, MISSING, LOGIN, LOGIN), ("trace",)),
    act("trace_app:pin", "trace", owner=302, member=302),
    # A plain look at it leads back to the trace.
    Row("trace_app:thaw", (302, 302, 302, MISSING, LOGIN, LOGIN), ("trace",)),
    act("trace_app:thaw", "trace", owner=302, member=302),
    page("trace_app:step_source", "trace"),
    page("trace_app:rows", "trace"),
    # Without a range it says what is missing.
    Row("trace_app:marks", (400, 400, 400, MISSING, LOGIN, LOGIN), ("trace",)),
    page("trace_app:evidence", "trace", "frame"),
    page("trace_app:frame", "trace", "frame"),
    page("trace_app:snapshot", "trace", "snapshot"),
    page("trace_app:elements", "trace", "snapshot"),
    page("trace_app:exchange", "trace", "request"),
    page("trace_app:member", "trace", "member"),
    page("trace_app:blob", "trace", "blob"),
    # Without ?path= it is asked for nothing, which is missing for everybody.
    Row("trace_app:source", (MISSING, MISSING, MISSING, MISSING, LOGIN, LOGIN), ("trace",)),
    # A ticket is the right itself, for minutes; a forged one is refused to everybody.
    Row("trace_app:signed_blob", (MISSING,) * 6, ("ticket",)),
)
# The address is the right: a session adds nothing to it and is not asked for.
SHARED = tuple(
    Row(f"{space}:{name}", (OK,) * 6, ("shared", *world))
    for space in ("share", "embed")
    for name, *world in (
        ("trace",),
        ("live",),
        ("trace_steps",),
        ("index",),
        ("panel", "panel"),
        ("step_source",),
        ("rows",),
        ("frame", "frame"),
        ("snapshot", "snapshot"),
        ("elements", "snapshot"),
        ("exchange", "request"),
        ("member", "member"),
        ("evidence", "frame"),
    )
)
SHARED += tuple(Row(f"{space}:marks", (400,) * 6, ("shared",)) for space in ("share", "embed"))
SHARED += tuple(
    Row(f"{space}:stream", (OK,) * 6, ("shared",), live=True) for space in ("share", "embed")
)
# The same without a right: wrong, expired and revoked secrets answer like a missing trace.
UNSHARED = tuple(
    replace(row, answers=(MISSING,) * 6, world=("unshared", *row.world[1:]))
    for row in SHARED
    if row.name.startswith("share:") or row.name == "embed:trace"
)
DEBUGGER = (
    page("debugger:panel", "trace"),
    page("debugger:diff", "trace", "trace"),
    act("debugger:ask", "trace", owner=302, member=302, text="help"),
    Row("debugger:action", (302, 302, 302, MISSING, LOGIN, LOGIN), ("action",)),
    act("debugger:action", "action", owner=302, member=302, decision="decline"),
    Row("debugger:replay_modal", (OK, OK, FORBIDDEN, MISSING, LOGIN, LOGIN), ("trace",)),
    page("debugger:patch", "trace"),
    page("debugger:replay", "replay"),
    act("debugger:replay_cancel", "replay", owner=302, member=302),
)
HANDOFF = (
    page("mender_handoff:card", "trace"),
    Row("mender_handoff:promote_modal", (OK, OK, FORBIDDEN, MISSING, LOGIN, LOGIN), ("trace",)),
    page("mender_handoff:promote_slot", "replay"),
    own("mender_handoff:attempts"),
    page("mender_handoff:signature_attempts", "signature"),
    page("mender_handoff:attempt", "attempt"),
    act("mender_handoff:dismiss", "attempt", owner=302, member=302, reason="no"),
    own("guard:checks"),
    page("guard:check", "check"),
    page("guard:pull_requests", "project"),
    page("guard:pull_request", "project", "number"),
)
API = (
    open_to_all("trace_api:health"),
    open_to_all("trace_api:openapi"),
    Row("trace_api:traces", (OK, OK, OK, OK, REFUSED, REFUSED)),
    # It names no project of theirs, so there is none.
    Row("trace_api:ingest", (MISSING,) * 4 + (REFUSED,) * 2, method="post", json=True),
    api("trace_api:trace", "trace"),
    replace(api_act("trace_api:trace", "trace", owner=204), method="delete"),
    api("trace_api:events", "trace"),
    api("trace_api:steps", "trace"),
    api("trace_api:summary", "trace"),
    api("trace_api:manifest", "trace"),
    Row("trace_api:blob", (302, 302, 302, MISSING, REFUSED, REFUSED), ("trace", "blob")),
    api("trace_api:export", "trace"),
    replace(api("trace_api:stream", "trace"), live=True),
    api_act("trace_api:pin", "trace", owner=200, member=200),
    Row("trace_api:share", (OK, FORBIDDEN, FORBIDDEN, MISSING, REFUSED, REFUSED), ("trace",)),
    api_act("trace_api:share", "trace", owner=201),
    replace(api_act("trace_api:share_one", "trace", "share_key", owner=204), method="delete"),
    api_act("trace_api:thaw", "trace", owner=200, member=200),
    api_act("trace_api:finish", "trace", owner=400, member=400),
    api_act("debugger_api:replays", "trace", owner=409, member=409, from_step=1),
    api("debugger_api:replay", "replay"),
    api_act("debugger_api:replay_cancel", "replay", owner=202, member=202),
    api("debugger_api:diff", "trace", "trace"),
    api("debugger_api:messages", "trace"),
    api_act("debugger_api:messages", "trace", owner=201, member=201, text="help"),
    api_act("debugger_api:action", "action", owner=200, member=200, decision="decline"),
    api_act("mender_api:promote", "trace", owner=409, member=409),
    Row("mender_api:attempts", (OK, OK, OK, OK, REFUSED, REFUSED)),
    api("mender_api:attempt", "attempt"),
    api_act("mender_api:dismiss", "attempt", owner=200, member=200, reason="no"),
)
# Programs with a signature or a token of their own: no person's session opens these.
GUARD = tuple(
    Row(name, (answer,) * 6, world, method, json=True)
    for name, answer, world, method in (
        ("mender_api:guard_webhook", 400, (), "post"),
        ("guard_api:attempts", REFUSED, (), "post"),
        ("guard_api:attempt", REFUSED, ("attempt",), "get"),
        ("guard_api:checks", REFUSED, (), "post"),
        ("guard_api:check", REFUSED, ("check",), "get"),
        ("guard_api:push", REFUSED, (), "post"),
    )
)

TABLE: tuple[Row, ...] = (
    *PROJECT,
    *TEAMS,
    *TRACES,
    *SHARED,
    *UNSHARED,
    *DEBUGGER,
    *HANDOFF,
    *API,
    *GUARD,
)
WITH_OBJECT = tuple(
    row
    for row in TABLE
    if row.world and row.answers[3] == MISSING and row.answers[0] != MISSING and not row.live
)
