"""What tests of the record share: a project, recorded zips, a small failed run."""

from pathlib import Path

from trace_app.actions.projects import create_project
from trace_app.actions.teams import create_team
from trace_app.domain.events import Event
from trace_app.domain.system import System
from trace_app.models import Project

PLAYWRIGHT = Path(__file__).parents[1] / "fixtures" / "playwright"
FAILED_ZIP = PLAYWRIGHT / "py-fail.trace.zip"
BY = System("ci")


def make_project(slug: str = "shop", team: str = "acme") -> Project:
    owner = create_team(by=BY, slug=team, name=team.title())
    return create_project(by=BY, team=owner, slug=slug, name=slug.title(), repo="/nowhere")


def webhook_run(amount: int = 9000) -> list[Event]:
    """One step that fails because a webhook is answered 404; numbers have gaps."""
    url = "http://app/api/stripe/webhook"
    sent = {"method": "POST", "url": url, "source": "clone:stripe"}
    said = {"kind": "webhook", "text": "webhook stripe `x` delivered", "ok": False}
    state = {"clone": "stripe", "state": {"payment_intents": [{"amount": amount}]}}
    error = {"message": "answered 404"}
    return [
        Event(seq=1, ts=0, kind="run.start", data={"started_at": "2026-11-22T10:00:00Z"}),
        Event(seq=2, ts=0, kind="clone.state", step=0, data={"clone": "stripe", "state": {}}),
        Event(seq=3, ts=1, kind="step.start", step=1, data={"title": "Pay", "text": "click"}),
        Event(seq=4, ts=2, kind="network.request", step=1, data=sent),
        Event(
            seq=5,
            ts=3,
            kind="network.response",
            step=1,
            ref=4,
            dur=1,
            level="error",
            data={"status": 404},
        ),
        Event(seq=6, ts=4, kind="assertion", step=1, level="error", data={**said, **error}),
        Event(seq=7, ts=5, kind="clone.state", step=1, data=state),
        Event(
            seq=9,
            ts=6,
            kind="step.end",
            step=1,
            ref=3,
            dur=5,
            level="error",
            data={"status": "failed", "error": error},
        ),
        Event(seq=12, ts=7, kind="run.end", data={"status": "failed", "failing_step": 1}),
    ]
