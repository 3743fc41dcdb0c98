"""Processes received webhooks.

Links traces, pins failures, asks for an analysis, takes over Mender's updates.
"""

import logging

import msgspec
from django.db.models import Q, QuerySet
from django.utils import timezone

from mender_handoff.actions import deliveries, updates
from mender_handoff.actions.suggestions import suggest
from mender_handoff.domain.messages import (
    AttemptView,
    CheckCompleted,
    CheckView,
    RevalidationCompleted,
    RunView,
    UnknownTypeError,
    convert,
)
from mender_handoff.models import WebhookDelivery
from trace_app.actions import traces
from trace_app.domain.states import QUIET_SOURCES, TraceSource, TraceStatus
from trace_app.domain.system import System
from trace_app.models import Project, Trace

logger = logging.getLogger(__name__)
GUARD = System("guard webhook")
#: A pull request of Mender that fails its check is Mender's own business, not a new suggestion.
NOT_CLASSIFIED = QUIET_SOURCES | {TraceSource.REVALIDATION}


class NotYetError(Exception):
    """A trace the webhook speaks of has not arrived, or is not read yet."""


def process(pk: int) -> bool:
    """Process one delivery; False when it must be tried again. Safe to call any number of times."""
    delivery = deliveries.take(pk=pk)
    if delivery is None:
        return True
    try:
        HANDLERS[delivery.event](delivery)
    except NotYetError as waiting:
        deliveries.not_yet(delivery=delivery, reason=str(waiting))
        return False
    except Exception as error:
        # One bad message must not stop the others; the sweep tries it again, its row says why.
        logger.exception("delivery %s", pk)
        deliveries.not_yet(delivery=delivery, reason=f"{type(error).__name__}: {error}")
        return True
    deliveries.done(delivery=delivery)
    return True


def _check_completed(delivery: WebhookDelivery) -> None:
    _take_runs(delivery, convert(delivery.body["data"], CheckCompleted).check)


def _take_runs(delivery: WebhookDelivery, check: CheckView) -> None:
    """Link every run whose trace is here, each once. Raises NotYetError when one is late."""
    late = [run.scenario.slug for run in check.runs if not _take_run(delivery, check, run)]
    if late:
        raise NotYetError(f"waiting for the trace of {', '.join(late)}")


def _take_run(delivery: WebhookDelivery, check: CheckView, run: RunView) -> bool:
    """Link one run's trace. False while its trace is expected and not there."""
    found = _traces_of(delivery.project, check, run)
    key = found.values_list("pk", flat=True).first()
    if key is None:
        return run.trace_id is None
    if str(key) in delivery.taken:
        return True
    trace = found.select_related("project__team", "signature").get(pk=key)
    if trace.processed is None:
        return False
    _take_trace(check, trace)
    delivery.taken.append(str(key))
    return True


def _take_trace(check: CheckView, trace: Trace) -> None:
    """Link a trace that is read to its check; of a failure, pin it and ask for an analysis."""
    failed = trace.status == TraceStatus.FAILED and trace.source not in QUIET_SOURCES
    traces.link_check(
        by=GUARD,
        trace=trace,
        check_id=check.id,
        check_url=check.url,
        pr_number=check.pr,
        auto_pin=failed,
    )
    project = trace.project
    classified = trace.source not in NOT_CLASSIFIED and trace.signature_id is not None
    if failed and classified and project.mender_enabled and project.guard_api_url:
        suggest(by=GUARD, trace=trace)


def _traces_of(project: Project, check: CheckView, run: RunView) -> QuerySet[Trace]:
    """By (check id, scenario), which holds in either order; if a run was repeated, newest first."""
    named = Q(scenario_slug=run.scenario.slug)
    if run.scenario.id:
        named |= Q(scenario_id=run.scenario.id)
    return Trace.objects.filter(named, project=project, check_id=check.id).order_by("-created")


def _attempt_updated(delivery: WebhookDelivery) -> None:
    view = convert(delivery.body["data"], AttemptView)
    updates.take_update(project=delivery.project, view=view)


def _revalidation_completed(delivery: WebhookDelivery) -> None:
    message = convert(delivery.body["data"], RevalidationCompleted)
    updates.take_revalidation(
        project=delivery.project, attempt_id=message.attempt_id, check=message.check
    )
    _take_runs(delivery, message.check)


HANDLERS = {
    "check.completed": _check_completed,
    "mender.attempt.updated": _attempt_updated,
    "revalidation.completed": _revalidation_completed,
}
KINDS: dict[str, type[msgspec.Struct]] = {
    "check.completed": CheckCompleted,
    "mender.attempt.updated": AttemptView,
    "revalidation.completed": RevalidationCompleted,
}


def check_message(kind: str, data: object) -> None:
    """Raise MessageError unless `data` is a message of this kind; UnknownTypeError for no kind."""
    if kind not in KINDS:
        raise UnknownTypeError(f"unknown type {kind!r}; known are {', '.join(KINDS)}")
    convert(data, KINDS[kind])


def overdue() -> list[int]:
    """Deliveries to process that nobody is at."""
    rows = WebhookDelivery.objects.filter(processed=None).exclude(lease_until__gt=timezone.now())
    return list(rows.order_by("pk").values_list("pk", flat=True)[:500])
