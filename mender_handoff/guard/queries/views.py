"""Rows of Guard as the messages of the Guard API."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from mender_handoff.domain.messages import (
    AttemptView,
    CheckView,
    EvidenceItem,
    PullRequestView,
    RunView,
    ScenarioInfo,
    StageView,
    convert,
)
from mender_handoff.guard.domain.stages import STAGES
from mender_handoff.guard.models import GuardCheck, MenderJob, MenderStage, PullRequest


def _time(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None


def check_view(check: GuardCheck) -> CheckView:
    """A check with its runs."""
    runs = [
        RunView(
            id=str(run.pk),
            scenario=ScenarioInfo(
                slug=run.scenario, id=run.scenario_id, title=run.title[:200], path=run.path[:300]
            ),
            status=run.status,
            trace_id=run.trace_id or None,
            failing_step=run.failing_step,
            duration_ms=round(run.duration_ms) if run.duration_ms is not None else None,
            message=run.message,
        )
        for run in check.runs.all()
    ]
    return CheckView(
        id=str(check.pk),
        repository=check.repository.slug,
        branch=check.branch,
        sha=check.sha,
        source=check.source,
        status=check.status,
        url=settings.TRACE_PUBLIC_URL + reverse("guard:check", args=[check.pk]),
        pr=check.pr_number,
        started_at=_time(check.started),
        completed_at=_time(check.ended),
        runs=runs,
    )


def pull_request_view(row: PullRequest) -> PullRequestView:
    """A pull request of the local forge."""
    address = reverse("guard:pull_request", args=[row.repository.slug, row.number])
    return PullRequestView(
        number=row.number,
        url=settings.TRACE_PUBLIC_URL + address,
        title=row.title,
        branch=row.head,
        base=row.base,
        draft=row.draft,
        state=row.state,
    )


def latest_stages(job: MenderJob) -> list[MenderStage]:
    """The last run of each stage, in pipeline order."""
    latest = {stage.name: stage for stage in job.stages.order_by("started", "pk")}
    return [latest[name] for name in STAGES if name in latest]


def attempt_view(job: MenderJob) -> AttemptView:
    """A job as Trace's attempt sees it."""
    found = job.result
    revalidation = job.revalidation
    return AttemptView(
        id=str(job.pk),
        attempt_id=job.attempt_id,
        idempotency_key=job.idempotency_key,
        sequence=job.sequence,
        intent=job.kind,
        state=job.state,
        classification=found.get("classification", ""),
        confidence=found.get("confidence", 0.0),
        analysis_line=found.get("analysis_line", ""),
        analysis_markdown=found.get("analysis_markdown", ""),
        evidence=[convert(one, EvidenceItem) for one in found.get("evidence", [])],
        base_sha=found.get("base_sha", ""),
        head_sha=found.get("head_sha", ""),
        pull_request=pull_request_view(job.pull_request) if job.pull_request else None,
        red_trace=found.get("red_trace"),
        green_trace=found.get("green_trace"),
        revalidation_check=str(revalidation.pk) if revalidation else None,
        revalidation_trace=found.get("revalidation_trace"),
        merge_sha=found.get("merge_sha", ""),
        stages=_stage_views(job),
        error=job.note,
    )


def _stage_views(job: MenderJob) -> list[StageView]:
    rows = {stage.name: stage for stage in latest_stages(job)}
    wanted = STAGES if job.kind == "fix" else STAGES[:1]
    views = []
    for name in wanted:
        row = rows.get(name)
        if row is None:
            views.append(StageView(name=name, state="pending"))
            continue
        views.append(
            StageView(
                name=name,
                state=row.state,
                started_at=_time(row.started),
                ended_at=_time(row.ended),
                input_sha256=row.input_sha256,
                result=row.result,
                error=row.error,
            )
        )
    return views
