"""What a recorder says when it opens a trace for append; run.json without an end."""

import msgspec

from trace_app.domain.bundle import PullNumber, ScenarioRef, Source, TestRef


class OpenRun(msgspec.Struct, kw_only=True, frozen=True):
    """Every field is optional. Times: RFC 3339."""

    title: str = ""
    scenario: ScenarioRef | None = None
    test: TestRef | None = None
    sha: str = ""
    branch: str = ""
    pr: PullNumber | None = None
    source: Source = "manual"
    check_id: str | None = None
    started_at: str = ""
    author: str = ""
