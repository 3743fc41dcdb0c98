"""The rows. A URL without one fails the suite."""

from tests.policy.rows import LOGIN, OK, Row, act, open_to_all, own, page

TEAMS = (
    # One team: the page sends its people straight to it; somebody without a team reads why.
    Row("trace_app:settings", (LOGIN, LOGIN, LOGIN, LOGIN, LOGIN, LOGIN)),
    page("trace_app:team_settings", "team"),
    act("trace_app:team_members", "team", owner=422),
    act("trace_app:team_promotion", "team", owner=302),
    act("trace_app:team_keys", "team", owner=422),
    act("trace_app:team_key_revoke", "team", "key", owner=302),
    page("trace_app:project_settings", "project"),
    act("trace_app:project_settings", "project", owner=302),
)
PROJECT = (
    Row("home", (LOGIN,) * 6),
    open_to_all("login", OK),
    Row("logout", (302,) * 6, method="post"),
)
TRACES = (own("trace_app:list"),)

TABLE: tuple[Row, ...] = (*PROJECT, *TEAMS, *TRACES)
