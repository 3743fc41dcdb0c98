"""Who may do what at every address: one row per URL name, enforced by tests/flows/project/test_policy.py.

A new address without a row fails the suite, so that nobody forgets to decide.
"""

from enum import Enum


class Access(Enum):
    """What stands between a caller and the answer."""

    OPEN = "anybody"
    PERSON = "whoever is signed in; lists hold only what that person may see"
    TEAM = "who may look into the object's team; for anybody else it does not exist"
    OPERATE = "as TEAM; viewers get 403"
    PROMOTE = "as TEAM; viewers get 403, and API keys too"
    OWNER = "as TEAM; members and viewers get 403"
    TOKEN = "a caller with a secret of its own: a webhook's signature, Guard's token"


POLICY: dict[str, Access] = {
    "home": Access.PERSON,
    "login": Access.OPEN,
    "logout": Access.PERSON,
    # The record
    "trace_app:list": Access.PERSON,
    "trace_app:compare": Access.PERSON,
    "trace_app:trace": Access.TEAM,
    "trace_app:row": Access.TEAM,
    "trace_app:live": Access.TEAM,
    "trace_app:pin": Access.OPERATE,
    "trace_app:index": Access.TEAM,
    "trace_app:step_source": Access.TEAM,
    "trace_app:panel": Access.TEAM,
    "trace_app:short_link": Access.TEAM,
    "trace_app:frame": Access.TEAM,
    "trace_app:snapshot": Access.TEAM,
    "trace_app:source": Access.TEAM,
    "trace_app:member": Access.TEAM,
    "trace_app:blob": Access.TEAM,
    # The ticket is signed, names one blob and expires: the sandboxed snapshot frame has no session.
    "trace_app:signed_blob": Access.TOKEN,
    # Teams and projects
    "trace_app:settings": Access.PERSON,
    "trace_app:team_settings": Access.OWNER,
    "trace_app:team_members": Access.OWNER,
    "trace_app:team_promotion": Access.OWNER,
    "trace_app:team_keys": Access.OWNER,
    "trace_app:team_key_revoke": Access.OWNER,
    "trace_app:project_settings": Access.OWNER,
    # The Debugger
    "debugger:panel": Access.TEAM,
    "debugger:ask": Access.OPERATE,
    "debugger:action": Access.OPERATE,
    "debugger:diff": Access.TEAM,
    "debugger:replay_modal": Access.OPERATE,
    "debugger:patch": Access.TEAM,
    "debugger:replay": Access.TEAM,
    "debugger:replay_cancel": Access.OPERATE,
    # The hand-off
    "mender_handoff:card": Access.TEAM,
    "mender_handoff:promote_modal": Access.PROMOTE,
    "mender_handoff:promote_slot": Access.TEAM,
    "mender_handoff:attempts": Access.PERSON,
    "mender_handoff:attempt": Access.TEAM,
    "mender_handoff:dismiss": Access.PROMOTE,
    # The bundled Guard's pages
    "guard:checks": Access.PERSON,
    "guard:check": Access.TEAM,
    "guard:pull_requests": Access.TEAM,
    "guard:pull_request": Access.TEAM,
    # The API
    "trace_api:openapi": Access.OPEN,
    "trace_api:health": Access.OPEN,
    "trace_api:traces": Access.PERSON,
    "trace_api:ingest": Access.PERSON,
    "trace_api:trace": Access.TEAM,
    "trace_api:events": Access.TEAM,
    "trace_api:finish": Access.OPERATE,
    "trace_api:steps": Access.TEAM,
    "trace_api:summary": Access.TEAM,
    "trace_api:manifest": Access.TEAM,
    "trace_api:blob": Access.TEAM,
    "trace_api:export": Access.TEAM,
    "trace_api:stream": Access.TEAM,
    "trace_api:pin": Access.OPERATE,
    "debugger_api:replays": Access.OPERATE,
    "debugger_api:replay": Access.TEAM,
    "debugger_api:replay_cancel": Access.OPERATE,
    "debugger_api:diff": Access.TEAM,
    "debugger_api:messages": Access.OPERATE,
    "debugger_api:action": Access.OPERATE,
    "mender_api:promote": Access.PROMOTE,
    "mender_api:attempts": Access.PERSON,
    "mender_api:attempt": Access.TEAM,
    "mender_api:dismiss": Access.PROMOTE,
    "mender_api:guard_webhook": Access.TOKEN,
    "guard_api:attempts": Access.TOKEN,
    "guard_api:attempt": Access.TOKEN,
    "guard_api:checks": Access.TOKEN,
    "guard_api:check": Access.TOKEN,
    "guard_api:push": Access.TOKEN,
}
