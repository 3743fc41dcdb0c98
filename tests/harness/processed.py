"""A trace once its post-processing is done, whoever did it."""

from tests.harness.live import wait_for
from trace_app.actions.processing import process
from trace_app.models import Trace


def processed(trace: Trace) -> Trace:
    """The processed trace: by this call, or by the running product's worker that was quicker."""
    process(str(trace.pk))
    kept = Trace.objects.filter(pk=trace.pk).exclude(processed=None)
    return wait_for("the processing", kept.first)
