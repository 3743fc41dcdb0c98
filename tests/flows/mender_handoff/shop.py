"""What tests of the hand-off share: a team with its people, a project, a failed trace, signed webhooks."""

import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.test import Client

from mender_handoff.domain import webhook_signature
from mender_handoff.models import WebhookDelivery
from mender_handoff.pipeline import deliveries
from tests.harness.live import wait_for
from tests.harness.names import free
from tests.harness.shop_run import write_shop_run
from trace_app.actions.ingest import ingest_bundle
from trace_app.actions.processing import process
from trace_app.actions.projects import WEBHOOK_SECRET, connect_guard, create_project, set_switches
from trace_app.actions.teams import create_team, set_role
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.models import Project, Team, Trace
from trace_app.storage import secrets as vault

BY = System("ci")
NAMES = {Role.OWNER: "oscar", Role.MEMBER: "mia", Role.VIEWER: "vincent"}
SCENARIO = {"slug": "checkout-stripe", "id": "", "title": "Checkout with Stripe", "path": ""}
EDIT = {
    "scenario_diff": None,
    "source_diffs": [
        {
            "path": "shop/urls.py",
            "diff": "--- a/shop/urls.py\n+++ b/shop/urls.py\n@@ -12 +12 @@\n"
            '-    path("api/webhooks/stripe", webhooks.stripe),\n'
            '+    path("api/stripe/webhook", webhooks.stripe),\n',
        }
    ],
}


@dataclass
class House:
    """One team, one project with Mender on and a Guard that is never called."""

    team: Team
    project: Project
    people: dict[Role, User] = field(default_factory=dict)

    @classmethod
    def build(cls, *, guard: bool = True) -> "House":
        team = create_team(by=BY, slug=free(Team, "slug", "acme"), name="Acme")
        slug = free(Project, "slug", "shop")
        project = create_project(by=BY, team=team, slug=slug, name="Shop", repo="/nowhere")
        set_switches(by=BY, project=project, trace_capture=True, mender_enabled=True)
        if guard:
            url = "http://127.0.0.1:9/guard"
            connect_guard(by=BY, project=project, guard_api_url=url, token="t")
        return cls(team, project)

    def person(self, role: Role) -> User:
        if role not in self.people:
            name = free(User, "username", NAMES[role])
            user = User.objects.create_user(name, first_name=name.capitalize())
            set_role(by=BY, team=self.team, user=user, role=role)
            self.people[role] = user
        return self.people[role]

    def client(self, role: Role) -> Client:
        client = Client()
        client.force_login(self.person(role))
        return client

    def trace(
        self, folder: Path, *, fails: bool = True, source: str = "pr", check: str = ""
    ) -> Trace:
        # Another commit makes another upload: equal bytes are one trace.
        sha = secrets.token_hex(20)
        path = write_shop_run(folder / f"{sha}.zip", fails=fails, sha=sha)
        made = ingest_bundle(by=BY, project=self.project, path=path, source=source)
        if check:
            Trace.objects.filter(pk=made.pk).update(check_id=check)
        process(str(made.pk))
        made.refresh_from_db()
        return made

    @property
    def secret(self) -> str:
        return vault.decrypt(self.project.webhook_secret, purpose=WEBHOOK_SECRET)

    def send(
        self, kind: str, data: dict[str, Any], *, name: str = "m1", **changed: str
    ) -> tuple[int, dict[str, Any]]:
        """Post a webhook as Guard does; `changed` replaces header values."""
        body = json.dumps(
            {"type": kind, "timestamp": "2026-11-22T10:00:00Z", "data": data}
        ).encode()
        signed = webhook_signature.headers(self.secret, name, int(time.time()), body)
        signed |= {key.replace("_", "-"): value for key, value in changed.items()}
        answer = Client().post(
            f"/v1/webhooks/guard?project={self.project.slug}",
            body,
            content_type="application/json",
            headers=signed,
        )
        return answer.status_code, json.loads(answer.content or b"{}")

    def deliver(self, kind: str, data: dict[str, Any], name: str) -> None:
        """Post a webhook and process it, or wait for the worker that was quicker."""
        status, _ = self.send(kind, data, name=name)
        assert status == 202
        process_all()
        sent = WebhookDelivery.objects.filter(project=self.project, delivery_id=name)
        wait_for("the delivery", lambda: sent.exclude(processed=None).first() or tried(sent))


def tried(sent: QuerySet[WebhookDelivery]) -> WebhookDelivery | None:
    """A delivery that speaks of what is not here yet has been looked at, too."""
    return sent.filter(tries__gt=0).first()


def process_all() -> None:
    for pk in deliveries.overdue():
        deliveries.process(pk)


def check(trace: Trace | None, *, status: str = "failed", name: str = "c1") -> dict[str, Any]:
    """The data of check.completed about one trace."""
    run = {
        "id": "r1",
        "scenario": SCENARIO,
        "status": status,
        "trace_id": str(trace.pk) if trace else None,
    }
    return {
        "check": {
            "id": name,
            "repository": "shop",
            "branch": "pr/4521",
            "sha": "a" * 40,
            "source": "pr",
            "status": status,
            "url": "http://127.0.0.1/guard/checks/c1",
            "pr": 4521,
            "runs": [run],
        }
    }


def view(attempt: Any, sequence: int, state: str, **more: Any) -> dict[str, Any]:
    """The data of mender.attempt.updated."""
    return {
        "id": "job-1",
        "attempt_id": str(attempt.pk),
        "idempotency_key": attempt.idempotency_key,
        "sequence": sequence,
        "intent": "fix" if attempt.promoted_at else "analyze",
        "state": state,
        **more,
    }
