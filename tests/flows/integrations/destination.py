"""A project in the running Trace and a key to send to it, as an integration sees them."""

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.harness.live import LiveStack
from trace_app.actions import projects, teams
from trace_app.domain.system import System
from trace_app.models import Project, Trace

SEED = System("test")
PLUGIN = Path(__file__).parents[3] / "integrations/pytest-trace-capture/src"


@dataclass(frozen=True)
class Destination:
    """Where an integration sends its bundles."""

    live: LiveStack
    project: Project
    key: str

    @property
    def url(self) -> str:
        return self.live.url

    def environment(self) -> dict[str, str]:
        """Return the variables that integrations read, beside the machine's own."""
        own = {"TRACE_URL": self.url, "TRACE_KEY": self.key, "TRACE_PROJECT": self.project.slug}
        return {**os.environ, **own, "PYTHONPATH": str(PLUGIN)}

    def events(self, trace: Trace) -> list[dict[str, Any]]:
        """Return every event of a trace, read over HTTP."""
        found: list[dict[str, Any]] = []
        with self.live.client(self.key) as client:
            answer = client.get(f"/v1/traces/{trace.short_id}/events", params={"limit": 1000})
            answer.raise_for_status()
            found += answer.json()["events"]
        return found


def make_destination(live_stack: LiveStack) -> Destination:
    """Make a team of its own, so that no test sees another one's traces."""
    slug = f"team-{uuid.uuid4().hex[:8]}"
    team = teams.create_team(by=SEED, slug=slug, name=slug)
    project = projects.create_project(by=SEED, team=team, slug=slug, name="Shop", repo="/nowhere")
    key = projects.create_api_key(by=SEED, team=team, name="CI", scopes=["ingest", "read"])
    return Destination(live_stack, project, key.secret)
